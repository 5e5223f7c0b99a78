"""What holds for every report: totals to the last digit, parts that add up, pages that can be shown."""

import re
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analyzers.base import Analyzer
from analyzers.finops.optimization import FinopsOptimization
from analyzers.finops.performance import FinopsPerformance
from analyzers.finops.realtime import FinopsRealtime
from analyzers.finops.understanding import FinopsUnderstanding
from analyzers.usage.sums import ASKED, DERIVED, breakdown, total_usage
from analyzers.usage.timeline import hours, timeline
from calls.engine import open_calls
from reporting.document import Document, Table
from reporting.json_report import dumps, plain_data
from tests.documents import texts

from .conftest import Busy, MakeCalls, Rows, random_rows, write

REPORTS = (FinopsUnderstanding(), FinopsPerformance(), FinopsRealtime(), FinopsOptimization())
UNSHOWABLE = re.compile(r"\b(None|NaN|nan|inf|Infinity|undefined)\b|Decimal\(")

BARE = {
    "customer_id": "",
    "subscription_tier": "",
    "organization_id": "",
    "product_id": "",
    "feature_id": "",
    "task_type": "",
    "environment": "",
    "latency_ms": "",
}

CASES = {
    "one call": [{}],
    "one call of unknown cost": [{"cost_usd": ""}],
    "free calls": [{"cost_usd": "0", "day": day / 10} for day in range(200)],
    "one day": [{"day": place / 500} for place in range(400)],
    "13 days": [{"day": place / 20} for place in range(259)],
    "14 days": [{"day": place / 20} for place in range(280)],
    "nothing but tokens": [{**BARE, "cost_usd": "", "day": place / 5000} for place in range(300)],
    "nothing but cost": [{**BARE, "day": place / 20} for place in range(400)],
    "all unknown cost": [{"cost_usd": "", "day": place / 20} for place in range(400)],
    "no tokens": [{"input_tokens": 0, "output_tokens": 0, "day": place / 20} for place in range(400)],
    "gaps": [{"day": place * 9 + hour / 24} for place in range(6) for hour in range(24)],
}


def cost_of(rows: Rows) -> Decimal:
    return sum((Decimal(row["cost_usd"]) for row in rows if row["cost_usd"] != ""), Decimal(0))


def tables(document: Document) -> dict[str, Table]:
    blocks = (block for section in document.sections for block in section.blocks)
    return {block.id: block for block in blocks if isinstance(block, Table)}


def check(analyzer: Analyzer[Any], document: Document) -> None:
    assert not [text for text in texts(document) if UNSHOWABLE.search(text)]
    blocks = [block for section in document.sections for block in section.blocks]
    ids = [section.id for section in document.sections]
    ids += [block.id for block in blocks if hasattr(block, "id")]
    assert len(ids) == len(set(ids)), f"{analyzer.id} repeats an id"
    found = tables(document)
    for table in found.values():
        assert len(table.rows) <= 501
        every = [*table.rows, *([table.total] if table.total else [])]
        assert {len(row.cells) for row in every} <= {len(table.columns)}
        assert not [row for row in every if "" in row.cells], f"{table.id} has an empty cell"
    methods = {method.id for method in document.methods}
    assert {getattr(block, "method", "") for block in blocks} <= methods | {""}
    for advice in document.recommendations:
        assert advice.usd_month >= 1
        assert advice.target_row in {row.key for row in found[advice.target].rows}
    amounts = [advice.usd_month for advice in document.recommendations]
    assert amounts == sorted(amounts, reverse=True)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.id)
def test_totals_are_those_of_the_file(busy: Busy, settings, report):
    total = report.analyze(busy.calls, settings).total
    assert total.cost_usd == cost_of(busy.rows)
    assert total.calls == len(busy.rows)
    assert total.tokens == sum(row["input_tokens"] + row["output_tokens"] for row in busy.rows)
    assert total.unpriced_calls == sum(row["cost_usd"] == "" for row in busy.rows)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.id)
def test_a_busy_page_can_be_shown(busy: Busy, settings, report):
    result = report.analyze(busy.calls, settings)
    dumps(plain_data(result))
    check(report, report.document(result))


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.id)
@pytest.mark.parametrize("case", CASES)
def test_thin_data_can_be_shown(make_calls: MakeCalls, settings, report, case):
    result = report.analyze(make_calls(CASES[case]), settings)
    dumps(plain_data(result))
    check(report, report.document(result))


@given(seed=st.integers(0, 10_000), count=st.integers(1, 60), days=st.integers(1, 20))
@hypothesis_settings(max_examples=10, deadline=None)
def test_every_split_adds_up(tmp_path_factory, seed, count, days):
    rows = random_rows(seed, count, days)
    calls = open_calls(write(tmp_path_factory.mktemp("split") / "calls.csv", rows))
    parts = breakdown(calls)
    assert parts.total.cost_usd == cost_of(rows)
    for names in (*chain.from_iterable(ASKED.values()), *DERIVED):
        assert total_usage(group.usage for group in parts.by(*names)) == parts.total, names
    time = timeline(calls)
    assert total_usage(day.usage for day in time.days) == parts.total
    assert sum(cell.cost_usd for cell in time.cells) == parts.total.cost_usd
    assert total_usage(hour.usage for hour in hours(calls)) == parts.total
    assert [(b.day - a.day).days for a, b in zip(time.days, time.days[1:], strict=False)] == [1] * (
        len(time.days) - 1
    )


@pytest.mark.parametrize("column", ["organization_id", "feature_id", "customer_id", "environment"])
def test_groups_are_those_of_the_file(busy: Busy, column):
    for group in breakdown(busy.calls).by(column):
        mine = [row for row in busy.rows if row[column] == group.name]
        assert group.usage.calls == len(mine)
        assert group.usage.cost_usd == cost_of(mine)
        assert group.usage.cached_input_tokens == sum(row.get("cached_input_tokens") or 0 for row in mine)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.id)
@pytest.mark.parametrize("first", [34, 188], ids=["clocks go back", "clocks go forward"])
def test_a_zone_whose_clocks_change_loses_nothing(make_calls: MakeCalls, settings, report, first):
    """Berlin leaves summer time on 25 Oct 2026 (day 54) and returns to it on 28 Mar 2027 (day 208)."""
    rows = [{"day": first + hour / 24} for hour in range(40 * 24)]
    calls = make_calls(rows, timezone="Europe/Berlin")
    result = report.analyze(calls, settings)
    assert result.total.cost_usd == Decimal("9.6")
    check(report, report.document(result))
    days = timeline(calls).days
    assert {23, 25} & {day.usage.calls for day in days}
    assert sum(day.usage.calls for day in days) == 960
    assert sum(hour.usage.calls for hour in hours(calls)) == 960
