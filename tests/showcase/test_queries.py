"""The queries: figures worked out by hand, agreement with the reports, and any CSV there is."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from calls.schema import COLUMN_NAMES
from tests.showcase.demonstrations import demonstrated

SCRIPTS = ("cost_allocation.py", "time_series.py", "profitability.py", "feature_economics.py")


def asked(script: str, *arguments: object) -> dict[str, list[list[str]]]:
    """The tables a query script prints: cells by question, without headings. Cells are two blanks apart."""
    done = demonstrated(f"queries/{script}", *arguments, GUARD_OFFLINE="all")
    assert done.stderr == ""
    tables: dict[str, list[list[str]]] = {}
    lines = done.stdout.splitlines()
    for number, line in enumerate(lines):
        if line and set(line) == {"─"}:
            starts = [
                place
                for place, sign in enumerate(lines[number + 2])
                if sign == "-" and lines[number + 2][place - 1 : place] != "-"
            ]
            rows = []
            for row in lines[number + 3 :]:
                if not row:
                    break
                rows.append(
                    [row[begin:end].rstrip() for begin, end in zip(starts, [*starts[1:], None], strict=True)]
                )
            tables[lines[number - 1]] = [
                [
                    cell if place == 0 and not cell.strip().isdigit() else cell.strip()
                    for place, cell in enumerate(row)
                ]
                for row in rows
            ]
    return tables


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine calls: three customers of two organizations, some without organization, feature, customer or cost."""
    path = tmp_path_factory.mktemp("queries") / "nine.csv"
    lines = [
        # day, hour, cost, customer, plan, organization, product, feature, model
        ("01", "09", "10", "ann", "pro", "acme", "assistant", "chat", "m1"),
        ("01", "09", "20", "ann", "pro", "acme", "assistant", "search", "m1"),
        ("01", "23", "", "ann", "pro", "acme", "assistant", "chat", "m2"),
        ("02", "09", "110", "bob", "starter", "acme", "reports", "chat", "m1"),
        ("02", "10", "5", "bob", "starter", "acme", "reports", "", "m1"),
        ("02", "10", "1", "bob", "starter", "", "reports", "chat", "m1"),
        ("03", "10", "7", "eve", "gold", "globex", "assistant", "search", "m1"),
        ("03", "10", "0", "eve", "gold", "globex", "assistant", "chat", "m1"),
        ("30", "10", "3", "", "", "globex", "assistant", "chat", "m1"),
    ]  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMN_NAMES)
        writer.writeheader()
        for number, (day, hour, cost, customer, plan, organization, product, feature, model) in enumerate(
            lines
        ):
            writer.writerow({
                "timestamp": f"2026-06-{day}T{hour}:00:00.000000Z", "call_id": f"c{number}", "provider": "openai",
                "model": model, "input_tokens": "100", "output_tokens": "10", "cost_usd": cost, "customer_id": customer,
                "subscription_tier": plan, "organization_id": organization, "product_id": product, "feature_id": feature,
            })  # fmt: skip
    return path


def test_cost_is_allocated_with_nothing_dropped(small):
    tables = asked("cost_allocation.py", "--data", small)
    # 156 USD in all: acme 10 + 20 + 110 + 5, globex 7 + 0 + 3, without organization 1.
    assert tables["Cost by organization_id."] == [
        ["acme", "5", "1", "145.00", "92.9%"], ["globex", "3", "0", "10.00", "6.4%"], ["(unallocated)", "1", "0", "1.00", "0.6%"],
    ]  # fmt: skip
    assert tables["Cost by model."] == [
        ["m1", "8", "0", "156.00", "100.0%"],
        ["m2", "1", "1", "unknown", "n/a"],
    ]
    assert tables["How much of the cost can be given to somebody."] == [
        ["organization_id", "155.00", "99.4%"], ["product_id", "156.00", "100.0%"], ["feature_id", "151.00", "96.8%"],
        ["customer_id", "153.00", "98.1%"],
    ]  # fmt: skip
    assert tables["Cost from the top down: organization, product, feature; the most expensive of each."][:5] == [
        ["acme", "5", "145.00", "92.9%"], ["  reports", "2", "115.00", "79.3%"], ["    chat", "1", "110.00", "95.7%"],
        ["    (unallocated)", "1", "5.00", "4.3%"], ["  assistant", "3", "30.00", "20.7%"],
    ]  # fmt: skip


def test_time_series_by_day_weekday_and_hour(small):
    tables = asked("time_series.py", "--data", small)
    assert tables["Cost by day, with the mean of the seven days up to it."] == [
        ["2026-06-01", "3", "30.00", "30.00"], ["2026-06-02", "3", "116.00", "73.00"], ["2026-06-03", "2", "7.00", "51.00"],
        ["2026-06-30", "1", "3.00", "39.00"],
    ]  # fmt: skip
    assert tables["Calls and cost of a mean day, by weekday."] == [
        ["Monday", "1", "3", "30.00"], ["Tuesday", "2", "2", "59.50"], ["Wednesday", "1", "2", "7.00"],
    ]  # fmt: skip
    assert tables["Calls and cost by hour of the day."] == [
        ["09:00", "3", "140.00"], ["10:00", "5", "16.00"], ["23:00", "1", "unknown"],
    ]  # fmt: skip
    berlin = asked("time_series.py", "--data", small, "--timezone", "Europe/Berlin")
    assert berlin["Calls and cost by hour of the day."][-1] == ["12:00", "5", "16.00"]


@pytest.fixture
def price_list(tmp_path):
    (tmp_path / "plans.toml").write_text(
        '[[plan]]\nid = "starter"\nmonthly_usd = 29\n[[plan]]\nid = "pro"\nmonthly_usd = 99\n'
    )
    return tmp_path / "plans.toml"


def test_profitability_by_the_price_of_the_plan(small, price_list):
    tables = asked("profitability.py", "--data", small, "--pricing", price_list)
    # All of June: ann pays 99 and costs 30, bob pays 29 and costs 116; eve's plan has no price.
    assert tables["Margin by plan, and in total."] == [
        ["gold", "1", "unknown", "7.00", "unknown", "n/a"], ["pro", "1", "99.00", "30.00", "69.00", "69.7%"],
        ["starter", "1", "29.00", "116.00", "-87.00", "-300.0%"], ["all customers", "3", "unknown", "153.00", "unknown", "n/a"],
    ]  # fmt: skip
    assert tables["How many customers lose money, and how much of what the others earn they eat up."] == [
        ["3", "1", "1", "87.00", "69.00", "126.1%"],
    ]  # fmt: skip
    assert tables["The customers with the least margin."] == [
        ["bob", "starter", "29.00", "116.00", "-87.00", "-300.0%"], ["ann", "pro", "99.00", "30.00", "69.00", "69.7%"],
    ]  # fmt: skip


def test_feature_economics_by_attributed_revenue(small, price_list):
    tables = asked("feature_economics.py", "--data", small, "--pricing", price_list)
    assert tables["Calls, customers and cost by feature."] == [
        ["chat", "6", "3", "100.0%", "124.00", "41.33"], ["search", "2", "2", "66.7%", "27.00", "13.50"],
        ["(no feature)", "1", "1", "33.3%", "5.00", "5.00"],
    ]  # fmt: skip
    # By calls: ann's 99 goes 2:1 to chat and search, bob's 29 goes 2:1 to chat and none; in equal parts 1:1 each.
    # Costs: of ann, bob and nobody; eve's revenue is unknown, so her calls count on neither side.
    assert tables["Attributed revenue and margin by feature, of customers whose margin is known."] == [
        ["search", "33.00", "49.50", "20.00", "13.00", "65.0%"], ["(no feature)", "9.67", "14.50", "5.00", "4.67", "93.3%"],
        ["chat", "85.33", "64.00", "124.00", "-38.67", "-31.2%"],
    ]  # fmt: skip


def test_more_lines_than_shown_are_added_up(small_csv, tmp_path):
    header = small_csv.read_text().splitlines()[0]
    empty = "," * (header.count(",") - 8)
    rows = (f"2026-06-01T00:00:00Z,c{n},openai,m,1,1,{n}.5,,cust_{n:02d}{empty}" for n in range(20))
    (tmp_path / "many.csv").write_text("\n".join((header, *rows)) + "\n")
    lines = asked("cost_allocation.py", "--data", tmp_path / "many.csv")["Cost by customer_id."]
    assert len(lines) == 15
    # The most expensive fourteen are 19.5 down to 6.5; the other six are 5.5 to 0.5.
    assert lines[0][:4] == ["cust_19", "1", "0", "19.50"]
    assert lines[-1] == ["(other: 6)", "6", "0", "18.00", "9.0%"]


def test_queries_agree_with_the_reports(small_csv, small_reports):
    customers = json.loads((small_reports / "json/customer_profitability.json").read_text())["result"]
    (*_, everybody) = asked("profitability.py", "--data", small_csv)["Margin by plan, and in total."]
    assert everybody[3] == f"{Decimal(customers['use']['cost_usd']):,.2f}"
    assert everybody[2] == f"{Decimal(customers['revenue_usd']):,.2f}"
    features = json.loads((small_reports / "json/feature_economics.json").read_text())["result"]["features"]
    earned = asked("feature_economics.py", "--data", small_csv)[
        "Attributed revenue and margin by feature, of customers whose margin is known."
    ]
    assert {row[0]: row[4] for row in earned} == {
        entry["name"]: f"{Decimal(entry['earning']['margin_usd']):,.2f}" for entry in features
    }


def test_a_filter_narrows_every_question(small):
    tables = asked(
        "cost_allocation.py", "--data", small, "--where", "customer_id=ann", "--until", "2026-06-01"
    )
    assert tables["Cost by feature_id."] == [
        ["search", "1", "0", "20.00", "66.7%"],
        ["chat", "2", "1", "10.00", "33.3%"],
    ]


def test_prices_of_ones_own_are_used(small, tmp_path):
    (tmp_path / "prices.toml").write_text('[[plan]]\nid = "gold"\nmonthly_usd = 500\n')
    tables = asked("profitability.py", "--data", small, "--pricing", tmp_path / "prices.toml")
    assert tables["Margin by plan, and in total."][0] == ["gold", "1", "500.00", "7.00", "493.00", "98.6%"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_any_csv_of_calls_will_do(script, imported):
    for path in imported:
        assert asked(script, "--data", path)


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_runs_right_after_the_installation_or_on_what_was_simulated(script):
    done = demonstrated(f"queries/{script}")
    assert "calls from " in done.stdout


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    done = demonstrated("queries/cost_allocation.py", "--data", tmp_path / "none.csv", code=3)
    assert len(done.stderr.splitlines()) == 1
