"""The cards of real-time decision making: incidents, last 24 hours, outliers, late and failed calls, budgets."""

from analyzers.realtime.result import LastDay, Realtime
from analyzers.realtime.tables import NO_FAILED_COST
from analyzers.usage.cells import COST
from analyzers.usage.earlier_period import Compared, Periods, change
from analyzers.usage.sums import share
from analyzers.usage.tables import cost_value
from analyzers.words.defaults import default
from analyzers.words.figures import counted, hour, usd
from reporting.document import Change, MetricCard, Unit, Value


def cards(result: Realtime) -> tuple[MetricCard, ...]:
    """All cards, the headline first."""
    last = result.last
    late = sum(entry.late for entry in result.violations)
    timed = sum(entry.timed for entry in result.violations)
    return (
        MetricCard(
            id="last-day",
            label="Cost of the last 24 hours",
            value=cost_value(last.usage),
            note=f"to {hour(last.until)}",
            change=_change(last),
        ),
        *_anomaly_cards(result),
        MetricCard(
            id="outliers",
            label="Outlier calls",
            value=Value(result.outliers.count, Unit.COUNT),
            note=f"{usd(result.outliers.excess_usd)} over the usual" if result.outliers.excess_usd else "",
        ),
        _budget_card(result),
        MetricCard(
            id="late",
            label="Calls over the SLA",
            value=Value(share(late, timed), Unit.SHARE, reason="no call has a latency"),
            note=f"{default(own=result.own_levels)}limit {result.limit_ms / 1000:g} s" if timed else "",
        ),
        _failure_card(result),
        MetricCard(id="cost", label="Total cost", value=cost_value(result.total), sum=COST),
    )


def _change(last: LastDay) -> Change | None:
    if last.before is None or last.usage.known_cost_usd is None:
        return None
    compared = Compared(last.before.cost_usd, last.usage.cost_usd, Periods("these 24 hours", "the 24 before"))
    return change(compared, rise_is_good=False)


def _anomaly_cards(result: Realtime) -> tuple[MetricCard, MetricCard]:
    search = result.search
    number = None if search.reason else len(search.events)
    dollars = None if search.reason else round(result.anomaly_usd, 2)
    return (
        MetricCard(
            id="anomalies",
            label="Incidents",
            value=Value(number, Unit.COUNT, reason=search.reason),
            note="" if search.reason else f"in {search.series:,} series",
        ),
        MetricCard(
            id="anomaly-cost",
            label="Cost over expectation",
            value=Value(dollars, Unit.USD, reason=search.reason),
            note="" if search.reason else _missing_words(result),
        ),
    )


def _missing_words(result: Realtime) -> str:
    missing = f"; {usd(result.missing_usd)} below it in falls" if result.missing_usd else ""
    return f"no call counted twice{missing}"


def _budget_card(result: Realtime) -> MetricCard:
    over = [state for state in result.budgets if state.is_overrun]
    return MetricCard(
        id="budgets",
        label="Budgets overrun or heading for it",
        value=Value(
            len(over) if result.budgets else None, Unit.COUNT, reason="no budget is set, or no cost is known"
        ),
        note=f"of {counted(len(result.budgets), 'budget')}" if result.budgets else "",
    )


def _failure_card(result: Realtime) -> MetricCard:
    reason = NO_FAILED_COST if result.knows_status else "the file has no status"
    return MetricCard(
        id="failed", label="Cost of failed calls", value=Value(result.failed_usd, Unit.USD, reason=reason)
    )
