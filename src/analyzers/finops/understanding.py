"""Understanding usage and cost: what is spent, on what, and where it is going."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Sequence
from typing import ClassVar

from analysis.run import run_one
from analyzers.advice.cheaper_models import WORK_ROLLUPS, switches, work
from analyzers.base import Analyzer
from analyzers.budgets.budget_state import budget_states, cost_forecast, month_outlook, months_ahead
from analyzers.ledger.months import ledger
from analyzers.understanding import advice, change, concentration_table, outlook, when
from analyzers.understanding.credits import credits_of
from analyzers.understanding.page import page
from analyzers.understanding.recent_change import named_changes
from analyzers.understanding.result import Understanding
from analyzers.understanding.seats import seat_costs
from analyzers.usage.earlier_period import usage_sums
from analyzers.usage.sums import breakdown
from analyzers.usage.timeline import timeline
from analyzers.words.figures import counted
from calls.dimensions import chosen
from calls.engine import Calls
from reporting.document import Category, Document
from settings.model import Settings


class FinopsUnderstanding(Analyzer[Understanding]):
    """Cost, calls and tokens in total and by every dimension; time, forecast, change and savings."""

    id: ClassVar[str] = "finops_understanding"
    title: ClassVar[str] = "Understanding usage and cost"
    question: ClassVar[str] = "What are we spending, on what, and where is it going?"
    category: ClassVar[Category] = Category.FINOPS
    answers: ClassVar[tuple[tuple[str, str], ...]] = (
        ("What changed last week, and why?", "change"),
        ("What will the next month cost, how sure is it?", "where-it-goes"),
    )
    description: ClassVar[str] = "Cost by provider, model, team and customer; trend, forecast and savings"
    slow_rollups: ClassVar[tuple[str, ...]] = WORK_ROLLUPS

    def analyze(self, calls: Calls, settings: Settings) -> Understanding:
        """Everything the page shows."""
        source, parts, time = calls.source, breakdown(calls), timeline(calls)
        bridge, bridge_reason = change.explained(calls, parts)
        forecast = cost_forecast([day.usage.cost_usd for day in time.complete])
        needed = settings.sample.comparison_calls
        return Understanding(
            first_day=source.period.first_day,
            last_day=source.period.last_day,
            timezone=source.filters.timezone,
            breakdown=parts,
            time=time,
            versus=usage_sums(calls),
            changes=named_changes(calls),
            week_hours=when.week_hours(calls, time),
            weekdays=when.weekdays(time),
            forecast=forecast,
            forecast_reason="" if forecast else outlook.no_forecast(parts, time),
            ledger=ledger(calls),
            credits=credits_of(calls),
            month=month_outlook(calls, forecast),
            months_ahead=months_ahead(ledger(calls), forecast),
            budgets=budget_states(calls, settings) if parts.total.priced_calls else (),
            seats=seat_costs(calls, settings.seat, parts.total),
            bridge=bridge,
            bridge_reason=bridge_reason,
            provider_concentration=concentration_table.concentration_by(parts, "provider"),
            customer_concentration=concentration_table.customer_concentration(parts),
            switches=switches(work(calls), settings.pricing, source.period.last_day, needed),
            switch_share=settings.levers.switch_share,
            bloats=advice.bloats(calls, needed),
            unpriced=source.unpriced,
            columns=source.columns,
        )

    def steps(self, result: Understanding) -> tuple[str, ...]:
        """What was done for it."""
        kinds = {each.id: each.columns for each in chosen("provider", "model", "customer")}
        counts = [
            counted(sum(1 for group in result.by(*names) if group.name), kind)
            for kind, names in kinds.items()
        ]
        return f"Processing {counted(result.total.calls, 'call')}...", f"Analyzed: {', '.join(counts)}"

    def document(self, result: Understanding) -> Document:
        """The page."""
        return page(self, result)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs this report alone."""
    return run_one(FinopsUnderstanding(), argv)


if __name__ == "__main__":
    sys.exit(main())
