"""Tables of organizational alignment: paths of allocation, calendar months, coverage, production and the rest."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from analyzers.alignment.result import (
    PRODUCTION,
    Alignment,
    Coverage,
    Environments,
    MonthLine,
    Path,
)
from analyzers.usage.cells import COST, COST_SHARE
from analyzers.usage.sums import Usage, share, total_usage
from analyzers.usage.tables import (
    cost_fields,
    cost_value,
    share_value,
    shown_name,
    unpriced_note,
)
from analyzers.words.figures import joined
from reporting.cells import Sum
from reporting.document import Cell, Facets, Table, Unit, Value
from reporting.filled_tables import Fields, field, filled_table, over

MOST_MONTHS = 12
MOST_ROWS = 100
"""Lines of a table by organization, so that a page with all of them stays light; the JSON holds all."""
MOST_LONG = 150
"""Lines of the statements and of the most detailed table."""


def path_table(result: Alignment) -> Table:
    """Organization, product, feature and environment: each line once, the unallocated organization last.

    The most expensive have a line of their own.
    """
    order = _places(result)
    shown, rest = result.paths[:MOST_LONG], result.paths[MOST_LONG:]
    kept = sorted(shown, key=lambda path: (not path.organization, order[path.organization]))
    fields: Fields[Path] = (
        field("organization", "Organization", lambda path: shown_name(path.organization)),
        field("product", "Product", lambda path: shown_name(path.product)),
        field("feature", "Feature", lambda path: shown_name(path.feature)),
        field("environment", "Environment", lambda path: shown_name(path.environment)),
        *cost_fields(_usage_of_paths, result.total),
    )
    return filled_table(
        "by-path",
        "Cost by organization, product, feature and environment",
        (*kept, *rest),
        fields,
        facets=lambda path: Facets(organization=path.organization),
        key=lambda path: "/".join(path.key),
        limit=MOST_LONG,
        total="Total",
        note=unpriced_note(result.total),
        method="hierarchy",
    )


def _usage_of_paths(paths: Sequence[Path]) -> Usage:
    return total_usage(path.usage for path in paths)


def _places(result: Alignment) -> dict[str, int]:
    """The place of each organization, the most expensive first."""
    return {group.name: place for place, group in enumerate(result.breakdown.by("organization_id"))}


def month_table(result: Alignment, dimension: str) -> Table:
    """Cost of each calendar month by name; months before the last twelve stand in one column."""
    early = max(0, len(result.months) - MOST_MONTHS)
    fields: Fields[MonthLine] = (
        field("name", dimension.capitalize(), lambda line: shown_name(line.name)),
        *(_earlier_months(result, early) if early else ()),
        *(
            over(
                f"{month:%Y-%m}",
                f"{month:%b %Y}",
                _cost_of(slice(place, place + 1)),
                Unit.USD,
                formed=Sum("cost", at=(("month", f"{month:%Y-%m}"),)),
            )
            for place, month in enumerate(result.months)
            if place >= early
        ),
        over("cost", "Cost", lambda lines: cost_value(_usage(lines)), Unit.USD, formed=COST),
        over(
            "share",
            "% of cost",
            lambda lines: share_value(
                share(_usage(lines).known_cost_usd, result.total.cost_usd), "no known cost"
            ),
            Unit.SHARE,
            formed=COST_SHARE,
        ),
    )
    table = filled_table(
        f"months-by-{dimension}",
        f"Cost by {dimension} and month",
        sorted(result.by_month[dimension], key=lambda line: not line.name),
        fields,
        facets=lambda line: _FACETS[dimension](line.name) if dimension in _FACETS else None,
        key=lambda line: line.name,
        limit=MOST_ROWS,
        total="Total",
        note="The first and the last month may be partial: the period begins and ends within them.",
        method="showback",
    )
    return replace(table, by=(dimension,) if dimension in _FACETS else ())


_FACETS: dict[str, Callable[[str], Facets]] = {
    "organization": lambda name: Facets(organization=name),
    "feature": lambda name: Facets(feature=name),
}


def _earlier_months(result: Alignment, early: int) -> Fields[MonthLine]:
    """One column for what lies before the months that have one each."""
    formed = Sum("cost", at=((f"month from {result.months[early]:%Y-%m}", ""),))
    return (over("earlier", "Earlier months", _cost_of(slice(early)), Unit.USD, formed=formed),)


def _usage(lines: Sequence[MonthLine]) -> Usage:
    return total_usage(line.usage for line in lines)


def _cost_of(months: slice) -> Callable[[Sequence[MonthLine]], Cell]:
    """The cost of some lines in some months."""
    return lambda lines: cost_value(total_usage(usage for line in lines for usage in line.months[months]))


def coverage_table(entries: Sequence[Coverage]) -> Table:
    """How much of the cost names whom it is for."""
    reason = "no known cost"
    fields: Fields[Coverage] = (
        field("dimension", "Named", lambda each: each.dimension.capitalize()),
        field("share", "Cost allocated", lambda each: share_value(each.cost_share, reason), Unit.SHARE),
        field("calls", "Calls allocated", lambda each: share_value(each.call_share, "no calls"), Unit.SHARE),
        field(
            "allocated",
            "Allocated",
            lambda each: _if_known(each, each.named.cost_usd, at_least=each.named.at_least),
            Unit.USD,
        ),
        field(
            "unallocated",
            "Unallocated",
            lambda each: _if_known(
                each,
                each.unallocated_usd,
                at_least=each.unnamed_at_least,
            ),
            Unit.USD,
        ),
        field("grade", "Grade", lambda each: each.grade.value if each.grade else f"unknown: {reason}"),
    )
    return filled_table(
        "coverage",
        "How much of the cost is allocated",
        entries,
        fields,
        key=lambda each: each.dimension,
        note="Run from 90% of cost, walk from 80%, crawl below.",
        method="coverage",
    )


def _if_known(entry: Coverage, usd: Decimal, *, at_least: bool) -> Value:
    return Value(
        None if entry.cost_share is None else usd, Unit.USD, reason="no known cost", at_least=at_least
    )


def environment_table(result: Alignment) -> Table:
    """Production and the rest by organization, and the rest at the leanest organization's ratio."""

    def at_best(some: Sequence[Environments]) -> Decimal | None:
        lean = [result.lean_usd(entry) for entry in some]
        known = [amount for amount in lean if amount is not None]
        return sum(known, Decimal(0)) if len(known) == len(some) else None

    def saved(some: Sequence[Environments]) -> Decimal | None:
        best = at_best(some)
        return None if best is None else _of_kind(some, "other").cost_usd - best

    reason = "fewer than two organizations to compare"
    fields: Fields[Environments] = (
        field("organization", "Organization", lambda each: shown_name(each.organization)),
        over("production", "Production", lambda some: cost_value(_of_kind(some, "production")), Unit.USD),
        over("other", "Non-production", lambda some: cost_value(_of_kind(some, "other")), Unit.USD),
        over("unnamed", "No environment named", lambda some: cost_value(_of_kind(some, "unnamed")), Unit.USD),
        over("share", "Non-production share", _other_share, Unit.SHARE),
        over(
            "at-best",
            "Non-production at the best ratio",
            lambda some: Value(at_best(some), Unit.USD, reason=reason),
            Unit.USD,
        ),
        over("difference", "Difference", lambda some: Value(saved(some), Unit.USD, reason=reason), Unit.USD),
    )
    return filled_table(
        "non-production",
        "Production and non-production by organization",
        result.environments,
        fields,
        facets=lambda each: Facets(organization=each.organization),
        key=lambda each: each.organization,
        limit=MOST_ROWS,
        total="Total",
        note=f"Production is an environment called {joined(sorted(PRODUCTION), 'or')}.",
        method="environments",
    )


def _of_kind(some: Sequence[Environments], kind: str) -> Usage:
    return total_usage(getattr(entry, kind) for entry in some)


def _other_share(some: Sequence[Environments]) -> Value:
    production, other = _of_kind(some, "production").cost_usd, _of_kind(some, "other").cost_usd
    return share_value(share(other, production + other), "no known cost")
