"""The statement of one organization for one calendar month: its lines, what is added, and cents that tie out."""

import dataclasses
from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.finops.alignment import FinopsAlignment
from analyzers.ledger.months import ledger
from analyzers.ledger.windows import Window
from analyzers.revenue.paid import billing
from methods.allocation import round_to_total
from reporting.document import Table, Value

D = Decimal
ACME = {"organization_id": "acme"}
BOLT = {"organization_id": "bolt"}


@pytest.fixture
def made(make_calls, settings):
    def made(rows, **terms):
        changed = dataclasses.replace(settings.chargeback, **terms)
        return FinopsAlignment().analyze(make_calls(rows), dataclasses.replace(settings, chargeback=changed))

    return made


def two_months():
    """September and the first ten days of October: acme uses two models in two features, bolt one."""
    return [
        {"day": 0, "cost_usd": "60", **ACME},
        {"day": 1, "cost_usd": "20.005", "model": "gpt-5-mini", "feature_id": "search", **ACME},
        {"day": 1, "cost_usd": "20.005", "product_id": "docs", **ACME},
        {"day": 29.9, "cost_usd": "50", **BOLT},
        {"day": 29.95, "cost_usd": "3", "organization_id": ""},
        {"day": 30, "cost_usd": "7", **ACME},
        {"day": 39.99, "cost_usd": "1", **BOLT},
    ]


def test_each_calendar_month_has_statements_of_its_own(made):
    """Shared cost of $31 a month: $31 of September; of October 10 of 31 days, $10. By direct cost."""
    found = made(two_months(), shared_monthly_usd=D(31), shared_method="proportional")
    october = Window(date(2026, 10, 1), date(2026, 10, 10))
    september = Window(date(2026, 9, 1), date(2026, 9, 30))
    assert [
        (each.number, each.days, each.direct_usd, each.shared_usd) for each in found.chargeback.statements
    ] == [
        ("CB-202610-001", october, D(7), D("8.75")),
        ("CB-202610-002", october, D(1), D("1.25")),
        ("CB-202609-001", september, D("100.01"), D("20.67")),
        ("CB-202609-002", september, D(50), D("10.33")),
    ]
    assert found.chargeback.unallocated_usd == 3
    assert found.chargeback.direct_usd + 3 == found.total.cost_usd == D("161.010")


def test_a_statement_line_by_line(made):
    """The latest whole month is shown; 20.005 twice are 20.01 and 20.00, as the direct usage is 100.01."""
    found = made(two_months(), shared_monthly_usd=D(30), markup=D("0.1"), adjustments_usd={"acme": D(-5)})
    lines = [line for line in found.statement_lines if line.organization == "acme"]
    assert {line.month for line in found.statement_lines} == {date(2026, 9, 1)}
    assert [(line.kind, line.product, line.feature, line.model, line.amount_usd) for line in lines[:3]] == [
        ("usage", "desk", "chat", "gpt-5", D("60.00")),
        ("usage", "desk", "search", "gpt-5-mini", D("20.01")),
        ("usage", "docs", "chat", "gpt-5", D("20.00")),
    ]
    assert [line.kind for line in lines[3:]] == ["shared cost", "markup"]  # the adjustment is October's
    statement = next(each for each in found.chargeback.statements if each.number == lines[0].number)
    assert sum(line.amount_usd for line in lines) == statement.total_usd


def test_the_page_has_the_lines(made):
    document = FinopsAlignment().document(made(two_months()))
    blocks = (block for section in document.sections for block in section.blocks)
    (table,) = (each for each in blocks if isinstance(each, Table) and each.id == "statement-lines")
    assert table.title == "Statements of September 2026, line by line"
    assert table.total is not None
    amount = table.total.cells[-1]
    assert isinstance(amount, Value)
    assert amount.amount == D("150.01")


def test_calls_without_a_plausible_time_have_a_statement_of_their_own(made):
    rows = [*two_months(), {"timestamp": "2090-01-01T00:00:00.000000Z", "cost_usd": "9", **ACME}]
    found = made(rows, shared_monthly_usd=D(31))
    last = found.chargeback.statements[-1]
    assert (last.number, last.days, last.direct_usd, last.shared_usd) == ("CB-undated-001", None, 9, 0)
    assert found.chargeback.direct_usd + 3 == found.total.cost_usd


@given(st.lists(st.decimals(-1000, 1000, places=9), min_size=1, max_size=12), st.booleans())
def test_rounding_to_a_total_adds_up_and_moves_nothing_by_a_cent(amounts, up):
    exact = sum(amounts)
    total = exact.quantize(D("0.01"), "ROUND_CEILING" if up else "ROUND_FLOOR")
    parts = round_to_total(amounts, total)
    assert sum(parts) == total
    assert all(abs(part - amount) <= D("0.01") for part, amount in zip(parts, amounts, strict=True))


def test_a_total_of_something_else_is_refused():
    with pytest.raises(ValueError, match="not the rounded sum"):
        round_to_total([D("1.005"), D("1.005")], D("2.03"))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_the_months_of_all_pages_are_those_of_the_ledger(make_calls, settings, zone):
    """Calls of every six hours over 70 days: each month costs the same in the ledger, the columns and the statements."""
    rows = [
        {
            "day": number / 4,
            "cost_usd": f"0.{number:03}",
            "organization_id": f"org{number % 3}",
            "tier_price_usd": "30",
        }
        for number in range(280)
    ]
    rows.append({"timestamp": "2090-01-01T00:00:00.000000Z", "cost_usd": "9", **ACME})
    calls = make_calls(rows, timezone=zone)
    months = {month.window.first: month.usage.cost_usd for month in ledger(calls).months}
    found = FinopsAlignment().analyze(calls, settings)
    columns = {
        month: sum(line.months[place].cost_usd for line in found.by_month["organization"])
        for place, month in enumerate(found.months)
    }
    statements, billed = defaultdict(D), defaultdict(D)
    for each in found.chargeback.statements:
        if each.days:
            statements[each.days.first.replace(day=1)] += each.usage.cost_usd
    accounts = billing(calls, {}).accounts
    for month, use in (entry for account in accounts for entry in account.by_month):
        billed[month] += use.cost_usd
    assert columns == months
    assert statements == months
    assert billed == months
    assert {month.window.first for account in accounts for month in account.months} == set(months)


def test_statements_of_calls_that_a_filter_chose_say_that_they_are_not_to_be_sent(make_calls, settings):
    """Of $30 shared by direct cost in September acme bears two thirds; alone it would bear all."""
    rows = [{"day": 0, "cost_usd": "60", **ACME}, {"day": 29.9, "cost_usd": "30", **BOLT}]
    changed = dataclasses.replace(settings.chargeback, shared_monthly_usd=D(30), shared_method="proportional")
    chosen = dataclasses.replace(settings, chargeback=changed)
    report = FinopsAlignment()
    whole = report.analyze(make_calls(rows), chosen)
    narrowed = report.analyze(make_calls(rows, where=(("organization_id", "acme"),)), chosen)
    shared = [
        next(each.shared_usd for each in found.chargeback.statements if each.organization == "acme")
        for found in (whole, narrowed)
    ]
    assert shared[0] == D(20)
    assert shared[1] != D(20)
    for found, says in ((whole, False), (narrowed, True)):
        (section,) = (each for each in report.document(found).sections if each.id == "chargeback")
        assert ("These are not the statements to send" in section.intro) is says
