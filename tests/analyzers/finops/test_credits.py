"""Credits stand apart from usage: in the summary, on the card, in the months; the total is what is left."""

from decimal import Decimal

import pytest

from analyzers.finops.understanding import FinopsUnderstanding
from reporting.document import Table, Value

REPORT = FinopsUnderstanding()


@pytest.fixture
def rows():
    """$100 of usage and a credit of $25 in September, a refund of $3 and $1 of usage in October: $73."""
    return [
        *({"day": day, "cost_usd": "10"} for day in range(10)),
        {"day": 29, "cost_usd": "-25", "charge_category": "Credit"},
        {"day": 30, "cost_usd": "-3", "charge_category": "Refund"},
        {"day": 31, "cost_usd": "1"},
    ]


def test_usage_and_credits_stand_apart(make_calls, settings, rows):
    result = REPORT.analyze(make_calls(rows), settings)
    document = REPORT.document(result)
    assert (result.total.cost_usd, result.credits.total_usd) == (73, -28)
    assert document.cards[0].note == "usage $101.00, credits −$28.00"
    spend = document.summary_lines[0]
    assert spend.text.startswith("$73.00 in 32 days (usage $101.00, credits −$28.00)")
    assert spend.figures["credits_usd"] == -28
    assert any("(usage $101.00, credits −$28.00)" in sentence for sentence in document.summary)


def test_each_month_has_its_own(make_calls, settings, rows):
    document = REPORT.document(REPORT.analyze(make_calls(rows), settings))
    blocks = (block for section in document.sections for block in section.blocks)
    (months,) = (each for each in blocks if isinstance(each, Table) and each.id == "months")
    place = [column.key for column in months.columns].index("credits")
    amounts = {row.key: row.cells[place] for row in months.rows}
    assert isinstance(amounts["2026-09"], Value)
    assert isinstance(amounts["2026-10"], Value)
    assert (amounts["2026-09"].amount, amounts["2026-10"].amount) == (Decimal(-25), Decimal(-3))


def test_without_credits_nothing_is_said_of_them(make_calls, settings):
    document = REPORT.document(REPORT.analyze(make_calls([{"cost_usd": "10"}]), settings))
    assert document.cards[0].note == ""
    assert "credit" not in document.summary_lines[0].text
