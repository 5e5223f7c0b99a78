"""A chargeback statement line by line: product, feature and model, then shared cost, markup and adjustment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from analyzers.alignment.statements import Statement
from analyzers.ledger.windows import CALENDAR_MONTHS, Window
from analyzers.usage.sums import MEASURES, Usage, usage_of
from calls.engine import Calls
from methods.allocation import round_to_total

BY_MONTH = f"""
select organization_id, month_start,
       {MEASURES}
from statement_use
group by organization_id, month_start
order by organization_id, month_start
"""
LINES = f"""
select organization_id, month_start, product_id, feature_id, provider, model, is_credit,
       {MEASURES}
from statement_use
where organization_id in ({{names}}) and month_start in ({{months}})
group by organization_id, month_start, product_id, feature_id, provider, model, is_credit
order by organization_id, month_start, product_id, feature_id, provider, model, is_credit
"""


@dataclass(frozen=True)
class StatementLine:
    """A line of a statement, in whole cents (USD): the usage of one product, feature and model, or what is added.

    `kind` is usage, credit, shared cost, markup or adjustment; only the first two have a usage.
    """

    number: str
    month: date
    organization: str
    kind: str
    product: str
    feature: str
    provider: str
    model: str
    usage: Usage | None
    amount_usd: Decimal


def monthly_usages(calls: Calls, months: Iterable[Window]) -> dict[Window | None, dict[str, Usage]]:
    """The usage of each organization in the given days of each month, and of calls without a plausible time."""
    found: dict[date | None, dict[str, Usage]] = defaultdict(dict)
    for row in calls.sql(BY_MONTH):
        found[row.month_start][row.organization_id] = usage_of(row)
    dated: dict[Window | None, dict[str, Usage]] = {
        days: found.get(CALENDAR_MONTHS.around(days.first).first, {}) for days in months
    }
    return dated | ({None: found[None]} if found.get(None) else {})


def statement_lines(calls: Calls, statements: Sequence[Statement]) -> tuple[StatementLine, ...]:
    """The lines of some statements; those of a statement add up to its total.

    Statements of calls without a plausible time have none.
    """
    wanted = {
        (each.organization, CALENDAR_MONTHS.around(each.days.first).first): each
        for each in statements
        if each.days
    }
    if not wanted:
        return ()
    used: dict[tuple[str, date], list[Any]] = defaultdict(list)
    for row in _rows(calls, wanted):
        used[row.organization_id, row.month_start].append(row)
    return tuple(
        line for key, statement in wanted.items() for line in _lines(statement, key[1], used.get(key, []))
    )


def _rows(calls: Calls, wanted: Mapping[tuple[str, date], Statement]) -> Iterable[Any]:
    names = {f"name_{place}": name for place, name in enumerate(sorted({name for name, _ in wanted}))}
    months = {f"month_{place}": month for place, month in enumerate(sorted({month for _, month in wanted}))}
    query = LINES.format(
        names=", ".join(f"${key}" for key in names),
        months=", ".join(f"cast(${key} as date)" for key in months),
    )
    return calls.sql(query, **names, **{key: month.isoformat() for key, month in months.items()})


def _lines(statement: Statement, month: date, rows: Sequence[Any]) -> list[StatementLine]:
    usages = [usage_of(row) for row in rows]
    amounts = round_to_total([usage.cost_usd for usage in usages], statement.direct_usd)
    lines = [
        StatementLine(
            number=statement.number,
            month=month,
            organization=statement.organization,
            kind="credit" if row.is_credit else "usage",
            product=row.product_id,
            feature=row.feature_id,
            provider=row.provider,
            model=row.model,
            usage=usage,
            amount_usd=amount,
        )
        for row, usage, amount in zip(rows, usages, amounts, strict=True)
    ]
    lines.sort(key=lambda line: -line.amount_usd)
    added = {
        "shared cost": statement.shared_usd,
        "markup": statement.markup_usd,
        "adjustment": statement.adjustment_usd,
    }
    return lines + [
        StatementLine(
            number=statement.number,
            month=month,
            organization=statement.organization,
            kind=kind,
            product="",
            feature="",
            provider="",
            model="",
            usage=None,
            amount_usd=amount,
        )
        for kind, amount in added.items()
        if amount
    ]
