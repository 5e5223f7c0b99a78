"""Real-time decision making: what is wrong right now, what it cost and who must act."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from analysis.run import run_one
from analyzers.advice.cheaper_models import WORK_ROLLUPS, switches, work
from analyzers.base import Analyzer
from analyzers.budgets.budget_state import budget_states
from analyzers.realtime import COLUMNS
from analyzers.realtime.anomaly_search import search
from analyzers.realtime.customer_risk import customer_risks
from analyzers.realtime.outliers import long_answers, outlier_calls
from analyzers.realtime.page import page
from analyzers.realtime.result import LastDay, Realtime
from analyzers.realtime.waste import costlier_sellers, failures, premium_on_short, violations
from analyzers.usage.sums import breakdown, total_usage
from analyzers.usage.timeline import hours, timeline
from calls.engine import Calls
from methods.concentration import concentration
from reporting.document import Category, Document
from settings.model import Settings

WEEK = 7


class FinopsRealtime(Analyzer[Realtime]):
    """Anomalies, outliers, budgets, violations and waste, and the actions they ask for."""

    id: ClassVar[str] = "finops_realtime"
    title: ClassVar[str] = "Real-time decision making"
    question: ClassVar[str] = "What is wrong right now, what did it cost, who must act?"
    category: ClassVar[Category] = Category.FINOPS
    answers: ClassVar[tuple[tuple[str, str], ...]] = (("Which incident to look at?", "anomalies-found"),)
    description: ClassVar[str] = "Anomalies, budgets, violations and waste, with an action list"
    columns: ClassVar[frozenset[str]] = COLUMNS
    slow_rollups: ClassVar[tuple[str, ...]] = WORK_ROLLUPS

    def analyze(self, calls: Calls, settings: Settings) -> Realtime:
        """Everything the page shows."""
        source, parts = calls.source, breakdown(calls)
        day, lines = source.period.last_day, work(calls)
        found = search(calls, settings)
        cheaper = switches(lines, settings.pricing, day, settings.sample.comparison_calls)
        providers = parts.by("provider")
        return Realtime(
            first_day=source.period.first_day,
            last_day=day,
            total=parts.total,
            last=_last_day(calls),
            search=found,
            outliers=outlier_calls(calls, settings),
            budgets=budget_states(calls, settings) if parts.total.priced_calls else (),
            budget_shares=tuple(sorted(settings.alerts.budget_shares)),
            violations=violations(calls, settings.service_levels.latency_ms),
            limit_ms=settings.service_levels.latency_ms,
            own_levels=settings.own_service_levels,
            failures=failures(calls),
            knows_status="status" in source.columns,
            error_rate_max=settings.service_levels.error_rate_max,
            premium=premium_on_short(cheaper, settings.pricing),
            switch_share=settings.levers.switch_share,
            long_answers=long_answers(calls, settings, day),
            sellers=costlier_sellers(lines, settings.pricing, day),
            providers=concentration([max(group.usage.cost_usd, Decimal(0)) for group in providers]),
            top_provider=providers[0].name,
            risks=customer_risks(calls, found, settings.anomaly.floor_usd),
            rules={
                "modified z": settings.anomaly.modified_z,
                "ratio": settings.anomaly.ratio,
                "floor": settings.anomaly.floor_usd,
                "history": Decimal(settings.anomaly.history_days),
                "false discovery rate": settings.anomaly.false_discovery_rate,
            },
        )

    def steps(self, result: Realtime) -> tuple[str, ...]:
        """What was done for it."""
        found = result.search
        looked = found.reason or f"Searching {found.series:,} series of calls for anomalies..."
        return looked, "Checking budgets, service levels and waste..."

    def document(self, result: Realtime) -> Document:
        """The page."""
        return page(self, result)


def _last_day(calls: Calls) -> LastDay:
    """The last 24 clock hours of the data, and what they are compared with."""
    entries = hours(calls)
    until = entries[-1].hour + timedelta(hours=1)
    since = until - timedelta(hours=24)
    recent = total_usage(entry.usage for entry in entries if entry.hour >= since)
    day_before = since - timedelta(hours=24)
    equal = total_usage(entry.usage for entry in entries if day_before <= entry.hour < since)
    days = [entry.usage for entry in timeline(calls).complete if entry.day < since.date()][-WEEK:]
    usual = total_usage(days).cost_usd / len(days) if days else None
    return LastDay(until, recent, equal if entries[0].hour <= day_before else None, usual)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs this report alone."""
    return run_one(FinopsRealtime(), argv)


if __name__ == "__main__":
    sys.exit(main())
