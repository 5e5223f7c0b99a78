"""Budgets of the month as a table, and the range of a forecast as two cells of one."""

from collections.abc import Sequence
from decimal import Decimal

from analyzers.budgets.drivers import Driver
from analyzers.budgets.standing import BudgetState
from analyzers.words.figures import usd
from calls.dimensions import UNALLOCATED
from methods.forecast import Interval
from reporting.document import Cell, Table, Unit, Value
from reporting.filled_tables import Fields, field, filled_table

NO_INTERVAL = "too few past forecast errors"


def bounds(interval: Interval | None) -> tuple[Cell, Cell]:
    """From where to where a forecast amount may be, in USD to the cent."""
    if interval is None:
        return Value(None, Unit.USD, reason=NO_INTERVAL), Value(None, Unit.USD, reason=NO_INTERVAL)
    return round(Decimal(interval.low), 2), round(Decimal(interval.high), 2)


def budget_table(states: Sequence[BudgetState], *, at_least: bool) -> Table:
    """The budgets of the month; `at_least` says that the cost of some calls is unknown."""
    short = "too little history"

    def least(state: BudgetState) -> bool:
        return at_least or state.covered_from is not None

    def bound(state: BudgetState, place: int) -> Cell:
        return bounds(state.month_end.interval_80 if state.month_end else None)[place]

    fields: Fields[BudgetState] = (
        field("scope", "Budget for", lambda state: state.title),
        field("month", "Month", lambda state: f"{state.month:%b %Y}"),
        field("budget", "Budget", lambda state: state.monthly_usd, Unit.USD),
        field(
            "spent",
            "Spent",
            lambda state: Value(state.spent_usd, Unit.USD, at_least=least(state)),
            Unit.USD,
        ),
        field(
            "spent-share",
            "Spent of budget",
            lambda state: Value(state.spent_share, Unit.SHARE, reason="the budget is zero"),
            Unit.SHARE,
        ),
        field("pace", "Month gone", lambda state: state.pace_share, Unit.SHARE),
        field(
            "estimate",
            "Month-end estimate",
            lambda state: Value(state.estimate_usd, Unit.USD, reason=short, at_least=least(state)),
            Unit.USD,
        ),
        field("low", "80% from", lambda state: bound(state, 0), Unit.USD),
        field("high", "80% to", lambda state: bound(state, 1), Unit.USD),
        field(
            "overrun",
            "Chance of overrun",
            lambda state: Value(state.overrun_probability, Unit.SHARE, reason=short),
            Unit.SHARE,
        ),
        field(
            "runs-out",
            "Runs out on",
            lambda state: Value(
                state.runs_out_on, Unit.DATE, reason="not in this month" if state.month_end else short
            ),
            Unit.DATE,
        ),
        field("driver", "Driver", lambda state: _driver_words(state.driver)),
    )
    return filled_table(
        "budgets",
        "Budgets of the month",
        states,
        fields,
        key=lambda state: f"{state.scope}/{state.name}",
        method="budget",
    )


def _driver_words(driver: Driver | None) -> str:
    if driver is None:
        return "nothing is spent"
    name = driver.model or UNALLOCATED
    if driver.grew_usd:
        return f"{name}: {usd(driver.grew_usd)} more in the last 7 days than in the 7 before"
    return f"{name}: {usd(driver.cost_usd)} of the period's cost"
