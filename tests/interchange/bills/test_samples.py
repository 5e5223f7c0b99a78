"""Bills of each kind: their sums by kind of charge, to the last digit, worked out without the toolkit."""

from decimal import Decimal

import pytest

from interchange.bills.charges import Bill, Charge, exact_sum
from interchange.bills.lines import How
from interchange.bills.reading import read_bill
from settings.currency_rates import Rates, read_rates
from tests.conftest import SAMPLES

BILLS = SAMPLES / "bills"
FOCUS_SUMS = {
    "usage": "7.5",  # 3 + 4.5
    "credits": "-1",
    "adjustments": "-0.5",
    "ai": "6",
    "whole": "15.4",  # and 0.4 of tax, 9 of a virtual machine
}


def euro_at_a_dollar(tmp_path) -> Rates:
    path = tmp_path / "rates.csv"
    path.write_text("date,currency,usd\n2026-05-01,EUR,1\n2026-08-05,EUR,1\n")
    return read_rates(str(path))


def sums_of(bill: Bill) -> dict[str, Decimal]:
    ai = [line for line in bill.lines if line.ai]
    found = {str(kind): exact_sum(line.usd for line in ai if line.kind is kind) for kind in Charge}
    found["ai"] = exact_sum(line.usd for line in ai)
    found["ai_local"] = exact_sum(line.amount for line in ai)
    found["net"] = exact_sum(line.net_usd for line in ai if line.is_ai_usage and line.net_usd is not None)
    found["whole"] = exact_sum(line.usd for line in bill.lines)
    return found


@pytest.mark.parametrize(
    ("name", "form", "lines", "right"),
    [
        (
            "aws_cur1.csv", "AWS cost and usage report", 7,
            {"usage": "4.86", "discounts": "-0.9", "credits": "-0.36", "tax": "0.1", "net": "3.96", "ai": "3.7",
             "whole": "3.78"},
        ),
        (
            "aws_cur2.csv", "AWS cost and usage report", 4,
            {"usage": "0.75", "net": "0.69", "tax": "0.05", "ai": "0.8", "whole": "0.82"},
        ),
        (
            "azure_actual_mca.csv", "Azure cost export", 4,
            {"usage": "3.3", "refunds": "-0.25", "ai": "3.05", "ai_local": "2.806", "whole": "3.1"},
        ),
        # euros at 0.92 for a dollar: 2.5944 / 0.92 and -0.276 / 0.92
        (
            "gcp_export.jsonl", "Google Cloud billing export", 5,
            {"usage": "2.82", "credits": "-0.3", "ai": "2.52", "ai_local": "2.3184"},
        ),
        ("focus_1_2.csv", "FOCUS", 6, FOCUS_SUMS),
        ("focus_1_3.csv", "FOCUS", 6, FOCUS_SUMS),
        ("focus_1_4.csv", "FOCUS", 6, FOCUS_SUMS),
        ("costroid_focus-1.0.csv", "FOCUS", 4, {"ai": "0", "whole": "10"}),
        ("costroid_focus-1.2.csv", "FOCUS", 4, {"ai": "0", "whole": "11"}),
        ("costroid_focus-1.3.csv", "FOCUS", 4, {"ai": "0", "whole": "34"}),
        ("costroid_focus-1.4.csv", "FOCUS", 4, {"ai": "0", "whole": "25"}),
        # 3.123456789012345679 euros at a dollar each, and 30.987654321098765434 dollars
        ("costroid_focus_multicurrency.csv", "FOCUS", 4, {"ai": "0", "whole": "34.111111110111111113"}),
        (
            "costroid_openai_costs.json", "OpenAI costs", 5,
            {"usage": "142.9567890123456789", "credits": "-3.25", "whole": "139.7067890123456789"},
        ),
        (
            "costroid_anthropic_cost_report.json", "Anthropic cost report", 10,
            {"usage": "120.345678", "credits": "-2.5", "whole": "117.845678"},
        ),
        ("spreadsheet_de.csv", "table", 3, {"usage": "1234.56", "credits": "-15.75", "whole": "1218.81"}),
    ],
)  # fmt: skip
def test_a_bill_gives_its_right_numbers(tmp_path, name: str, form: str, lines: int, right: dict[str, str]):
    bill = read_bill(str(BILLS / name), How(rates=euro_at_a_dollar(tmp_path)))
    assert (bill.format, bill.lines_read, bill.line_count, bill.rejected) == (form, lines, lines, ())
    found = sums_of(bill)
    assert {key: found[key] for key in right} == {key: Decimal(value) for key, value in right.items()}


def test_meters_name_the_models_that_calls_name():
    names = {
        line.model
        for name in ("aws_cur1.csv", "aws_cur2.csv", "azure_actual_mca.csv", "gcp_export.jsonl")
        for line in read_bill(str(BILLS / name)).lines
        if line.is_ai_usage
    }
    assert names == {
        "Nova2.0Lite", "Claude Sonnet 4.5", "Claude4.6Sonnet", "Claude4Sonnet", "gpt-4o-0806", "gpt-5.4-mini",
        "Gemini-2.5-Flash", "Gemini-3-Flash",
    }  # fmt: skip


def test_the_last_row_of_a_spreadsheet_is_a_total_that_is_checked():
    bill = read_bill(str(BILLS / "spreadsheet_de.csv"), How(rates=Rates({}, {})))
    assert {line.reason for line in bill.rejected} == {
        f"no rate of EUR is given for 2026-08-0{day} or the seven days before" for day in (5, 6, 7)
    }
    assert bill.totals[0].stated == Decimal("1218.81")
    assert bill.wrong_totals == bill.totals
