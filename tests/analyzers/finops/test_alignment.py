"""Organizational alignment: statements that tie out to the cent, coverage and its grades, fair comparisons."""

import dataclasses
import html
import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.alignment.result import Alignment, Maturity, maturity
from analyzers.alignment.statements import Statement, chargeback, shared_cost, shared_split
from analyzers.finops.alignment import FinopsAlignment
from analyzers.ledger.windows import Window
from analyzers.usage.sums import Usage, breakdown
from calls.engine import Calls, open_calls
from reporting.document import Chart, Document, Note, Table
from reporting.html_generator import render_report
from reporting.provenance import Provenance, generated_now
from settings.loader import load_settings
from settings.model import Chargeback as Terms
from tests.calls import call_files

D = Decimal
SETTINGS = load_settings()
MARCH = Window(date(2026, 3, 1), date(2026, 3, 31))
FREE = Terms("even", D(0), {}, D(0), {})

Opened = Callable[..., Calls]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Writes rows to a file and opens it."""
    numbers = itertools.count()
    with ExitStack() as stack:

        def open_rows(*groups: list[dict[str, str]]) -> Calls:
            entries = [
                entry | {"call_id": f"c{number}"} for number, entry in enumerate(itertools.chain(*groups))
            ]
            path = call_files.write(tmp_path / f"calls{next(numbers)}.csv", entries)
            return stack.enter_context(open_calls(path))

        yield open_rows


def made(calls: Calls, **terms: Any) -> Alignment:
    settings = dataclasses.replace(SETTINGS, chargeback=dataclasses.replace(FREE, **terms))
    return FinopsAlignment().analyze(calls, settings)


def spent(amount: str | D, calls: int = 1, priced: int | None = None) -> Usage:
    return Usage(calls, calls if priced is None else priced, D(amount))


def bill(usages: dict[str, Usage], **terms: Any) -> list[Statement]:
    return list(chargeback({MARCH: usages}, dataclasses.replace(FREE, **terms)).statements)


def page_of(result: Alignment) -> Document:
    return FinopsAlignment().document(result)


def blocks(document: Document) -> dict[str, Any]:
    return {b.id: b for section in document.sections for b in section.blocks if not isinstance(b, Note | type(None))
            and hasattr(b, "id")}  # fmt: skip


def words(document: Document) -> str:
    return " ".join(b.text for section in document.sections for b in section.blocks if isinstance(b, Note))


# --- shared cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-03-01", "2026-03-31", "100.00"),
        ("2026-02-01", "2026-02-28", "100.00"),
        ("2026-03-01", "2026-03-01", "3.23"),  # 100 / 31
        ("2026-02-15", "2026-02-28", "50.00"),
    ],
)
def test_the_shared_cost_of_a_month_is_prorated_by_its_days(first: str, last: str, expected: str) -> None:
    assert shared_cost(D(100), Window(date.fromisoformat(first), date.fromisoformat(last))) == D(expected)


THREE = {"acme": spent("60"), "bolt": spent("30"), "core": spent("10")}


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("even", ["33.34", "33.33", "33.33"]),
        ("proportional", ["60.00", "30.00", "10.00"]),
        ("fixed", ["50.00", "25.00", "25.00"]),
    ],
)
def test_the_shared_cost_by_each_method(method: str, expected: list[str]) -> None:
    fixed = {"acme": D("0.5"), "bolt": D("0.25"), "core": D("0.25")}
    statements = bill(THREE, shared_method=method, shared_monthly_usd=D(100), fixed_shares=fixed)
    assert [entry.shared_usd for entry in statements] == [D(part) for part in expected]
    first = statements[0]
    assert (first.shared_even_usd, first.shared_proportional_usd, first.shared_fixed_usd) == (
        D("33.34"), D("60.00"), D("50.00"),
    )  # fmt: skip


def test_without_fixed_shares_their_column_is_unknown() -> None:
    assert [entry.shared_fixed_usd for entry in bill(THREE, shared_monthly_usd=D(100))] == [None] * 3


def test_proportional_to_no_cost_at_all_is_even() -> None:
    free = {"acme": spent("0"), "bolt": spent("0")}
    statements = bill(free, shared_method="proportional", shared_monthly_usd=D("0.03"))
    assert [entry.shared_usd for entry in statements] == [D("0.02"), D("0.01")]


def test_who_has_only_a_setting_has_a_statement_but_no_even_share() -> None:
    statements = bill(THREE, shared_monthly_usd=D(90), adjustments_usd={"gone": D("-12.50")})
    assert [(entry.organization, entry.shared_usd) for entry in statements] == [
        ("acme", 30), ("bolt", 30), ("core", 30), ("gone", 0),
    ]  # fmt: skip
    assert statements[-1].total_usd == D("-12.50")


# --- statements ----------------------------------------------------------------------------------------


def test_a_statement_worked_by_hand() -> None:
    statements = bill(
        THREE, shared_method="proportional", shared_monthly_usd=D(50), markup=D("0.10"),
        adjustments_usd={"acme": D("-5")},
    )  # fmt: skip
    acme = statements[0]  # 60 + 30 shared + 10% of 90 - 5
    assert (acme.direct_usd, acme.shared_usd, acme.markup_usd, acme.adjustment_usd) == (60, 30, 9, -5)
    assert acme.total_usd == 94
    assert [entry.number for entry in statements] == [f"CB-202603-{number:03}" for number in (1, 2, 3)]


def test_cents_of_direct_usage_tie_out_with_the_unallocated() -> None:
    third = D("0.333333333")
    found = chargeback(
        {MARCH: {"a": spent(third), "b": spent(third), "": spent("0.333333334")}}, FREE
    )  # fmt: skip
    parts = [entry.direct_usd for entry in found.statements]
    assert sorted([*parts, found.unallocated_usd]) == [D("0.33"), D("0.33"), D("0.34")]
    assert found.direct_usd + found.unallocated_usd == 1


def test_without_organizations_nobody_is_charged() -> None:
    found = chargeback({MARCH: {"": spent("7")}}, dataclasses.replace(FREE, shared_monthly_usd=D(30),
                       adjustments_usd={"acme": D(1)}))  # fmt: skip
    assert (found.statements, found.total_usd, found.unallocated_usd) == ((), 0, 7)


money = st.decimals(0, 10_000, places=9, allow_nan=False)
cents = st.decimals(0, 10_000, places=2, allow_nan=False)
names = st.text("abcdef", max_size=3)


@given(
    st.dictionaries(names, money, min_size=1, max_size=12),
    st.sampled_from(["even", "proportional", "fixed"]),
    cents,
    st.decimals(0, 2, places=4),
    st.dictionaries(names, st.decimals(-500, 500, places=2), max_size=3),
    st.dictionaries(names, st.decimals(0, 1, places=3), max_size=3),
)
def test_every_statement_and_every_column_adds_up(
    costs: dict[str, D], method: str, shared: D, markup: D, adjustments: dict[str, D], fixed: dict[str, D]
) -> None:
    usages = {name: spent(cost) for name, cost in costs.items()}
    terms = Terms(method, shared, fixed, markup, adjustments)
    found = chargeback({MARCH: usages}, terms)
    entries = found.statements
    assert found.direct_usd + found.unallocated_usd == round(sum(costs.values()), 2)
    assert bool(entries) == any(costs.keys())
    if not entries:
        return
    for column in ("shared_usd", "shared_even_usd", "shared_proportional_usd"):
        assert sum(getattr(entry, column) for entry in entries) == shared
    bases = [entry.direct_usd + entry.shared_usd for entry in entries]
    assert sum(entry.markup_usd for entry in entries) == round(sum(markup * base for base in bases), 2)
    named = sum(amount for name, amount in adjustments.items() if name)
    assert sum(entry.adjustment_usd for entry in entries) == named
    for entry in entries:
        parts = (entry.direct_usd, entry.shared_usd, entry.markup_usd, entry.adjustment_usd)
        assert entry.total_usd == sum(parts)
        assert all(part == round(part, 2) for part in parts)
        assert abs(entry.direct_usd - entry.usage.cost_usd) < D("0.01")
    assert found.total_usd == found.direct_usd + shared + sum(
        e.markup_usd + e.adjustment_usd for e in entries
    )


@given(st.lists(money, min_size=1, max_size=20), cents, st.sampled_from(["even", "proportional", "fixed"]))
def test_every_split_adds_up(costs: list[D], amount: D, method: str) -> None:
    keys = [str(number) for number in range(len(costs))]
    parts = shared_split(method, keys, [spent(cost) for cost in costs], {"0": D("0.7")}, amount)
    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)


# --- coverage ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("covered", "grade"),
    [
        ("1", Maturity.RUN), ("0.9", Maturity.RUN), ("0.899999999", Maturity.WALK), ("0.8", Maturity.WALK),
        ("0.799999999", Maturity.CRAWL), ("0", Maturity.CRAWL),
    ],
)  # fmt: skip
def test_grades_at_their_bounds(covered: str, grade: Maturity) -> None:
    assert maturity(D(covered)) is grade


def test_coverage_that_cannot_be_known_has_no_grade() -> None:
    assert maturity(None) is None


@pytest.mark.parametrize(
    ("named", "grade", "advised"), [(90, "run", False), (89, "walk", True), (80, "walk", True), (79, "crawl", True)]
)  # fmt: skip
def test_coverage_of_calls_and_the_advice_below_90_percent(
    opened: Opened, named: int, grade: str, advised: bool
) -> None:
    calls = opened(
        call_files.rows(named, cost_usd="1"),
        call_files.rows(100 - named, cost_usd="1", organization_id=""),
    )
    result = made(calls)
    assert result.organization_coverage.cost_share == D(named) / 100
    assert result.organization_coverage.grade == grade
    document = page_of(result)
    advice = [entry for entry in document.recommendations if entry.id == "name-organizations"]
    assert bool(advice) == advised
    assert bool(document.alerts) == (grade == "crawl")
    if advised:  # one day of data, a month has 30
        assert advice[0].usd_month == (100 - named) * 30
        assert advice[0].rows == f"{100 - named} calls without an organization in 1 day"


# --- whose cost ----------------------------------------------------------------------------------------


def test_paths_keep_what_is_unallocated_and_add_up(opened: Opened) -> None:
    calls = opened(
        call_files.rows(3, cost_usd="0.1"),
        call_files.rows(2, cost_usd="0.2", feature_id="", environment="staging"),
        call_files.rows(1, cost_usd="0.7", organization_id="", product_id=""),
        call_files.rows(1, cost_usd=""),
    )
    result = made(calls)
    assert {path.key: (path.usage.calls, path.usage.cost_usd) for path in result.paths} == {
        ("org", "prod", "feat", "production"): (4, D("0.3")),
        ("org", "prod", "", "staging"): (2, D("0.4")),
        ("", "", "feat", "production"): (1, D("0.7")),
    }
    table = blocks(page_of(result))["by-path"]
    assert [row.cells[:4] for row in table.rows] == [
        ("org", "prod", "(unallocated)", "staging"),
        ("org", "prod", "feat", "production"),
        ("(unallocated)", "(unallocated)", "feat", "production"),
    ]
    assert sum(row.cells[4].amount for row in table.rows) == D("1.4") == result.total.cost_usd
    assert table.total.cells[4].at_least


def test_all_tables_of_cost_agree_with_the_shared_total(opened: Opened) -> None:
    calls = opened(
        *(
            call_files.rows(3, cost_usd=f"0.0{number}7", organization_id=f"o{number}", feature_id=f"f{number % 2}")
            for number in range(5)
        ),
        call_files.rows(2, cost_usd="0.001", organization_id=""),
    )  # fmt: skip
    total = breakdown(calls).total.cost_usd
    shown = blocks(page_of(made(calls)))
    for name, column in (("showback", "cost"), ("by-path", "cost"), *(
        (f"months-by-{kind}", "cost") for kind in ("organization", "product", "feature", "environment"))):  # fmt: skip
        table: Table = shown[name]
        place = [entry.key for entry in table.columns].index(column)
        assert table.total is not None
        assert table.total.cells[place].amount == total  # type: ignore[union-attr]
        assert sum(row.cells[place].amount for row in table.rows) == total  # type: ignore[union-attr]


def test_calendar_months_also_across_per_year(opened: Opened) -> None:
    def at(stamp: str, cost: str) -> list[dict[str, str]]:
        return [call_files.row(0, cost_usd=cost) | {"timestamp": stamp}]

    calls = opened(
        at("2025-11-30T23:59:59.999999", "1"), at("2025-12-01T00:00:00.000000", "2"),
        at("2026-02-01T00:00:00.000000", "4"),
    )  # fmt: skip
    result = made(calls)
    assert result.months == (date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1))
    line = result.by_month["organization"][0]
    assert [usage.cost_usd for usage in line.months] == [1, 2, 0, 4]


# --- efficiency ----------------------------------------------------------------------------------------


def test_costly_tasks_do_not_make_an_organization_costly(opened: Opened) -> None:
    """`code` costs ten times `qa` for all: whoever codes pays a price index of 1."""
    calls = opened(
        call_files.rows(100, cost_usd="0.01", organization_id="coder", task_type="code"),
        call_files.rows(100, cost_usd="0.001", organization_id="asker", task_type="qa"),
    )
    result = made(calls)
    assert {entry.organization: entry.index for entry in result.efficiency} == {"coder": 1, "asker": 1}
    assert not page_of(result).recommendations


def test_the_price_index_and_the_part_of_the_models(opened: Opened) -> None:
    """120 tokens per call: at the mean of $0.02 per call, who pays $0.03 has an index of 1.5, all by its model."""
    many = SETTINGS.sample.comparison_calls
    calls = opened(
        call_files.rows(many, cost_usd="0.03", organization_id="costly", model="big"),
        call_files.rows(many, cost_usd="0.01", organization_id="good", model="small"),
        call_files.rows(many - 1, cost_usd="0.02", organization_id="few", model="other"),
    )
    result = made(calls)
    costly, few, good = result.efficiency
    assert [entry.organization for entry in (costly, few, good)] == ["costly", "few", "good"]
    assert [round(entry.index or D(0), 12) for entry in (costly, few, good)] == [D("1.5"), 1, D("0.5")]
    assert [entry.compared for entry in (costly, few, good)] == [True, False, True]
    assert result.most_efficient is good
    advice = [entry for entry in page_of(result).recommendations if entry.id == "costly-costly"]
    assert round(advice[0].usd_month, 6) == many * D("0.01") * 30
    assert "its choice of models" in advice[0].action
    assert advice[0].action.endswith("big takes 100% of its tokens, 0% of those of good")


# --- production ----------------------------------------------------------------------------------------


def test_non_production_at_the_best_ratio(opened: Opened) -> None:
    """lean spends 10% of its production outside, fat 50%: at 10%, fat's 50 would be 10."""
    many = SETTINGS.sample.comparison_calls
    calls = opened(
        call_files.rows(many, cost_usd="1", organization_id="lean", environment="Production"),
        call_files.rows(many, cost_usd="0.1", organization_id="lean", environment="staging"),
        call_files.rows(many, cost_usd="1", organization_id="fat", environment="prod"),
        call_files.rows(many, cost_usd="0.5", organization_id="fat", environment="development"),
        call_files.rows(many, cost_usd="0.25", organization_id="none", environment=""),
    )
    result = made(calls)
    assert result.leanest is not None
    assert result.leanest.organization == "lean"
    assert result.non_production_usd == many * D("0.6")
    assert result.non_production_share == D("0.6") / D("2.6")
    assert result.non_production_at_best_usd == many * D("0.2")
    advice = [entry for entry in page_of(result).recommendations if entry.id.startswith("non-production")]
    assert [(entry.subject, entry.usd_month) for entry in advice] == [("fat", many * D("0.4") * 30)]


@pytest.mark.parametrize(("outside", "advised"), [("0.2", False), ("0.21", True)])
def test_non_production_is_advised_on_above_twice_what_the_others_spend(
    opened: Opened, outside: str, advised: bool
) -> None:
    many = SETTINGS.sample.comparison_calls
    usual = {"lean": "0.08", "plain": "0.1", "fair": "0.12", "fat": outside}
    calls = opened(
        *(call_files.rows(many, cost_usd="1", organization_id=name) for name in usual),
        *(
            call_files.rows(many, cost_usd=usd, organization_id=name, environment="staging")
            for name, usd in usual.items()
        ),
    )
    advice = page_of(made(calls)).recommendations
    assert [entry.subject for entry in advice] == (["fat"] if advised else [])


# --- edges and the page --------------------------------------------------------------------------------


def one_call(**changes: str) -> list[dict[str, str]]:
    return call_files.rows(1, **changes)


NAMELESS = dict.fromkeys(("organization_id", "product_id", "feature_id", "environment", "task_type"), "")

CASES: dict[str, list[dict[str, str]]] = {
    "one call": one_call(),
    "one free call": one_call(cost_usd="0"),
    "all cost unknown": call_files.rows(40, cost_usd=""),
    "no organization": call_files.rows(40, **NAMELESS),
    "nothing known": call_files.rows(3, cost_usd="", **NAMELESS),
    "no tokens": call_files.rows(3, input_tokens="0", output_tokens="0"),
    "some unknown": call_files.rows(40) + call_files.rows(3, cost_usd="", organization_id="late"),
    "many": [
        call_files.row(number, organization_id=f"org{number % 60}", model=f"m{number % 3}",
                       cost_usd=f"0.0{number % 7}1", feature_id=f"f{number % 11}",
                       environment=("production", "staging", "")[number % 3])
        for number in range(3000)
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_page_is_sound(opened: Opened, case: str) -> None:
    calls = opened(CASES[case])
    result = made(calls, shared_monthly_usd=D(100), markup=D("0.1"))
    document = page_of(result)
    cost = result.total.known_cost_usd
    page = render_report(document, Provenance(calls.source, "1", "x", generated_now(), cost))
    ids = re.findall(r'\sid="([^"]+)"', markup(page))
    assert len(ids) == len(set(ids))
    assert not re.search(r"\b(None|NaN|nan|Infinity|undefined)\b", visible(page))
    methods = {method.id for method in document.methods}
    for block in blocks(document).values():
        assert getattr(block, "method", "") in methods | {""}
        if isinstance(block, Table):
            assert len(block.rows) <= 501
            assert all(
                len(row.cells) == len(block.columns) for row in (*block.rows, *filter(None, [block.total]))
            )
        if isinstance(block, Chart):
            assert all(len(series.values) == len(block.labels) for series in block.series)
    for advice in document.recommendations:
        assert advice.target_row in {row.key for row in blocks(document)[advice.target].rows}
        assert advice.usd_month >= 1


def markup(page: str) -> str:
    """The page without its scripts and styles."""
    return re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)


def visible(page: str) -> str:
    """The text that a reader sees."""
    return html.unescape(re.sub(r"<[^>]*>", " ", markup(page)))


def test_without_organizations_the_page_says_what_cannot_be_known(opened: Opened) -> None:
    result = made(opened(CASES["no organization"]))
    document = page_of(result)
    assert "whose cost it is, who is efficient and what to charge cannot be known" in words(document)
    assert "its product, feature or environment" in words(document)
    assert "statements" not in blocks(document)
    assert [row.cells[0] for row in blocks(document)["showback"].rows] == ["(unallocated)"]
    charged = next(card for card in document.cards if card.id == "charged")
    assert (charged.value.amount, charged.value.reason) == (None, "no call names an organization")


def test_unknown_cost_is_not_zero_on_a_statement(opened: Opened) -> None:
    document = page_of(made(opened(CASES["some unknown"])))
    rows = {row.cells[1]: row.cells for row in blocks(document)["statements"].rows}
    assert rows["late"][5].amount is None
    assert rows["late"][9].at_least
    assert not rows["org"][9].at_least
    assert [alert.target for alert in document.alerts] == ["statements"]


def test_free_shared_cost_is_said_and_not_split(opened: Opened) -> None:
    document = page_of(made(opened(CASES["many"])))
    assert "No shared cost is set" in words(document)
    assert "shared-cost" not in blocks(document)


def test_few_queries(opened: Opened) -> None:
    calls = opened(CASES["many"])
    asked: list[str] = []
    answer = calls.sql

    def listen(query: str, **values: Any) -> list[Any]:
        asked.append(query)
        return answer(query, **values)

    calls.sql = listen  # type: ignore[method-assign]
    made(calls)
    assert len(asked) <= 13
