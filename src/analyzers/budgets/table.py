"""Budgets of the month as a table, and the range of a forecast as two cells of one."""

from collections.abc import Sequence
from decimal import Decimal

from analyzers.budgets.drivers import Driver
from analyzers.budgets.standing import BudgetState
from analyzers.usage.tables import UNALLOCATED
from analyzers.words.figures import usd
from methods.forecast import Interval
from reporting.document import Cell, Column, Row, Table, Unit, Value

NO_INTERVAL = "too few past forecast errors"


def bounds(interval: Interval | None) -> tuple[Cell, Cell]:
    """From where to where a forecast amount may be, in USD to the cent."""
    if interval is None:
        return Value(None, Unit.USD, NO_INTERVAL), Value(None, Unit.USD, NO_INTERVAL)
    return round(Decimal(interval.low), 2), round(Decimal(interval.high), 2)


def budget_table(states: Sequence[BudgetState], *, at_least: bool) -> Table:
    """The budgets of the month; `at_least` says that the cost of some calls is unknown."""
    columns = (
        Column("scope", "Budget for"),
        Column("month", "Month"),
        Column("budget", "Budget", Unit.USD),
        Column("spent", "Spent", Unit.USD),
        Column("spent-share", "Spent of budget", Unit.SHARE),
        Column("pace", "Month gone", Unit.SHARE),
        Column("estimate", "Month-end estimate", Unit.USD),
        Column("low", "80% from", Unit.USD),
        Column("high", "80% to", Unit.USD),
        Column("overrun", "Chance of overrun", Unit.SHARE),
        Column("runs-out", "Runs out on", Unit.DATE),
        Column("driver", "Driver"),
    )
    return Table(
        "budgets",
        "Budgets of the month",
        columns,
        tuple(_budget_row(state, at_least) for state in states),
        method="budget",
    )


def _budget_row(state: BudgetState, at_least: bool) -> Row:
    short, least = "too little history", at_least or state.covered_from is not None
    return Row(
        (
            state.title,
            f"{state.month:%b %Y}",
            state.monthly_usd,
            Value(state.spent_usd, Unit.USD, at_least=least),
            Value(state.spent_share, Unit.SHARE, "the budget is zero"),
            state.pace_share,
            Value(state.estimate_usd, Unit.USD, short, least),
            *(bounds(state.month_end.interval_80) if state.month_end else bounds(None)),
            Value(state.overrun_probability, Unit.SHARE, short),
            Value(state.runs_out_on, Unit.DATE, "not in this month" if state.month_end else short),
            _driver_words(state.driver),
        ),
        key=f"{state.scope}/{state.name}",
    )


def _driver_words(driver: Driver | None) -> str:
    if driver is None:
        return "nothing is spent"
    name = driver.model or UNALLOCATED
    if driver.grew_usd:
        return f"{name}: {usd(driver.grew_usd)} more in the last 7 days than in the 7 before"
    return f"{name}: {usd(driver.cost_usd)} of the period's cost"
