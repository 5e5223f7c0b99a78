"""Tables of organizational alignment."""

from collections.abc import Sequence
from decimal import Decimal

from analyzers.alignment.result import (
    PRODUCTION,
    Alignment,
    Coverage,
    Efficiency,
    Environments,
    MonthLine,
    Path,
)
from analyzers.usage.sums import Usage, share, total_usage
from analyzers.usage.tables import (
    COST_COLUMNS,
    cost_cells,
    cost_value,
    rate_value,
    share_value,
    shown_name,
    unpriced_note,
)
from analyzers.words.figures import joined
from reporting.document import Cell, Column, Facets, Row, Table, Unit, Value

MOST_MONTHS = 12
MOST_ROWS = 100
"""Lines of a table by organization, so that a page with all of them stays light; the JSON holds all."""
MOST_LONG = 180
"""Lines of the statements and of the most detailed table."""


def path_table(result: Alignment) -> Table:
    """Organization, product, feature and environment: each line once, the unallocated organization last."""
    shown, rest = result.paths[:MOST_LONG], result.paths[MOST_LONG:]
    order = _places(result)
    kept = sorted(shown, key=lambda path: (not path.organization, order[path.organization]))
    rows = [_path_row(path, result.total) for path in kept]
    if rest:
        other = total_usage(path.usage for path in rest)
        rows.append(Row((f"Other ({len(rest):,})", "", "", "", *cost_cells(other, result.total))))
    return Table(
        "by-path",
        "Cost by organization, product, feature and environment",
        (
            Column("organization", "Organization"),
            Column("product", "Product"),
            Column("feature", "Feature"),
            Column("environment", "Environment"),
            *COST_COLUMNS,
        ),
        tuple(rows),
        Row(("Total", "", "", "", *cost_cells(result.total, result.total))),
        unpriced_note(result.total),
        "hierarchy",
    )


def _places(result: Alignment) -> dict[str, int]:
    """The place of each organization, the dearest first."""
    return {group.name: place for place, group in enumerate(result.breakdown.by("organization_id"))}


def _path_row(path: Path, whole: Usage) -> Row:
    return Row(
        (*(shown_name(name) for name in path.key), *cost_cells(path.usage, whole)),
        Facets(organization=path.organization),
        "/".join(path.key),
    )


def month_table(result: Alignment, dimension: str) -> Table:
    """Cost of each calendar month by name; months before the last twelve stand in one column."""
    lines = result.by_month[dimension]
    early = max(0, len(result.months) - MOST_MONTHS)
    columns = (
        Column("name", dimension.capitalize()),
        *((Column("earlier", "Earlier months", Unit.USD),) if early else ()),
        *(Column(f"{month:%Y-%m}", f"{month:%b %Y}", Unit.USD) for month in result.months[early:]),
        Column("cost", "Cost", Unit.USD),
        Column("share", "Of cost", Unit.SHARE),
    )
    apart = sorted(lines, key=lambda line: not line.name)
    rows = [_month_row(line, early, result.total, dimension) for line in apart[:MOST_ROWS]]
    if len(apart) > MOST_ROWS:
        other = _together(f"Other ({len(apart) - MOST_ROWS:,})", apart[MOST_ROWS:], len(result.months))
        rows.append(_month_row(other, early, result.total, ""))
    total = _together("Total", lines, len(result.months))
    return Table(
        f"months-by-{dimension}",
        f"Cost by {dimension} and month",
        columns,
        tuple(rows),
        _month_row(total, early, result.total, ""),
        "The first and the last month may be partial: the period begins and ends within them.",
        "showback",
    )


def _together(name: str, lines: Sequence[MonthLine], months: int) -> MonthLine:
    sums = tuple(total_usage(line.months[place] for line in lines) for place in range(months))
    return MonthLine(name, sums, total_usage(sums))


def _month_row(line: MonthLine, early: int, whole: Usage, dimension: str) -> Row:
    cells: list[Cell] = [shown_name(line.name)]
    if early:
        cells.append(cost_value(total_usage(line.months[:early])))
    cells += [cost_value(usage) for usage in line.months[early:]]
    cells += [
        cost_value(line.usage),
        share_value(share(line.usage.known_cost_usd, whole.cost_usd), "no known cost"),
    ]
    facets = Facets(organization=line.name) if dimension == "organization" else None
    return Row(tuple(cells), facets, line.name if dimension else "")


def coverage_table(entries: Sequence[Coverage]) -> Table:
    """How much of the cost names whom it is for."""
    columns = (
        Column("dimension", "Named"),
        Column("share", "Cost allocated", Unit.SHARE),
        Column("calls", "Calls allocated", Unit.SHARE),
        Column("allocated", "Allocated", Unit.USD),
        Column("unallocated", "Unallocated", Unit.USD),
        Column("grade", "Grade"),
    )
    return Table(
        "coverage", "How much of the cost is allocated", columns, tuple(map(_coverage_row, entries)),
        note="Run from 90% of cost, walk from 80%, crawl below.", method="coverage",
    )  # fmt: skip


def _coverage_row(entry: Coverage) -> Row:
    reason = "no known cost"
    known = entry.cost_share is not None
    return Row(
        (
            entry.dimension.capitalize(),
            share_value(entry.cost_share, reason),
            share_value(entry.call_share, "no calls"),
            Value(entry.named.cost_usd if known else None, Unit.USD, reason, entry.named.at_least),
            Value(
                entry.unallocated_usd if known else None,
                Unit.USD,
                reason,
                entry.total.unpriced_calls > entry.named.unpriced_calls,
            ),
            entry.grade.value if entry.grade else "unknown: no known cost",
        ),
        key=entry.dimension,
    )


def efficiency_table(result: Alignment) -> Table:
    """What a call and a token cost each organization, and how far that is the choice of models."""
    columns = (
        Column("organization", "Organization"),
        Column("calls", "Calls", Unit.COUNT),
        Column("cost-per-call", "Cost a call", Unit.USD_RATE),
        Column("cost-per-1k", "Cost per 1,000 tokens", Unit.USD_RATE),
        Column("index", "Price index", Unit.RATIO),
        Column("excess", "Above the mean price", Unit.USD),
        Column("mix", "Its models at mean prices, per 1,000", Unit.USD_RATE),
        Column("model", "Most used model"),
        Column("model-share", "Of its tokens", Unit.SHARE),
        Column("tokens-per-call", "Tokens a call", Unit.TOKENS),
        Column("output", "Output of all", Unit.SHARE),
        Column("cached", "Cached of input", Unit.SHARE),
    )
    return Table(
        "efficiency", "What tokens cost each organization", columns,
        tuple(_efficiency_row(result, entry) for entry in result.efficiency[:MOST_ROWS]),
        note="A price index of 1 is the mean of all calls for the same tasks; above 1 is dearer." + _left_out(result),
        method="efficiency",
    )  # fmt: skip


def _left_out(result: Alignment) -> str:
    count = len(result.efficiency)
    return f" The {MOST_ROWS} dearest of {count:,}; the JSON has all." if count > MOST_ROWS else ""


def _efficiency_row(result: Alignment, entry: Efficiency) -> Row:
    usage, top = entry.usage, entry.models[0] if entry.models else None
    none = "no call has a known cost"
    few = "" if entry.compared or not entry.organization else " (few calls)"
    cached = usage.cached_share if "cached_input_tokens" in result.columns else None
    return Row(
        (
            shown_name(entry.organization) + few,
            usage.calls,
            rate_value(usage.cost_per_call_usd),
            rate_value(usage.cost_per_1k_tokens_usd),
            Value(entry.index, Unit.RATIO, none),
            Value(entry.excess_usd if usage.priced_calls else None, Unit.USD, none),
            rate_value(entry.mix_usd_per_1k),
            (top.model or "(unnamed)") if top else Value(None, Unit.TEXT, none),
            share_value(top.share if top else None, none),
            Value(usage.tokens_per_call, Unit.TOKENS, "no calls"),
            share_value(usage.output_share, "no tokens"),
            share_value(cached, "the file does not tell, or there is no input"),
        ),
        Facets(organization=entry.organization),
        entry.organization,
    )


def environment_table(result: Alignment) -> Table:
    """Production and the rest by organization, and the rest at the leanest organization's ratio."""
    columns = (
        Column("organization", "Organization"),
        Column("production", "Production", Unit.USD),
        Column("other", "Non-production", Unit.USD),
        Column("unnamed", "No environment named", Unit.USD),
        Column("share", "Non-production share", Unit.SHARE),
        Column("at-best", "Non-production at the best ratio", Unit.USD),
        Column("difference", "Difference", Unit.USD),
    )
    shown, rest = result.environments[:MOST_ROWS], result.environments[MOST_ROWS:]
    rows = [
        _environment_row(shown_name(entry.organization), [entry], result, entry.organization)
        for entry in shown
    ]
    if rest:
        rows.append(_environment_row(f"Other ({len(rest):,})", rest, result, None))
    return Table(
        "non-production", "Production and non-production by organization", columns, tuple(rows),
        _environment_row("Total", result.environments, result, None),
        f"Production is an environment called {joined(sorted(PRODUCTION), 'or')}.", "environments",
    )  # fmt: skip


def _environment_row(
    name: str, entries: Sequence[Environments], result: Alignment, organization: str | None
) -> Row:
    production, other, unnamed = (
        total_usage(getattr(entry, kind) for entry in entries) for kind in ("production", "other", "unnamed")
    )
    lean = [result.lean_usd(entry) for entry in entries]
    known = [amount for amount in lean if amount is not None]
    at_best = sum(known, Decimal(0)) if len(known) == len(entries) else None
    reason = "fewer than two organizations to compare"
    return Row(
        (
            name,
            cost_value(production),
            cost_value(other),
            cost_value(unnamed),
            share_value(share(other.cost_usd, production.cost_usd + other.cost_usd), "no known cost"),
            Value(at_best, Unit.USD, reason),
            Value(None if at_best is None else other.cost_usd - at_best, Unit.USD, reason),
        ),
        None if organization is None else Facets(organization=organization),
        organization or "",
    )
