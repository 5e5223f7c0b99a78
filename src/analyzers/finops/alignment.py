"""Organizational alignment: whose cost it is, and what each organization is charged."""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
    from foundation import environment

    environment.require()

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from analysis.run import run_one
from analyzers.advice.cheaper_models import WORK_ROLLUPS
from analyzers.alignment.efficiency import TaskUse, efficiencies
from analyzers.alignment.environments import environments
from analyzers.alignment.page import page
from analyzers.alignment.result import (
    BARS,
    Alignment,
    Coverage,
    MonthLine,
    Path,
)
from analyzers.alignment.statement_lines import monthly_usages, statement_lines
from analyzers.alignment.statements import Chargeback, Statement, chargeback, month_days
from analyzers.base import Analyzer
from analyzers.ledger.windows import CALENDAR_MONTHS
from analyzers.usage.earlier_period import over_both_periods, usage_sums
from analyzers.usage.sums import MEASURES, ZERO, Breakdown, Usage, breakdown, share, total_usage, usage_of
from analyzers.usage.timeline import timeline
from analyzers.words.figures import counted, joined
from calls.dimensions import chosen
from calls.engine import Calls
from reporting.document import Category, Document
from settings.model import Settings

PATHS = f"""
select organization_id, product_id, feature_id, environment, month_start,
       {MEASURES}
from monthly_allocation
group by grouping sets (
    (organization_id, product_id, feature_id, environment),
    (organization_id, month_start),
    (product_id, month_start),
    (feature_id, month_start),
    (environment, month_start)
)
"""

WORK_OF_ORGANIZATIONS = f"""
select organization_id, task_type, provider, model,
       {MEASURES}
from work
where is_priced
group by organization_id, task_type, provider, model
order by organization_id, task_type, provider, model
"""

HIERARCHY = chosen("organization", "product", "feature", "environment")
"""Whose cost it is, from the whole to the part."""


class FinopsAlignment(Analyzer[Alignment]):
    """Cost by organization, product, feature and environment; showback, chargeback, coverage."""

    id: ClassVar[str] = "finops_alignment"
    title: ClassVar[str] = "Organizational alignment"
    question: ClassVar[str] = "Whose cost is it, and can I bill it?"
    category: ClassVar[Category] = Category.FINOPS
    answers: ClassVar[tuple[tuple[str, str], ...]] = (("What does each organization owe?", "chargeback"),)
    description: ClassVar[str] = "Showback and chargeback by organization; allocation coverage and efficiency"
    slow_rollups: ClassVar[tuple[str, ...]] = WORK_ROLLUPS

    def analyze(self, calls: Calls, settings: Settings) -> Alignment:
        """Everything the page shows."""
        period, parts, time = calls.source.period, breakdown(calls), timeline(calls)
        rows = calls.sql(PATHS)
        paths = _paths(rows)
        months = _months(period.first_day, period.last_day)
        needed = settings.sample.comparison_calls
        drawn = {group.name for group in parts.by("organization_id")[:BARS]}
        usages = {group.name: group.usage for group in parts.by("organization_id")}
        days = month_days(period.first_day, period.last_day)
        charged = chargeback(monthly_usages(calls, days), settings.chargeback)
        return Alignment(
            first_day=period.first_day,
            last_day=period.last_day,
            breakdown=parts,
            paths=paths,
            months=months,
            by_month={each.id: _by_month(rows, each.column, months) for each in HIERARCHY},
            coverage=_coverage(parts, paths),
            efficiency=efficiencies(usages, _work(calls), needed),
            comparison_calls=needed,
            knows_tasks=parts.allocated("task_type"),
            environments=environments(paths, needed),
            chargeback=charged,
            statement_lines=statement_lines(calls, _detailed(charged)),
            cells=tuple(cell for cell in time.cells if cell.organization in drawn),
            versus=usage_sums(calls),
            coverage_versus=over_both_periods(calls, _named_share),
            columns=calls.source.columns,
            narrowed=bool(calls.source.filters.where),
        )

    def steps(self, result: Alignment) -> tuple[str, ...]:
        """What was done for it."""
        return (
            "Allocating cost to organizations, products and features...",
            f"Allocated: {counted(result.organizations, 'organization')}, {counted(len(result.months), 'month')}",
        )

    def document(self, result: Alignment) -> Document:
        """The page."""
        return page(self, result)


def _detailed(bill: Chargeback) -> tuple[Statement, ...]:
    """The statements that the page shows line by line: those of the latest whole month, else of the latest."""
    months = [each.days for each in bill.statements if each.days]
    whole = [days for days in months if days == CALENDAR_MONTHS.around(days.first)]
    shown = next(iter(whole or months), None)
    return tuple(each for each in bill.statements if each.days and each.days == shown)


def _paths(rows: Iterable[Any]) -> tuple[Path, ...]:
    """The most detailed lines, the most expensive first."""
    found = [
        Path(row.organization_id, row.product_id, row.feature_id, row.environment, usage_of(row))
        for row in rows
        if row.organization_id is not None and row.product_id is not None
    ]
    return tuple(sorted(found, key=lambda path: (-path.usage.cost_usd, -path.usage.tokens, path.key)))


def _months(first_day: date, last_day: date) -> tuple[date, ...]:
    """The first day of each calendar month from the first to the last."""
    return tuple(month.first for month in CALENDAR_MONTHS.between(first_day, last_day))


def _by_month(rows: Iterable[Any], column: str, months: Sequence[date]) -> tuple[MonthLine, ...]:
    """The usage of each value of a dimension by month, the most expensive first."""
    found: dict[str, dict[date, Usage]] = defaultdict(dict)
    for row in rows:
        name = getattr(row, column)
        if row.month_start is not None and name is not None:
            found[name][row.month_start] = usage_of(row)
    lines = [
        MonthLine(
            name, tuple(uses.get(month, Usage()) for month in months), total_usage(uses.values())
        )
        for name, uses in found.items()
    ]  # fmt: skip
    return tuple(sorted(lines, key=lambda line: (-line.usage.cost_usd, -line.usage.tokens, line.name)))


def _coverage(parts: Breakdown, paths: Iterable[Path]) -> tuple[Coverage, ...]:
    """How much of the usage is named, by dimension and in all four at once."""
    found = [
        Coverage(each.title, total_usage(g.usage for g in parts.by(each.column) if g.name), parts.total)
        for each in (*HIERARCHY, *chosen("customer"))
    ]
    full = total_usage(path.usage for path in paths if all(path.key))
    return (
        *found,
        Coverage(f"all of {joined([each.title for each in HIERARCHY], 'and')}", full, parts.total),
    )


def _named_share(calls: Calls, first: date, last: date) -> Decimal | None:
    """The share of cost that names an organization."""
    cells = [cell for cell in timeline(calls).cells if first <= cell.day <= last]
    named = sum((cell.cost_usd for cell in cells if cell.organization), ZERO)
    return share(named, sum((cell.cost_usd for cell in cells), ZERO))


def _work(calls: Calls) -> tuple[TaskUse, ...]:
    return tuple(
        TaskUse(row.organization_id, row.task_type, row.provider, row.model, usage_of(row))
        for row in calls.sql(WORK_OF_ORGANIZATIONS)
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Runs this report alone."""
    return run_one(FinopsAlignment(), argv)


if __name__ == "__main__":
    sys.exit(main())
