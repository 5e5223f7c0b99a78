"""Section of calendar months: what each cost, what the open one comes to, and what the next ones will cost."""

from dataclasses import dataclass
from decimal import Decimal

from analyzers.budgets.budget_state import LEAST_DAYS, MonthAhead
from analyzers.budgets.table import bounds
from analyzers.ledger.months import Month
from analyzers.ledger.windows import Window
from analyzers.understanding.range_basis import range_basis
from analyzers.understanding.result import Understanding
from analyzers.usage.sums import Usage
from analyzers.words.figures import day, usd
from analyzers.words.opening import bound_words
from methods.forecast import ForecastTotal
from reporting.document import Table, Unit, Value
from reporting.filled_tables import Fields, field, filled_table

MOST_MONTHS = 60
UNDATED = "times that are not plausible"


@dataclass(frozen=True)
class MonthRow:
    """A calendar month: what is spent in it, and what it comes to where it is not over and can be forecast."""

    window: Window | None
    """None for the calls whose time is not plausible."""
    state: str
    usage: Usage
    at_least: bool
    expected_usd: Decimal | None
    end: ForecastTotal | None


def month_rows(result: Understanding) -> tuple[MonthRow, ...]:
    """The months of the file, the open one and those ahead, the latest first."""
    found = result.ledger
    months = found.months if found.open in found.months else (*found.months, found.open)
    rows = [*(_row(result, month) for month in months), *(_ahead(month) for month in result.months_ahead)]
    rest = found.undated
    undated = MonthRow(
        window=None, state=UNDATED, usage=rest, at_least=rest.at_least, expected_usd=None, end=None
    )
    return (*reversed(rows), *([undated] if rest.calls else []))


def _row(result: Understanding, month: Month) -> MonthRow:
    at_least = month.usage.at_least or month.covered_from is not None
    if month.closed:
        return MonthRow(
            window=month.window,
            state=f"closed{_since(month)}",
            usage=month.usage,
            at_least=at_least,
            expected_usd=None,
            end=None,
        )
    state = f"open; {day(month.partial_day)} lacks hours" if month.partial_day else "open"
    outlook = result.month
    return MonthRow(
        window=month.window,
        state=state + _since(month),
        usage=month.usage,
        at_least=at_least,
        expected_usd=outlook.estimate_usd if outlook else None,
        end=outlook.end if outlook else None,
    )


def _since(month: Month) -> str:
    return f"; the file begins on {day(month.covered_from)}" if month.covered_from else ""


def _ahead(month: MonthAhead) -> MonthRow:
    amount = round(Decimal(month.total.amount), 2)
    return MonthRow(month.window, "to come", Usage(), at_least=False, expected_usd=amount, end=month.total)


def month_table(result: Understanding) -> Table:
    """The calendar months, the latest first."""

    def expected(row: MonthRow) -> Value:
        reason = "no month" if row.window is None else result.forecast_reason
        reason = "the month is closed" if row.state.startswith("closed") else reason
        low = row.at_least or result.total.at_least
        return Value(row.expected_usd, Unit.USD, reason=reason, at_least=low)

    fields: Fields[MonthRow] = (
        field("month", "Month", _name),
        field("state", "State", lambda row: row.state),
        field("calls", "Calls", lambda row: row.usage.calls, Unit.COUNT),
        field("spent", "Spent", _spent, Unit.USD),
        field("credits", "of it credits", lambda row: _credits(result, row), Unit.USD, sparse=True),
        field("expected", "Expected in all", expected, Unit.USD),
        field("low", "80% from", lambda row: bounds(row.end.interval_80 if row.end else None)[0], Unit.USD),
        field("high", "80% to", lambda row: bounds(row.end.interval_80 if row.end else None)[1], Unit.USD),
        field("kind", "How sure", _sure),
    )
    return filled_table(
        "months",
        "Calendar months",
        month_rows(result),
        fields,
        key=lambda row: f"{row.window.first:%Y-%m}" if row.window else "undated",
        limit=MOST_MONTHS,
        note=f"Days are those of {result.timezone}. A forecast needs {LEAST_DAYS} complete days.",
        method="budget",
    )


def _credits(result: Understanding, row: MonthRow) -> Value:
    found = result.credits.of(row.window)
    return Value(found or None, Unit.USD, reason="no credit")


def _name(row: MonthRow) -> str:
    return f"{row.window.first:%B %Y}" if row.window else "(no month)"


def _spent(row: MonthRow) -> Value:
    return Value(row.usage.known_cost_usd, Unit.USD, reason="no call has a known cost", at_least=row.at_least)


def _sure(row: MonthRow) -> str:
    if row.end is None:
        return "known" if row.state.startswith("closed") or row.window is None else "not forecast"
    return "extrapolated: read the range" if row.end.extrapolated else "tested on the past"


def months_words(result: Understanding) -> tuple[str, ...]:
    """The open month and the next one as a sentence: "December 2026: $910.00, 80% from $880.00 to $940.00."."""
    if result.month is None:
        return ()
    now = result.month
    window = now.month.window
    ends = [(window, now.estimate_usd, now.end)]
    ends += [
        (each.window, round(Decimal(each.total.amount), 2), each.total) for each in result.months_ahead[:1]
    ]
    use = result.total
    words = "; ".join(_month_words(*each, use) for each in ends)
    ranged = next((end for *_, end in reversed(ends) if end.interval_80), None)
    basis = f" ({range_basis(ranged, result.forecast)})" if ranged else ""
    return (f"{words}{basis}.",)


def _month_words(window: Window, amount: Decimal, end: ForecastTotal, use: Usage) -> str:
    words = f"{window.first:%B %Y}: {bound_words(amount, use, 'at least')}"
    if end.interval_80 is None:
        return words
    return f"{words}, 80% from {usd(end.interval_80.low)} to {usd(end.interval_80.high)}"
