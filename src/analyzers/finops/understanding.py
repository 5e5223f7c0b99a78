"""Understanding usage and cost: what is spent, on what, and where it is going."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any, ClassVar

from analysis.run import run_one
from analyzers.advice.cheaper_models import WORK_ROLLUPS, switches, work
from analyzers.base import Analyzer
from analyzers.budgets.standing import LEAST_DAYS, budget_states, cost_forecast, month_outlook
from analyzers.understanding.page import page
from analyzers.understanding.result import Bloat, Understanding, Weekday, WeekHour
from analyzers.usage.compared import over_spans, usage_sums
from analyzers.usage.sums import MEASURES, Breakdown, Usage, breakdown, total_usage, usage_of
from analyzers.usage.timeline import Timeline, hours, timeline
from analyzers.words.figures import counted
from calls.engine import Calls
from methods.bridge import CostBridge, cost_bridge
from methods.bridge import Usage as BridgeLine
from methods.concentration import Concentration, concentration
from reporting.document import Category, Document
from settings.model import Settings

BLOAT_RATIO = Decimal("1.5")
"""Calls longer than their peers' by this factor are called bloated."""
BLOAT_PEERS = 3

USE_BETWEEN = f"""
select provider, model,
       {MEASURES}
from (select *, cast(local_hour as date) as local_day from hourly_use) as dated
where local_day between cast($first as date) and cast($last as date)
group by provider, model
order by provider, model
"""

BY_ORGANIZATION_AND_TASK = f"""
select organization_id, task_type,
       {MEASURES}
from work
where organization_id <> '' and is_priced
group by organization_id, task_type
order by organization_id, task_type
"""


class FinopsUnderstanding(Analyzer[Understanding]):
    """Cost, calls and tokens in total and by every dimension; time, forecast, change and savings."""

    id: ClassVar[str] = "finops_understanding"
    title: ClassVar[str] = "Understanding usage and cost"
    question: ClassVar[str] = "What are we spending, on what, and where is it going?"
    category: ClassVar[Category] = Category.FINOPS
    order: ClassVar[int] = 1
    description: ClassVar[str] = "Cost by provider, model, team and customer; trend, forecast and savings"
    asks_late: ClassVar[tuple[str, ...]] = WORK_ROLLUPS

    def analyze(self, calls: Calls, settings: Settings) -> Understanding:
        """Everything the page shows."""
        source, parts, time = calls.source, breakdown(calls), timeline(calls)
        bridge, bridge_reason = _bridge(calls, parts)
        forecast = cost_forecast([day.usage.cost_usd for day in time.complete])
        needed = settings.sample.comparison_calls
        return Understanding(
            first_day=source.period.first_day,
            last_day=source.period.last_day,
            timezone=source.filters.timezone,
            breakdown=parts,
            time=time,
            versus=usage_sums(calls),
            week_hours=_week_hours(calls, time),
            weekdays=_weekdays(time),
            forecast=forecast,
            forecast_reason="" if forecast else _no_forecast(parts, time),
            month=month_outlook(time) if forecast else None,
            budgets=budget_states(calls, settings) if parts.total.priced_calls else (),
            bridge=bridge,
            bridge_reason=bridge_reason,
            provider_concentration=_concentration(parts, "provider"),
            customer_concentration=_customer_concentration(parts),
            switches=switches(work(calls), settings.pricing, source.period.last_day, needed),
            switch_share=settings.levers.switch_share,
            bloats=_bloats(calls, needed),
            unpriced=source.unpriced,
            columns=source.columns,
        )

    def steps(self, result: Understanding) -> tuple[str, ...]:
        """What was done for it."""
        kinds = {"provider": ("provider",), "model": ("provider", "model"), "customer": ("customer_id",)}
        counts = [
            counted(sum(1 for group in result.by(*names) if group.name), kind)
            for kind, names in kinds.items()
        ]
        return f"Processing {counted(result.total.calls, 'call')}...", f"Analyzed: {', '.join(counts)}"

    def document(self, result: Understanding) -> Document:
        """The page."""
        return page(self, result)


def _no_forecast(parts: Breakdown, time: Timeline) -> str:
    if not parts.total.cost_usd:
        return "No call has a known cost above zero, so no cost can be forecast."
    complete = counted(len(time.complete), "complete day")
    return f"{complete} of history: a forecast needs {LEAST_DAYS}, weekday effects need 14."


def _week_hours(calls: Calls, time: Timeline) -> tuple[WeekHour, ...]:
    """All 168 hours of the week."""
    found: dict[tuple[int, int], list[Usage]] = defaultdict(list)
    for entry in hours(calls):
        found[entry.hour.isoweekday(), entry.hour.hour].append(entry.usage)
    days: dict[int, int] = defaultdict(int)
    for day in time.days:
        days[day.day.isoweekday()] += 1
    return tuple(
        WeekHour(weekday, hour, total_usage(found[weekday, hour]), days[weekday])
        for weekday in range(1, 8)
        for hour in range(24)
    )


def _weekdays(time: Timeline) -> tuple[Weekday, ...]:
    grouped = {
        weekday: [d.usage for d in time.complete if d.day.isoweekday() == weekday] for weekday in range(1, 8)
    }
    return tuple(Weekday(weekday, len(uses), total_usage(uses)) for weekday, uses in grouped.items())


def _bridge(calls: Calls, parts: Breakdown) -> tuple[CostBridge[str] | None, str]:
    """The change between the two spans by model, or why there is none."""
    if not parts.total.priced_calls:
        return None, "No call has a known cost, so a change of cost cannot be explained."
    lines = over_spans(calls, _lines_between)
    if lines is None:
        return None, (
            "Fewer than 14 complete days of history: explaining a change needs two full weeks to compare."
        )
    return cost_bridge(lines.before, lines.now), ""


def _lines_between(calls: Calls, first: date, last: date) -> list[BridgeLine[str]]:
    return [_line(row) for row in calls.sql(USE_BETWEEN, first=first.isoformat(), last=last.isoformat())]


def _line(row: Any) -> BridgeLine[str]:
    usage = usage_of(row)
    return BridgeLine(
        f"{row.provider} {row.model}".strip(),
        usage.priced_calls,
        usage.priced_tokens,
        usage.cost_usd,
        usage.unpriced_calls,
    )


def _concentration(parts: Breakdown, name: str) -> Concentration:
    return concentration([max(group.usage.cost_usd, Decimal(0)) for group in parts.by(name)])


def _customer_concentration(parts: Breakdown) -> Concentration | None:
    """Over named customers; None where no call names one."""
    named = [max(group.usage.cost_usd, Decimal(0)) for group in parts.by("customer_id") if group.name]
    return concentration(named) if named else None


def _bloats(calls: Calls, needed: int) -> tuple[Bloat, ...]:
    """Organizations whose calls are longer than their peers' for the same task, the dearest excess first."""
    by_task: dict[str, list[tuple[str, Usage]]] = defaultdict(list)
    for row in calls.sql(BY_ORGANIZATION_AND_TASK):
        usage = usage_of(row)
        if usage.calls >= needed and usage.tokens:
            by_task[row.task_type].append((row.organization_id, usage))
    found = [bloat for task, entries in by_task.items() for bloat in _bloats_of(task, entries)]
    return tuple(sorted(found, key=lambda bloat: (-bloat.excess_usd, bloat.organization, bloat.task)))


def _bloats_of(task: str, entries: Sequence[tuple[str, Usage]]) -> list[Bloat]:
    found = []
    for organization, usage in entries:
        peers = [Decimal(other.tokens) / other.calls for name, other in entries if name != organization]
        if len(peers) < BLOAT_PEERS:
            continue
        usual = median(peers)
        if Decimal(usage.tokens) / usage.calls > BLOAT_RATIO * usual:
            found.append(Bloat(organization, task, usage, usual, len(peers)))
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Runs this report alone."""
    return run_one(FinopsUnderstanding(), argv)


if __name__ == "__main__":
    sys.exit(main())
