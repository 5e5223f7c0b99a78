"""Budgets of the open window and of closed ones as tables, and the range of a forecast as two cells of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from analyzers.budgets.budget_state import BudgetState
from analyzers.budgets.drivers import Driver
from analyzers.ledger.months import Spent
from analyzers.usage.sums import Usage
from analyzers.words.figures import day, usd
from calls.dimensions import UNALLOCATED
from methods.forecast import Interval
from reporting.document import Cell, Table, Unit, Value
from reporting.filled_tables import Fields, field, filled_table

MOST_CLOSED = 60
"""Closed windows that a table lists."""
NO_INTERVAL = "too few past forecast errors"
SHORT_HISTORY = "too little history"
HOW_TO_SET = (
    "No budget is set. To set one, write [[budget]] with scope, name and monthly_usd into a TOML file and pass it "
    "with --settings FILE; docs/settings.md shows one."
)


def no_budgets_words(total: Usage) -> str:
    """Why no budget is shown, and how to set one."""
    if total.known_cost_usd is None:
        return "No call has a known cost, so no budget can be judged."
    return HOW_TO_SET


def bounds(interval: Interval | None) -> tuple[Cell, Cell]:
    """From where to where a forecast amount may be, in USD to the cent."""
    if interval is None:
        return Value(None, Unit.USD, reason=NO_INTERVAL), Value(None, Unit.USD, reason=NO_INTERVAL)
    return round(Decimal(interval.low), 2), round(Decimal(interval.high), 2)


def budget_table(states: Sequence[BudgetState], *, at_least: bool) -> Table:
    """The budgets in the windows that are open; `at_least` says that the cost of some calls is unknown."""
    fields: Fields[BudgetState] = (
        field("scope", "Budget for", lambda state: state.title),
        field("window", "Window", lambda state: state.window.title),
        field("budget", "Budget", lambda state: state.budget_usd, Unit.USD),
        *_spent_fields(at_least=at_least),
        *_estimate_fields(at_least=at_least),
        field("driver", "Driver", lambda state: _driver_words(state.driver)),
    )
    return filled_table(
        "budgets",
        "Budgets",
        states,
        fields,
        key=lambda state: state.key,
        note=_partial(states),
        method="budget",
    )


def _spent_fields(*, at_least: bool) -> Fields[BudgetState]:
    """What is spent, and how much of the window has passed."""

    def spent(state: BudgetState) -> Value:
        return Value(state.spent_usd, Unit.USD, at_least=at_least or _misses_days(state))

    def share(state: BudgetState) -> Value:
        return Value(state.spent_share, Unit.SHARE, reason="the budget is zero")

    return (
        field("spent", "Spent", spent, Unit.USD),
        field("spent-share", "Spent of budget", share, Unit.SHARE),
        field("pace", "Window gone", lambda state: state.pace_share, Unit.SHARE),
    )


def _misses_days(state: BudgetState) -> bool:
    """Whether the calls begin within the window, so that more was spent than they tell."""
    return state.covered_from is not None


def _estimate_fields(*, at_least: bool) -> Fields[BudgetState]:
    """Where the window will end, in USD and in days."""

    def estimate(state: BudgetState) -> Value:
        least = at_least or _misses_days(state)
        return Value(state.estimate_usd, Unit.USD, reason=SHORT_HISTORY, at_least=least)

    def bound(state: BudgetState, place: int) -> Cell:
        return bounds(state.window_end.interval_80 if state.window_end else None)[place]

    def overrun(state: BudgetState) -> Value:
        return Value(state.overrun_probability, Unit.SHARE, reason=SHORT_HISTORY)

    def runs_out(state: BudgetState) -> Value:
        reason = "not in this window" if state.window_end else SHORT_HISTORY
        return Value(state.runs_out_on, Unit.DATE, reason=reason)

    return (
        field("estimate", "Estimate of its end", estimate, Unit.USD),
        field("low", "80% from", lambda state: bound(state, 0), Unit.USD),
        field("high", "80% to", lambda state: bound(state, 1), Unit.USD),
        field("overrun", "Chance of overrun", overrun, Unit.SHARE),
        field("runs-out", "Runs out on", runs_out, Unit.DATE),
    )


def _partial(states: Sequence[BudgetState]) -> str:
    """That the last day lacks hours, where it does."""
    last = next((state.partial_day for state in states if state.partial_day), None)
    if last is None:
        return ""
    return f"{day(last)} lacks hours: what it has is spent, and the estimate adds what it may still bring."


def closed_table(states: Sequence[BudgetState], *, at_least: bool) -> Table | None:
    """The closed windows of all budgets, the latest first; None where none is closed."""
    rows = [_Closed(state, each) for state in states for each in state.closed]
    rows.sort(key=lambda row: row.spent.window.last, reverse=True)
    if not rows:
        return None
    fields: Fields[_Closed] = (
        field("scope", "Budget for", lambda row: row.state.title),
        field("window", "Window", lambda row: row.spent.window.title),
        field("budget", "Budget", lambda row: row.state.budget_usd, Unit.USD),
        field("spent", "Spent", lambda row: _spent(row, at_least=at_least), Unit.USD),
        field("over", "Over the budget", _over, Unit.USD),
        field(
            "crossed",
            "Crossed on",
            lambda row: Value(row.spent.crossed_on, Unit.DATE, reason="within the budget"),
            Unit.DATE,
        ),
    )
    return filled_table(
        "closed-budgets",
        "Closed windows of the budgets",
        rows,
        fields,
        key=lambda row: f"{row.state.key}/{row.spent.window.first}",
        limit=MOST_CLOSED,
        method="budget",
    )


def _spent(row: "_Closed", *, at_least: bool) -> Value:
    return Value(row.spent.spent_usd, Unit.USD, at_least=at_least or row.spent.covered_from is not None)


def _over(row: "_Closed") -> Value:
    over = row.spent.spent_usd - row.state.budget_usd
    return Value(over if over > 0 else None, Unit.USD, reason="within the budget")


@dataclass(frozen=True)
class _Closed:
    """A closed window of a budget."""

    state: BudgetState
    spent: Spent


def _driver_words(driver: Driver | None) -> str:
    if driver is None:
        return "nothing is spent"
    name = driver.model or driver.provider or UNALLOCATED
    if driver.grew_usd:
        return f"{name}: {usd(driver.grew_usd)} more in the last 7 days than in the 7 before"
    return f"{name}: {usd(driver.cost_usd)} of the period's cost"
