"""What the FOCUS validator cannot see: sums against the calls, periods, prices, tags, and what is said of unknowns."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.schema import COLUMN_NAMES
from interchange.exporters.focus_columns import COLUMNS
from interchange.exporters.focus_file import UnlistedModel
from tests.calls import call_files
from tests.interchange.exporters.exporting import KNOWN, SETTINGS, exported

MTOK = Decimal(10) ** 6
RATES = {
    "input": Decimal("0.1"), "cached-input": Decimal("0.01"), "cache-write": Decimal("0.125"), "output": Decimal("0.5"),
}  # fmt: skip
"""USD for a million tokens of `KNOWN`; a test below compares with pricing.toml."""
INSTANT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:00:00Z")
PLAIN_DECIMAL = re.compile(r"-?(0|[1-9]\d*)\.\d+")

Charge = dict[str, str]


def call(number: int, **changes: str) -> dict[str, str]:
    """A call of a model with list prices, which cost what its tokens cost."""
    row = call_files.row(number) | {"provider": KNOWN[0], "model": KNOWN[1], "status": "success"} | changes
    if "cost_usd" not in changes:
        row["cost_usd"] = f"{list_cost(row).quantize(Decimal('1e-9')):f}"
    return row


def meters(row: dict[str, str]) -> dict[str, int]:
    """Tokens by kind: the parts of the input that were cached or written are no plain input."""
    cached, written = int(row.get("cached_input_tokens") or 0), int(row.get("cache_write_tokens") or 0)
    total = int(row["input_tokens"])
    return {
        "input": total - cached - written, "cached-input": cached, "cache-write": written,
        "output": int(row["output_tokens"]),
    }  # fmt: skip


def list_cost(row: dict[str, str]) -> Decimal:
    return sum((tokens * RATES[meter] for meter, tokens in meters(row).items()), Decimal(0)) / MTOK


def focus(folder: Path, rows: list[dict[str, str]], **options: Any) -> list[Charge]:
    """The charges of some calls."""
    source = call_files.write(folder / "calls.csv", rows, COLUMN_NAMES)
    exported(source, folder / "focus.csv", "focus", **options)
    return read(folder / "focus.csv")


def read(path: Path) -> list[Charge]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def total(charges: Iterable[Charge], column: str) -> Decimal:
    return sum((Decimal(charge[column]) for charge in charges), Decimal(0))


@pytest.fixture(scope="module")
def simulated(small_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Charge]:
    target = tmp_path_factory.mktemp("focus") / "calls.focus.csv"
    exported(small_csv, target, "focus")
    return read(target)


def test_sums_are_those_of_the_calls(small_csv: Path, simulated: list[Charge]) -> None:
    calls = read(small_csv)
    assert total(simulated, "BilledCost") == sum(Decimal(row["cost_usd"]) for row in calls) > 0
    assert total(simulated, "EffectiveCost") == total(simulated, "BilledCost")
    assert total(simulated, "ConsumedQuantity") == sum(
        int(row["input_tokens"]) + int(row["output_tokens"]) for row in calls
    )
    assert total(simulated, "x_CallCount") == len(calls)
    by_meter: dict[str, int] = defaultdict(int)
    for row in calls:
        for meter, tokens in meters(row).items():
            by_meter[meter] += tokens
    for meter, tokens in by_meter.items():
        assert total((c for c in simulated if c["x_TokenType"] == meter), "ConsumedQuantity") == tokens > 0


def test_sums_by_hour_and_customer_are_those_of_the_calls(small_csv: Path, simulated: list[Charge]) -> None:
    expected: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in read(small_csv):
        hour = datetime.fromisoformat(row["timestamp"]).strftime("%Y-%m-%dT%H:00:00Z")
        key = (hour, row["organization_id"], row["customer_id"], row["region"], row["model"])
        expected[key] += Decimal(row["cost_usd"])
    found: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for charge in simulated:
        names = ("ChargePeriodStart", "BillingAccountId", "SubAccountId", "RegionId", "x_Model")
        found[tuple(charge[name] for name in names)] += Decimal(charge["BilledCost"])
    assert found == expected


def test_each_charge_is_its_price_times_its_quantity(simulated: list[Charge]) -> None:
    for charge in simulated:
        quantity, consumed = Decimal(charge["PricingQuantity"]), Decimal(charge["ConsumedQuantity"])
        assert quantity == consumed / MTOK
        assert Decimal(charge["ListCost"]) == quantity * Decimal(charge["ListUnitPrice"])
        assert Decimal(charge["ContractedCost"]) == quantity * Decimal(charge["ContractedUnitPrice"])
        # The simulators charge list prices, rounded once per call to nine decimals.
        assert abs(Decimal(charge["BilledCost"]) - Decimal(charge["ListCost"])) < Decimal("1e-7")
        assert charge["PricingCurrencyListUnitPrice"] == charge["ListUnitPrice"]
        assert charge["PricingCurrencyEffectiveCost"] == charge["EffectiveCost"] == charge["BilledCost"]


def test_periods_are_whole_hours_within_their_month(simulated: list[Charge]) -> None:
    for charge in simulated:
        start, end, first, last = (
            datetime.fromisoformat(charge[name])
            for name in ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd")
        )
        assert end - start == timedelta(hours=1)
        assert first == start.replace(day=1, hour=0)
        assert last == first + relativedelta(months=1)


def test_charges_by_day_have_the_same_sums(small_csv: Path, simulated: list[Charge], tmp_path: Path) -> None:
    exported(small_csv, tmp_path / "f.csv", "focus", charge_period="day")
    by_day = read(tmp_path / "f.csv")
    assert len(by_day) < len(simulated)
    for column in ("BilledCost", "ConsumedQuantity", "ListCost", "x_CallCount"):
        assert total(by_day, column) == total(simulated, column)
    for charge in by_day:
        start, end = (datetime.fromisoformat(charge[f"ChargePeriod{name}"]) for name in ("Start", "End"))
        assert (start.hour, end - start) == (0, timedelta(days=1))


def test_every_value_is_printed_as_focus_wants_it(simulated: list[Charge]) -> None:
    instants = {name for name in simulated[0] if name.startswith(("ChargePeriod", "BillingPeriod"))}
    decimals = {
        name
        for name in simulated[0]
        if name.endswith(("Cost", "UnitPrice", "Quantity")) or name == "x_AverageLatencyMs"
    }
    assert (len(instants), len(decimals)) == (4, 13)
    for charge in simulated:
        assert all(INSTANT.fullmatch(charge[name]) for name in instants)
        assert all(not charge[name] or PLAIN_DECIMAL.fullmatch(charge[name]) for name in decimals)
        details, tags = json.loads(charge["SkuPriceDetails"]), json.loads(charge["Tags"])
        assert all(name.startswith("x_") for name in details)
        assert set(tags) <= {"environment", "feature_id", "product_id", "subscription_tier", "task_type"}
        assert all(isinstance(value, str) and value for value in tags.values())
        assert charge["ChargeFrequency"] == "Usage-Based"
        assert (charge["ServiceCategory"], charge["ServiceSubcategory"]) == (
            "AI and Machine Learning",
            "Generative AI",
        )


def test_columns_are_in_order_and_no_charge_stands_twice(simulated: list[Charge]) -> None:
    names = list(simulated[0])
    own = [name for name in names if name.startswith("x_")]
    assert names == sorted(set(names) - set(own)) + sorted(own)
    assert len(names) - len(own) == 57
    key = (
        "ChargePeriodStart",
        "BillingAccountId",
        "SubAccountId",
        "SkuPriceId",
        "Tags",
        "RegionId",
        "x_CostStatus",
    )
    assert len({tuple(charge[name] for name in key) for charge in simulated}) == len(simulated)


def test_rates_used_here_are_those_of_the_price_list() -> None:
    rate = SETTINGS.pricing.rate(*KNOWN, date(2026, 3, 1))
    assert rate is not None
    assert {
        "input": rate.input_usd_per_mtok, "cached-input": rate.cached_input_usd_per_mtok,
        "cache-write": rate.cache_write_usd_per_mtok, "output": rate.output_usd_per_mtok,
    } == RATES  # fmt: skip


def test_one_call_becomes_a_charge_for_each_kind_of_token(tmp_path: Path) -> None:
    row = call(
        0, input_tokens="1000", output_tokens="100", cached_input_tokens="600", cache_write_tokens="300"
    )
    charges = focus(tmp_path, [row])
    assert [(c["SkuMeter"], c["ConsumedQuantity"], c["BilledCost"], c["x_CallCount"]) for c in charges] == [
        ("Cache Write Tokens", "300.0", "0.0000375", "0"),
        ("Cached Input Tokens", "600.0", "0.000006", "0"),
        ("Input Tokens", "100.0", "0.00001", "1"),
        ("Output Tokens", "100.0", "0.00005", "0"),
    ]
    assert charges[0]["SkuPriceId"] == "openai/gpt-6-luna/cache-write-tokens/standard"
    assert charges[0]["ListUnitPrice"] == "0.125"


def test_parts_larger_than_their_total_leave_no_negative_tokens(tmp_path: Path) -> None:
    row = call(
        0, input_tokens="10", output_tokens="5", cached_input_tokens="8", cache_write_tokens="7", cost_usd="1"
    )
    charges = focus(tmp_path, [row])
    assert {c["x_TokenType"]: c["ConsumedQuantity"] for c in charges} == {
        "cached-input": "8.0", "cache-write": "2.0", "output": "5.0",
    }  # fmt: skip


def test_a_recorded_cost_is_divided_as_list_prices_would(tmp_path: Path) -> None:
    charges = focus(tmp_path, [call(0, input_tokens="100000", output_tokens="20000", cost_usd="0.008")])
    # 0.01 and 0.01 at list; 0.008 recorded.
    assert [(c["BilledCost"], c["ListCost"]) for c in charges] == [("0.004", "0.01"), ("0.004", "0.01")]


def test_nothing_is_lost_when_a_cost_cannot_be_divided_evenly(tmp_path: Path) -> None:
    row = call(0, input_tokens="3", output_tokens="1", cached_input_tokens="1", cost_usd="0.000000001")
    charges = focus(tmp_path, [row])
    assert total(charges, "BilledCost") == Decimal("0.000000001")
    assert all(Decimal(c["BilledCost"]) >= 0 for c in charges)


def test_unknown_cost_is_marked_and_counted_and_never_mixed(tmp_path: Path) -> None:
    source = call_files.write(
        tmp_path / "c.csv",
        [call(0, cost_usd="0.5"), call(1, cost_usd=""), call(2, cost_usd="0")],
        COLUMN_NAMES,
    )
    result = exported(source, tmp_path / "f.csv", "focus")
    assert (result.calls, result.unknown_cost_calls, result.cost_usd) == (3, 1, Decimal("0.5"))
    charges = read(tmp_path / "f.csv")
    unknown = [c for c in charges if c["x_CostStatus"] == "Unknown"]
    known = [c for c in charges if c["x_CostStatus"] == "Recorded"]
    assert {c["BilledCost"] for c in unknown} == {"0.0"}
    assert all("cost unknown" in c["ChargeDescription"] for c in unknown)
    assert not any("unknown" in c["ChargeDescription"] for c in known)
    assert total(unknown, "ListCost") == list_cost(call(1))
    assert (total(known, "BilledCost"), total(known, "x_CallCount"), total(unknown, "x_CallCount")) == (
        Decimal("0.5"), 2, 1,
    )  # fmt: skip


def test_a_lower_bound_is_marked_and_never_mixed(tmp_path: Path) -> None:
    bound = call(1, cost_usd="0.25", cost_source="partial", cost_gap="code_execution")
    charges = focus(tmp_path, [call(0, cost_usd="0.5"), bound])
    partial = [c for c in charges if c["x_CostStatus"] == "Partial"]
    assert total(partial, "BilledCost") == Decimal("0.25")
    assert all("cost at least" in c["ChargeDescription"] for c in partial)
    assert total([c for c in charges if c["x_CostStatus"] == "Recorded"], "BilledCost") == Decimal("0.5")


def test_each_tier_has_prices_of_its_own(tmp_path: Path) -> None:
    """gpt-5.4 on 20 November 2026: 2.50 USD for a million input tokens, 1.25 as a batch, 5 as priority."""
    rows = [
        call(place, model="gpt-5.4", timestamp="2026-11-20T10:00:00.000000", cost_usd="1", service_tier=tier)
        for place, tier in enumerate(("", "default", "batch", "priority"))
    ]
    charges = [c for c in focus(tmp_path, rows) if c["x_TokenType"] == "input"]
    prices = {(c["SkuPriceId"].partition("/standard")[2], Decimal(c["ListUnitPrice"])) for c in charges}
    assert prices == {("", Decimal("2.5")), ("/batch", Decimal("1.25")), ("/priority", Decimal(5))}
    tiers = {json.loads(c["SkuPriceDetails"]).get("x_ServiceTier") for c in charges}
    assert tiers == {None, "batch", "priority"}


def test_writes_by_lifetime_and_sound_have_meters_of_their_own(tmp_path: Path) -> None:
    """Claude Sonnet 4.5 in the batch: 1.50, 1.875 and 3 USD for a million read, written, and written for an hour.

    Gemini 2.5 Flash: 0.30 for text, 1 for sound, 0.10 for cached sound, 2.50 for output.
    """
    day = {"timestamp": "2026-11-20T10:00:00.000000"}
    written = call(
        0, **day, provider="anthropic", model="claude-sonnet-4-5", service_tier="batch", input_tokens="1000",
        output_tokens="0", cache_write_tokens="500", cache_write_1h_tokens="300",
        cost_usd="0.002025",  # (500 x 1.5 + 200 x 1.875 + 300 x 3) / 1,000,000
    )  # fmt: skip
    heard = call(
        1, **day, provider="google", model="gemini-2.5-flash", input_tokens="101000", output_tokens="500",
        cached_input_tokens="40000", input_audio_tokens="100000", cached_input_audio_tokens="40000", cost_usd="0.06555",
    )  # fmt: skip
    charges = focus(tmp_path, [written, heard])
    assert {
        c["SkuId"].partition("/")[2]: (c["SkuMeter"], c["ConsumedQuantity"], c["BilledCost"]) for c in charges
    } == {
        "claude-sonnet-4-5/input-tokens": ("Input Tokens", "500.0", "0.00075"),
        "claude-sonnet-4-5/cache-write-tokens": ("Cache Write Tokens", "200.0", "0.000375"),
        "claude-sonnet-4-5/cache-write-1h-tokens": ("Cache Write 1h Tokens", "300.0", "0.0009"),
        "gemini-2.5-flash/input-tokens": ("Input Tokens", "1000.0", "0.0003"),
        "gemini-2.5-flash/input-audio-tokens": ("Input Audio Tokens", "60000.0", "0.06"),
        "gemini-2.5-flash/cached-input-audio-tokens": ("Cached Input Audio Tokens", "40000.0", "0.004"),
        "gemini-2.5-flash/output-tokens": ("Output Tokens", "500.0", "0.00125"),
    }
    assert total(charges, "ListCost") == total(charges, "BilledCost") == Decimal("0.067575")
    assert total(charges, "x_CallCount") == 2
    assert {json.loads(c["SkuPriceDetails"])["x_TokenType"] for c in charges} >= {
        "cache-write-1h",
        "input-audio",
    }


def test_a_kind_of_token_without_a_price_leaves_its_calls_without_unit_prices(tmp_path: Path) -> None:
    rows = [
        call(0, cost_usd="1", input_audio_tokens="10"),
        call(1, cost_usd="2", input_tokens="5", input_audio_tokens="10"),  # more sound than input
        call(2, cost_usd="4"),
    ]
    charges = focus(tmp_path, rows)
    unlisted = [c for c in charges if c["x_ListPriceStatus"] == "Unlisted"]
    assert {(c["SkuMeter"], c["BilledCost"], c["x_CallCount"]) for c in unlisted} == {("Tokens", "1.0", "1")}
    assert total(charges, "BilledCost") == 7
    assert total(charges, "ConsumedQuantity") == sum(
        int(row["input_tokens"]) + int(row["output_tokens"]) for row in rows
    )


def test_a_model_without_list_price_has_one_charge_and_no_unit_price(tmp_path: Path) -> None:
    rows = [
        call(0, model="own-llm", cost_usd="0.25", cached_input_tokens="7"),
        call(1, model="own-llm", cost_usd=""),
    ]
    source = call_files.write(tmp_path / "c.csv", rows, COLUMN_NAMES)
    result = exported(source, tmp_path / "f.csv", "focus")
    assert result.unlisted == (UnlistedModel("openai", "own-llm", 1, Decimal("0.25")),)
    known, unknown = sorted(read(tmp_path / "f.csv"), key=lambda c: c["x_CostStatus"])
    assert (known["SkuMeter"], known["ConsumedQuantity"], known["BilledCost"]) == ("Tokens", "120.0", "0.25")
    assert (known["ListUnitPrice"], known["ContractedUnitPrice"]) == ("", "")
    assert known["ListCost"] == known["ContractedCost"] == "0.25"
    assert {known["x_ListPriceStatus"], unknown["x_ListPriceStatus"]} == {"Unlisted"}
    assert (unknown["BilledCost"], unknown["x_CostStatus"]) == ("0.0", "Unknown")


def test_a_failed_call_without_tokens_keeps_its_charge(tmp_path: Path) -> None:
    (charge,) = focus(tmp_path, [call(0, input_tokens="0", output_tokens="0", cost_usd="0", status="error")])
    assert (charge["SkuMeter"], charge["ConsumedQuantity"], charge["x_CallCount"]) == (
        "Input Tokens",
        "0.0",
        "1",
    )


def test_accounts_and_discounts_of_the_settings(tmp_path: Path) -> None:
    contract = replace(
        SETTINGS.focus,
        billing_accounts={"openai": "org-123"},
        negotiated_discounts={"openai": Decimal("0.1")},
    )
    charges = focus(tmp_path, [call(0), call(1, provider="anthropic", model="claude-opus-5-5", cost_usd="1")],
                    settings=replace(SETTINGS, focus=contract))  # fmt: skip
    ours = [c for c in charges if c["ProviderName"] == "OpenAI"]
    others = [c for c in charges if c["ProviderName"] == "Anthropic"]
    assert {c["BillingAccountId"] for c in ours} == {"org-123"}
    assert {c["BillingAccountId"] for c in others} == {"org"}
    assert {c["x_TokenType"]: c["ContractedUnitPrice"] for c in ours} == {"input": "0.09", "output": "0.45"}
    assert all(c["ContractedUnitPrice"] == c["ListUnitPrice"] for c in others)


def test_names_of_sellers_makers_and_what_is_not_allocated(tmp_path: Path) -> None:
    rows = [
        call(0, provider="bedrock", model="anthropic.claude-sonnet-5-5", cost_usd="1", region="eu-west-1"),
        call(1, provider="aws", model="amazon.nova-pro", cost_usd="1", organization_id="", customer_id=""),
        call(2, provider="", model="", cost_usd="1"),
        call(3, provider="MyHost", model="llm", cost_usd="1"),
    ]
    names = ("ProviderName", "InvoiceIssuerName", "PublisherName", "ServiceName")
    by_model = {c["x_Model"]: c for c in focus(tmp_path, rows)}
    assert {model: tuple(charge[name] for name in names) for model, charge in by_model.items()} == {
        "anthropic.claude-sonnet-5-5": ("AWS", "AWS", "Anthropic", "Amazon Bedrock"),
        "amazon.nova-pro": ("AWS", "AWS", "Amazon", "Amazon Bedrock"),
        "Unknown": ("Unknown", "Unknown", "Unknown", "Unknown API"),
        "llm": ("MyHost", "MyHost", "MyHost", "MyHost API"),
    }
    regional, unallocated = by_model["anthropic.claude-sonnet-5-5"], by_model["amazon.nova-pro"]
    assert (regional["RegionId"], regional["RegionName"], unallocated["RegionId"]) == (
        "eu-west-1",
        "eu-west-1",
        "",
    )
    assert unallocated["BillingAccountId"] == "unallocated"
    assert [unallocated[f"SubAccount{part}"] for part in ("Id", "Name", "Type")] == ["", "", ""]


def test_long_prompts_and_new_prices_are_prices_of_their_own(tmp_path: Path) -> None:
    model = next(
        entry
        for entry in SETTINGS.pricing.model
        if any(price.above_input_tokens > 0 for price in entry.price)
    )
    limit = max(price.above_input_tokens for price in model.price)
    day = f"{max(price.valid_from for price in model.price)}T10:00:00Z"
    day = day if day > "2026-03-01" else "2026-03-01T10:00:00Z"
    rows = [
        call(place, provider=model.provider, model=model.model, input_tokens=str(tokens), output_tokens="0",
             cost_usd="1", timestamp=day)
        for place, tokens in enumerate((limit, limit + 1))
    ]  # fmt: skip
    charges = focus(tmp_path, rows)
    assert {c["SkuPriceId"].rpartition("/")[2]: c["ConsumedQuantity"] for c in charges} == {
        "standard": f"{limit}.0", f"above-{limit}-input-tokens": f"{limit + 1}.0",
    }  # fmt: skip
    assert len({c["SkuId"] for c in charges}) == 1
    assert len({c["ListUnitPrice"] for c in charges}) == 2


def test_calls_before_the_first_rate_are_unlisted(tmp_path: Path) -> None:
    (charge,) = focus(tmp_path, [call(0, timestamp="2001-03-01T10:00:00Z", cost_usd="1")])
    assert charge["x_ListPriceStatus"] == "Unlisted"


def test_texts_stay_as_they_are(tmp_path: Path) -> None:
    names = ("Zoë 漢字 😀", "=1+1", 'a "q", t', "two\nlines", "x" * 5_000)
    charges = focus(
        tmp_path, [call(number, customer_id=name, feature_id=name) for number, name in enumerate(names)]
    )
    assert {c["SubAccountId"] for c in charges} == set(names)
    assert {json.loads(c["Tags"])["feature_id"] for c in charges} == set(names)


def test_parquet_is_the_same_with_types(small_csv: Path, simulated: list[Charge], tmp_path: Path) -> None:
    exported(small_csv, tmp_path / "focus.parquet", "focus")
    kinds = {
        row[0]: row[1]
        for row in duckdb.sql(f"describe select * from '{tmp_path / 'focus.parquet'}'").fetchall()
    }
    assert {name: kinds[name] for name in ("BilledCost", "ChargePeriodStart", "Tags", "x_CallCount", "InvoiceId")} == {
        "BilledCost": "DECIMAL(38,15)", "ChargePeriodStart": "TIMESTAMP", "Tags": "VARCHAR", "x_CallCount": "BIGINT",
        "InvoiceId": "VARCHAR",
    }  # fmt: skip
    names = ", ".join(f'"{column.name}"' for column in COLUMNS)
    rows = duckdb.sql(f"select {names} from '{tmp_path / 'focus.parquet'}'").fetchall()
    assert len(rows) == len(simulated)
    for row, charge in zip(rows, simulated, strict=True):
        for column, value in zip(COLUMNS, row, strict=True):
            text = charge[column.name]
            if isinstance(value, Decimal | int):
                assert Decimal(text) == value
            elif isinstance(value, datetime):
                assert text == f"{value:%Y-%m-%dT%H:%M:%SZ}"
            else:
                assert text == (value or "")


_TOKENS = st.integers(0, 10**7)
_CALL = st.fixed_dictionaries(
    {
        "model": st.sampled_from([KNOWN[1], "own-llm"]),
        "input_tokens": _TOKENS.map(str),
        "output_tokens": _TOKENS.map(str),
        "cached_input_tokens": st.just("") | _TOKENS.map(str),
        "cache_write_tokens": st.just("") | _TOKENS.map(str),
        "cost_usd": st.just("") | st.decimals(0, 1000, places=9).map(lambda cost: f"{cost:f}"),
        "customer_id": st.sampled_from(["", "a", "b"]),
    }
)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(_CALL, min_size=1, max_size=25))
def test_sums_are_exact_for_any_calls(tmp_path_factory: pytest.TempPathFactory, calls) -> None:
    rows = [call(0, **changes) | {"call_id": f"c{number}"} for number, changes in enumerate(calls)]
    charges = focus(tmp_path_factory.mktemp("any"), rows)
    assert total(charges, "BilledCost") == sum(Decimal(row["cost_usd"] or 0) for row in rows)
    assert total(charges, "ConsumedQuantity") == sum(
        int(row["input_tokens"]) + int(row["output_tokens"]) for row in rows
    )
    assert total(charges, "x_CallCount") == len(rows)
    assert all(
        Decimal(charge["BilledCost"]) >= 0 and Decimal(charge["ConsumedQuantity"]) >= 0 for charge in charges
    )
