"""Columns that say how they are filled, and the row that stands for what is too long for a page."""

from decimal import Decimal
from typing import NamedTuple

import pytest

from reporting.document import Row, Unit, Value
from reporting.filled_tables import (
    MOST_ROWS,
    NOT_ADDED,
    SEVERAL,
    Fields,
    added,
    field,
    filled_table,
    over,
    summed,
)


class Bill(NamedTuple):
    name: str
    plan: str
    calls: int
    usd: Decimal | None


def rate(bills: "tuple[Bill, ...] | list[Bill]") -> Value:
    known = [bill for bill in bills if bill.usd is not None]
    calls = sum(bill.calls for bill in known)
    usd = sum((bill.usd for bill in known if bill.usd is not None), Decimal(0))
    return Value(usd / calls if calls else None, Unit.USD_RATE, reason="unknown")


FIELDS: Fields[Bill] = (
    field("name", "Customer", lambda bill: bill.name),
    field("plan", "Plan", lambda bill: bill.plan),
    summed("calls", "Calls", lambda bill: bill.calls, Unit.COUNT),
    summed("usd", "Cost", lambda bill: Value(bill.usd, Unit.USD, reason="no price"), Unit.USD, sparse=True),
    over("rate", "Cost per call", lambda bills: rate(list(bills)), Unit.USD_RATE),
    field("longest", "Longest call", lambda bill: bill.calls, Unit.TOKENS),
)


def bills(count: int) -> list[Bill]:
    return [Bill(f"c{place}", "pro", place + 1, Decimal(place) / 10) for place in range(count)]


@pytest.mark.parametrize(
    ("count", "rest"), [(0, 0), (1, 0), (MOST_ROWS, 0), (MOST_ROWS + 1, 1), (1_234, 734)]
)
def test_a_row_of_its_own_for_each_up_to_the_limit_and_one_for_the_rest(count: int, rest: int) -> None:
    table = filled_table("bills", "Bills", bills(count), FIELDS, key=lambda bill: bill.name)
    assert len(table.rows) == min(count, MOST_ROWS) + (1 if rest else 0)
    assert [row.rest for row in table.rows if row.rest] == ([rest] if rest else [])
    if rest:
        assert table.rows[-1].cells[:2] == (f"Other ({rest:,})", SEVERAL)
        assert table.rows[-1].cells[2] == sum(range(MOST_ROWS + 1, count + 1))
        assert table.rows[-2] == Row((f"c{MOST_ROWS - 1}", "pro", 500, Value(Decimal("49.9"), Unit.USD, reason="no price"),
                                      Value(Decimal("49.9") / 500, Unit.USD_RATE, reason="unknown"), 500),
                                     key=f"c{MOST_ROWS - 1}")  # fmt: skip


def test_the_rest_is_summed_exactly_and_its_ratios_are_formed_anew() -> None:
    some = [
        Bill("a", "pro", 1, Decimal("9")),
        Bill("b", "", 3, Decimal("0.1")),
        Bill("c", "pro", 5, Decimal("0.2")),
    ]
    table = filled_table("bills", "Bills", some, FIELDS, limit=1, total="Total")
    other, total = table.rows[-1].cells, table.total.cells  # type: ignore[union-attr]
    assert other == (
        "Other (2)", SEVERAL, 8, Value(Decimal("0.3"), Unit.USD),
        Value(Decimal("0.3") / 8, Unit.USD_RATE, reason="unknown"), Value(None, Unit.TOKENS, reason=NOT_ADDED),
    )  # fmt: skip
    assert total[:4] == ("Total", "", 9, Value(Decimal("9.3"), Unit.USD))
    assert [(column.key, column.label, column.unit, column.sparse) for column in table.columns[2:4]] == [
        ("calls", "Calls", Unit.COUNT, False), ("usd", "Cost", Unit.USD, True),
    ]  # fmt: skip


def test_an_unknown_amount_makes_a_sum_at_least_what_is_known() -> None:
    known, unknown = Value(Decimal("1.5"), Unit.USD), Value(None, Unit.USD, reason="no price")
    assert added([known, unknown], Unit.USD) == Value(Decimal("1.5"), Unit.USD, at_least=True)
    assert added([unknown, unknown], Unit.USD) == Value(None, Unit.USD, reason="no price")
    assert added([known, Value(Decimal(1), Unit.USD, at_most=True)], Unit.USD) == Value(
        Decimal("2.5"), Unit.USD, at_most=True
    )
    assert added([2, 3], Unit.COUNT) == 5
    assert added([Value(2, Unit.COUNT, at_least=True), 3], Unit.COUNT) == Value(5, Unit.COUNT, at_least=True)


def test_what_is_not_exact_is_not_summed() -> None:
    with pytest.raises(TypeError, match="exactly"):
        added([0.1, 0.2], Unit.RATIO)
