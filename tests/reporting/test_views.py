"""How blocks and tables become views: which share a line, which ids they have, what a cell says."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from reporting.document import Chart, ChartKind, Column, Note, Row, Section, Series, Table, Unit, Value
from reporting.number_format import NBSP, plain, plotted, shown
from reporting.part_ids import distinct
from reporting.tables import FIRST_ROWS, table_view
from reporting.views import document_view
from tests.reporting import example


def bars(identity, count):
    labels = tuple(f"name {number}" for number in range(count))
    return Chart(
        id=identity,
        kind=ChartKind.BAR_HORIZONTAL,
        title="Finding",
        subject="Subject",
        label_title="Name",
        labels=labels,
        series=(Series("Cost", (1,) * count),),
        unit=Unit.USD,
    )


def table(identity, columns, rows=3):
    heads = tuple(Column(f"c{number}", f"Column {number}", unit=Unit.USD) for number in range(columns))
    return Table(
        id=identity,
        title="Table",
        columns=heads,
        rows=tuple(Row((Decimal(1),) * columns) for _ in range(rows)),
    )


@pytest.mark.parametrize(
    ("blocks", "wide"),
    [
        ((bars("a", 5), bars("b", 5)), [False, False]),
        ((bars("a", 5), bars("b", 5), bars("c", 5)), [False, False, True]),
        ((bars("a", 5), table("b", 3)), [False, False]),
        ((bars("a", 20), bars("b", 21)), [True, True]),
        ((replace(bars("a", 5), wide=True), bars("b", 5), bars("c", 5)), [True, False, False]),
        ((bars("a", 5), Note("between"), bars("b", 5)), [True, True, True]),
        ((table("a", 12), table("b", 12)), [True, True]),
    ],
)
def test_two_narrow_panels_in_a_row_share_a_line(blocks, wide):
    document = replace(
        example.document(example.REPORTS[0]),
        sections=(Section("all", "All", blocks=blocks),),
        recommendations=(),
        alerts=(),
    )
    view = document_view(document, {})
    assert [block.wide for block in view.sections[0].blocks] == wide


def test_ids_hold_what_an_id_may_and_stay_apart():
    document = example.document(example.REPORTS[0])
    named = [
        replace(document.recommendations[0], id=name)
        for name in ("cap-acme", "cap Acme & Co", "cap Acme / Co", "cap-acme", "x" * 5000)
    ]
    ids = [advice.id for advice in distinct(replace(document, recommendations=tuple(named))).recommendations]
    assert len(set(ids)) == 5
    assert [ids[0], ids[3]] == ["cap-acme", "cap-acme-2"]
    assert all(re.fullmatch(r"cap-Acme-Co-[0-9a-f]{8}", made) for made in ids[1:3])
    assert re.fullmatch(r"x{64}-[0-9a-f]{8}", ids[4])


def test_a_table_hardly_longer_than_its_first_rows_shows_all():
    assert table_view(table("t", 2, FIRST_ROWS + 2)).first_rows == FIRST_ROWS + 2
    assert table_view(table("t", 2, FIRST_ROWS + 3)).first_rows == FIRST_ROWS


def test_a_total_row_leaves_a_name_blank_where_a_row_calls_it_unallocated():
    columns = (Column("name", "Name"), Column("plan", "Plan"), Column("usd", "Cost", unit=Unit.USD))
    view = table_view(
        Table(id="t", title="T", columns=columns, rows=(Row(("", "", 1)),), total=Row(("Total", "", 1)))
    )
    assert [cell.text for cell in view.rows[0].cells] == ["(unallocated)", "(unallocated)", "$1.00"]
    assert [cell.text for cell in view.total.cells] == ["Total", "", "$1.00"]


def test_a_column_of_mixed_units_lines_up_as_numbers():
    columns = (Column("name", "Name"), Column("now", "Now"))
    rows = (Row(("Cost", Value(Decimal(3), Unit.USD))), Row(("Calls", Value(7, Unit.COUNT))))
    head = table_view(Table(id="t", title="T", columns=columns, rows=rows)).heads[1]
    assert (head.numeric, head.kind) == (True, "mixed")
    words = table_view(Table(id="t", title="T", columns=columns, rows=(Row(("a", "b")),))).heads[1]
    assert (words.numeric, words.kind) == (False, "text")


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (Decimal("-0.0123"), Unit.POINTS, f"−1.2{NBSP}points"),
        (Decimal("999.94"), Unit.COUNT, "999.9"),
        (Decimal("1000.4"), Unit.COUNT, "1,000"),
        (1, Unit.DAYS, f"1{NBSP}day"),
    ],
)
def test_figures_in_prose(amount, unit, text):
    assert shown(Value(amount, unit)).text == text


def test_money_is_exact_and_a_quotient_has_fifteen_digits():
    assert plain(Decimal("12345678901234.123456789")) == "12345678901234.123456789"
    assert plain(Decimal(1) / 3) == "0.333333333333333"
    assert plotted(Decimal(2) / 3, Unit.COUNT) == float(plain(Decimal(2) / 3))


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0.00"),
        ("0.01", "$0.01"),
        ("0.009999", "$0.01000"),
        ("0.0034", "$0.00340"),
        ("-0.0000038", "−$0.00000380"),
    ],
)
def test_a_sum_of_less_than_a_cent_keeps_its_digits(amount, text):
    assert shown(Value(Decimal(amount), Unit.USD)).text == text


def test_a_bound_of_unknown_cost_stands_before_the_figure():
    assert shown(Value(Decimal(3), Unit.USD, at_least=True)).text == f"≥{NBSP}$3.00"
    assert shown(Value(Decimal(3), Unit.USD, at_most=True)).text == f"≤{NBSP}$3.00"


@pytest.mark.parametrize(
    ("cells", "kept"), [((0, None), False), ((Decimal(0), Value(None, Unit.USD)), False), ((0, 1), True)]
)
def test_a_sparse_column_is_shown_only_if_a_row_has_something_in_it(cells, kept):
    columns = (
        Column("name", "Name"),
        Column("extra", "Extra", unit=Unit.USD, sparse=True),
        Column("n", "N", unit=Unit.COUNT),
    )
    table = Table(
        id="t",
        title="T",
        columns=columns,
        rows=tuple(Row(("a", cell, 2)) for cell in cells),
        total=Row(("all", 0, 4)),
    )
    view = table_view(table)
    assert [head.key for head in view.heads] == (["name", "extra", "n"] if kept else ["name", "n"])
    assert view.total
    assert view.total.cells[-1].text == "4"
