"""Repricing and reconciling: unknown costs filled at the day's rate, bills of providers read and compared."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from calls.engine import open_calls
from calls.schema import COLUMN_NAMES
from foundation.outcome import UsageError
from interchange.bills.reading import read_bill
from interchange.reconciliation.reconcile import reconcile
from interchange.repricing import reprice
from settings.loader import load_settings

PRICING = load_settings().pricing


def calls_file(path: Path, *rows: dict[str, str]) -> Path:
    base = {"timestamp": "2026-03-01T10:00:00.000000Z", "provider": "openai", "model": "gpt-4o"}
    with path.open("w", newline="") as target:
        writer = csv.DictWriter(target, COLUMN_NAMES, restval="", lineterminator="\n")
        writer.writeheader()
        for number, row in enumerate(rows):
            writer.writerow(
                base | {"call_id": f"c{number}", "input_tokens": "1000", "output_tokens": "100"} | row
            )
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as source:
        return list(csv.DictReader(source))


def test_only_unknown_costs_are_filled_and_the_rest_keeps_its_bytes(tmp_path: Path) -> None:
    path = calls_file(
        tmp_path / "calls.csv",
        {"cost_usd": "", "cost_source": "unknown"},
        {"cost_usd": "0", "cost_source": "reported", "customer_id": 'a "b", c'},
        {"cost_usd": "", "cost_source": "unknown", "model": "no-such-model", "provider": "acme"},
    )
    before = rows_of(path)
    result = reprice(path, PRICING)
    # 1,000 input at $2.50 and 100 output at $10 for a million
    assert (result.filled, result.still_unknown, result.added_usd) == (1, 1, Decimal("0.0035"))
    after = rows_of(path)
    assert after[0] == before[0] | {"cost_usd": "0.003500000", "cost_source": "computed"}
    assert after[1:] == before[1:]


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    path = calls_file(tmp_path / "calls.csv", {"cost_usd": ""})
    content = path.read_bytes()
    assert reprice(path, PRICING, dry_run=True).filled == 1
    assert path.read_bytes() == content


def test_what_is_no_file_of_calls_is_not_repriced(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UsageError, match="not a CSV of calls"):
        reprice(tmp_path / "x.csv", PRICING)


@pytest.mark.parametrize(
    ("text", "usd"),
    [
        (
            "start_time_iso,amount_value,amount_currency,line_item\n"
            '2026-03-01T00:00:00Z,1.25,usd,"gpt-4o, input_tokens"\n',
            "1.25",
        ),
        ("usage_date_utc,model,cost_usd\n2026-03-01,gpt-4o,1.25\n", "1.25"),
        ("Date,Slug,Usage,BYOK Usage,Requests\n2026-03-01,openai/gpt-4o,1,0.25,5\n", "1.25"),
        ("BilledCost,BillingCurrency,ChargePeriodStart\n1.25,USD,2026-03-01T00:00:00Z\n", "1.25"),
        (
            json.dumps(
                {
                    "data": [
                        {
                            "starting_at": "2026-03-01T00:00:00Z",
                            "results": [{"amount": "125.0", "currency": "USD"}],
                        }
                    ]
                }
            ),
            "1.25",
        ),
        (
            json.dumps(
                {
                    "data": [
                        {
                            "start_time": 1772323200,
                            "results": [{"amount": {"value": 1.25, "currency": "usd"}}],
                        }
                    ]
                }
            ),
            "1.25",
        ),
    ],
)
def test_the_reports_of_providers_give_dollars_of_per_day(tmp_path: Path, text: str, usd: str) -> None:
    path = tmp_path / "bill"
    path.write_text(text)
    lines = read_bill(str(path)).lines
    assert sum(line.usd for line in lines) == Decimal(usd)
    assert {str(line.day) for line in lines} == {"2026-03-01"}


def test_a_bill_in_another_currency_or_without_amounts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bill"
    path.write_text("BilledCost,BillingCurrency\n1,EUR\n")
    with pytest.raises(UsageError, match="EUR"):
        read_bill(str(path))
    path.write_text("a,b\n1,2\n")
    with pytest.raises(UsageError, match="no amounts"):
        read_bill(str(path))
    with pytest.raises(UsageError, match="no amount in dollars"):
        read_bill(str(tmp_path / "none"))


def test_the_difference_is_told_by_day_and_model(tmp_path: Path) -> None:
    path = calls_file(
        tmp_path / "calls.csv",
        {"cost_usd": "2", "cost_source": "reported"},
        {"cost_usd": "", "model": "other"},
        {"cost_usd": "1", "timestamp": "2026-03-02T10:00:00.000000Z", "model": "gpt-4o-mini"},
    )
    bill = tmp_path / "bill.csv"
    bill.write_text("date,model,cost_usd\n2026-03-01,gpt-4o-2024-08-06,2.5\n2026-03-03,gpt-5,4\n")
    result = reconcile(open_calls(path), [read_bill(str(bill))])
    assert (result.total.calls_usd, result.total.billed_usd, result.total.difference_usd) == (
        3,
        Decimal("6.5"),
        Decimal("3.5"),
    )
    by_model = {entry.name: (entry.calls_usd, entry.billed_usd) for entry in result.by_model}
    assert by_model["gpt-4o"] == (2, Decimal("2.5"))
    assert by_model["gpt-5"] == (None, 4)
    assert [entry.name for entry in result.by_day] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    text = " ".join(result.explanations)
    assert "1 calls have no known cost (other)" in text
    assert "1 day on the bill but not in the calls ($4.00): 2026-03-03" in text
