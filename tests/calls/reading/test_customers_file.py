"""A customers file fills plan, price and organization, and is remembered with the reports."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from calls.engine import Calls, open_calls
from calls.reading.customers_file import digest_of, read_customers
from calls.schema import REQUIRED_NAMES
from calls.selection import Selection
from foundation.outcome import ExitCode, UsageError
from foundation.release import VERSION
from tests.calls import call_files
from tests.running import run_script
from viewer.generation import load_generation
from viewer.inputs import Inputs
from viewer.up_to_date import is_up_to_date

TERMS = "select customer_id, subscription_tier, tier_price_usd, organization_id, count(*) as calls from calls group by all order by all"
FILE = (
    "\ufeffcustomer_id, subscription_tier,tier_price_usd,organization_id,remark\r\n"
    "a,gold,49.5,,new plan\r\n"
    'b,,,"Acme, Inc.",\r\n'
    "nobody,pro,9,,\r\n"
    ",free,0,,\r\n"
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Three customers with two calls each, two of them without terms of their own, and calls of nobody."""
    rows = [
        call_files.row(number, customer_id=customer, tier_price_usd="20")
        | ({} if customer == "b" else {"subscription_tier": "", "organization_id": "", "tier_price_usd": ""})
        for number, customer in enumerate(("a", "a", "b", "b", "c", "c", "", ""))
    ]
    return call_files.write(tmp_path / "calls.csv", rows, (*REQUIRED_NAMES, "tier_price_usd"))


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_bytes(FILE.encode())
    return path


def terms(calls: Calls) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in calls.sql(TERMS)]


def test_what_the_file_says_goes_before_what_the_calls_say(source: Path, customers: Path) -> None:
    with open_calls(source, Selection(customers=customers)) as calls:
        assert terms(calls) == [
            ("", "", None, "", 2),
            ("a", "gold", Decimal("49.5"), "", 2),
            ("b", "pro", Decimal(20), "Acme, Inc.", 2),
            ("c", "", None, "", 2),
        ]
        assert calls.source.accepted == calls.source.used == 8


def test_filters_see_what_was_filled(source: Path, customers: Path) -> None:
    with open_calls(source, Selection(customers=customers, where=(("subscription_tier", "gold"),))) as calls:
        assert terms(calls) == [("a", "gold", Decimal("49.5"), "", 2)]


def test_columns_that_the_file_gives_are_known_ones(tmp_path: Path, customers: Path) -> None:
    plain = call_files.write(tmp_path / "plain.csv", call_files.rows(2, customer_id="a"))
    assert "tier_price_usd" not in open_calls(plain).source.columns
    with open_calls(
        plain, Selection(customers=customers, excluded_columns=("customer_id", "request_id"))
    ) as calls:
        assert "tier_price_usd" in calls.source.columns
        assert terms(calls) == [("a", "gold", Decimal("49.5"), "org", 2)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("customer_id\na\n", "needs a column customer_id and at least one of"),
        ("customer,subscription_tier\na,b\n", "needs a column customer_id"),
        ("customer_id,subscription_tier\na,x\na,y\n", "line 3: customer a stands twice"),
        ("customer_id,tier_price_usd\na,cheap\n", "line 2: tier_price_usd is cheap"),
        ("customer_id,tier_price_usd\na,-1\n", "allowed is 0 to 1000000"),
        ("customer_id,tier_price_usd\na,NaN\n", "tier_price_usd is NaN"),
        ("customer_id,tier_price_usd\nz,1\n", "none of its 1 customers has a call"),
        ("", "needs a column customer_id"),
    ],
)
def test_an_unusable_file_is_one_sentence(source: Path, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "c.csv").write_text(content)
    with pytest.raises(UsageError, match=words):
        open_calls(source, Selection(customers=tmp_path / "c.csv"))


def test_a_missing_file_is_one_sentence(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.csv does not exist; check the path"):
        open_calls(source, Selection(customers=tmp_path / "nowhere.csv"))


def test_many_customers(tmp_path: Path) -> None:
    lines = "".join(f"c{number},plan{number % 3},{number % 500}.25\n" for number in range(30_000))
    (tmp_path / "many.csv").write_text("customer_id,subscription_tier,tier_price_usd\n" + lines)
    assert len(read_customers(tmp_path / "many.csv")) == 30_000
    source = call_files.write(
        tmp_path / "calls.csv",
        [call_files.row(number, customer_id=f"c{number}") for number in range(0, 3_000, 7)],
    )
    with open_calls(source, Selection(customers=tmp_path / "many.csv")) as calls:
        (wrong,) = calls.sql(
            "select count(*) as n from calls where subscription_tier <> 'plan' || "
            "cast(cast(substr(customer_id, 2) as bigint) % 3 as varchar)"
        )
        assert (wrong.n, calls.source.used) == (0, 429)


def test_every_report_and_script_takes_it(source: Path, customers: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports"
    run_script("run_all_analyzers.py", "--data", source, "--customers", customers, "--out", out, "--quiet")
    json_report = json.loads((out / "json" / "customer_profitability.json").read_text(encoding="utf-8"))
    by_customer = {entry["customer"]: entry for entry in json_report["result"]["customers"]}
    assert (by_customer["a"]["plan"], by_customer["b"]["organization"]) == ("gold", "Acme, Inc.")
    assert Decimal(by_customer["a"]["monthly_usd"]) == Decimal("49.5")
    assert json_report["source"]["filters"]["customers"] == str(customers)
    alone = tmp_path / "alone"
    run_script(
        "analyzers/ubr/profitability.py",
        "--data",
        source,
        "--customers",
        customers,
        "--out",
        alone,
        "--quiet",
    )
    assert (alone / "json" / "customer_profitability.json").exists()
    done = run_script("export_data.py", "--format", "jsonl", "--data", source, "--customers", customers, "--out",
                      tmp_path / "x.jsonl")  # fmt: skip
    assert "Exported 8 calls" in done.stdout
    assert {json.loads(line)["subscription_tier"] for line in (tmp_path / "x.jsonl").read_text().splitlines()} == {
        "", "gold", "pro",
    }  # fmt: skip


def test_reports_are_stale_when_the_file_changes(source: Path, customers: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports"
    run_script("run_all_analyzers.py", "--data", source, "--customers", customers, "--out", out, "--quiet",
               "--only", "customer_profitability")  # fmt: skip
    generation = load_generation(out)
    filters = generation.manifest.source.filters
    assert (filters.customers, filters.customers_digest) == (str(customers), digest_of(customers))
    inputs = Inputs(source, tmp_path)
    assert is_up_to_date(generation, inputs, tool_version=VERSION)
    customers.write_text(FILE.replace("49.5", "59.5"))
    assert not is_up_to_date(generation, inputs, tool_version=VERSION)
    customers.unlink()
    assert not is_up_to_date(generation, inputs, tool_version=VERSION)


def test_misuse_ends_a_run_with_its_code(source: Path, tmp_path: Path) -> None:
    done = run_script("run_all_analyzers.py", "--data", source, "--customers", tmp_path / "no.csv", "--out",
                      tmp_path / "r", code=ExitCode.USAGE)  # fmt: skip
    assert "no.csv does not exist; check the path" in done.stderr
    assert not (tmp_path / "r" / "html").exists()
