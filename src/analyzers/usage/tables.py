"""Tables and slices of usage that several reports show: one row a group, the rest added up as "Other"."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from analyzers.usage.sums import Group, Usage, share, total_usage
from analyzers.usage.timeline import Cell as UsageCell
from reporting.document import Cell, Column, Facets, Row, Slice, Table, Unit, Value

ROWS = 500
"""Rows of a table on the page; the JSON holds all."""
MOST_SLICES = 4000
"""Slices of one chart: with more, organizations are left out, then providers."""
UNALLOCATED = "(unallocated)"

COST_COLUMNS = (
    Column("cost", "Cost", Unit.USD),
    Column("share", "Of cost", Unit.SHARE),
    Column("calls", "Calls", Unit.COUNT),
    Column("tokens", "Tokens", Unit.TOKENS),
    Column("cost-per-call", "Cost a call", Unit.USD_RATE),
    Column("cost-per-1k", "Cost per 1,000 tokens", Unit.USD_RATE),
)
TOKEN_COLUMNS = (
    Column("tokens", "Tokens", Unit.TOKENS),
    Column("input", "Input of all", Unit.SHARE),
    Column("output", "Output of all", Unit.SHARE),
    Column("cached", "Cached of input", Unit.SHARE),
    Column("reasoning", "Reasoning of output", Unit.SHARE),
    Column("tokens-per-call", "Tokens a call", Unit.TOKENS),
    Column("cost-per-1k", "Cost per 1,000 tokens", Unit.USD_RATE),
)

FacetsOf = Callable[[Group], Facets | None]


def shown_name(name: str) -> str:
    """A name, or what stands where there is none."""
    return name or UNALLOCATED


def group_name(group: Group) -> str:
    """The name of a group: of a combined one its parts, less empty ones."""
    return " / ".join(part for part in group.key if part) or UNALLOCATED


def cost_value(usage: Usage) -> Value:
    """The cost of some usage: "at least" where some is unknown, without an amount where all is."""
    return Value(usage.known_cost_usd, Unit.USD, "no call has a known cost", usage.at_least)


def rate_value(amount: Decimal | None) -> Value:
    """A unit price."""
    return Value(amount, Unit.USD_RATE, "no call has a known cost")


def share_value(amount: Decimal | float | None, reason: str = "nothing to share") -> Value:
    """A share of one."""
    return Value(amount, Unit.SHARE, reason)


def cost_cells(usage: Usage, whole: Usage) -> tuple[Cell, ...]:
    """The cells of `COST_COLUMNS`."""
    return (
        cost_value(usage),
        share_value(share(usage.known_cost_usd, whole.cost_usd), "no known cost"),
        usage.calls,
        usage.tokens,
        rate_value(usage.cost_per_call_usd),
        rate_value(usage.cost_per_1k_tokens_usd),
    )


def token_cells(usage: Usage, known: frozenset[str]) -> tuple[Cell, ...]:
    """The cells of `TOKEN_COLUMNS`; `known` are the columns that the file has."""
    return (
        usage.tokens,
        share_value(usage.input_share, "no tokens"),
        share_value(usage.output_share, "no tokens"),
        _if_known("cached_input_tokens", usage.cached_share, known),
        _if_known("reasoning_tokens", usage.reasoning_share, known),
        Value(usage.tokens_per_call, Unit.TOKENS, "no calls"),
        rate_value(usage.cost_per_1k_tokens_usd),
    )


def _if_known(column: str, amount: Decimal | None, known: frozenset[str]) -> Value:
    if column not in known:
        return Value(None, Unit.SHARE, f"the file has no {column}")
    return share_value(amount, "no tokens")


def cost_table(
    identity: str,
    title: str,
    label: str,
    groups: Sequence[Group],
    facets: FacetsOf = lambda _: None,
    method: str = "totals",
) -> Table:
    """Cost, calls and tokens by group, the dearest first."""
    whole = total_usage(group.usage for group in groups)
    rows = [
        Row((group_name(group), *cost_cells(group.usage, whole)), facets(group), row_key(group))
        for group in groups[:ROWS]
    ]
    if len(groups) > ROWS:
        rest = total_usage(group.usage for group in groups[ROWS:])
        rows.append(Row((f"Other ({len(groups) - ROWS:,})", *cost_cells(rest, whole))))
    return Table(
        identity,
        title,
        (Column("name", label), *COST_COLUMNS),
        tuple(rows),
        Row(("Total", *cost_cells(whole, whole))),
        unpriced_note(whole),
        method,
    )


def token_table(
    identity: str,
    title: str,
    label: str,
    groups: Sequence[Group],
    known: frozenset[str],
    facets: FacetsOf = lambda _: None,
) -> Table:
    """Kinds of tokens and their price by group, the dearest first."""
    whole = total_usage(group.usage for group in groups)
    rows = [
        Row((group_name(group), *token_cells(group.usage, known)), facets(group), row_key(group))
        for group in groups[:ROWS]
    ]
    if len(groups) > ROWS:
        rest = total_usage(group.usage for group in groups[ROWS:])
        rows.append(Row((f"Other ({len(groups) - ROWS:,})", *token_cells(rest, known))))
    return Table(
        identity,
        title,
        (Column("name", label), *TOKEN_COLUMNS),
        tuple(rows),
        Row(("Total", *token_cells(whole, known))),
        method="tokens",
    )


def row_key(group: Group) -> str:
    """Names a group's row for links."""
    return "/".join(group.key)


def unpriced_note(usage: Usage) -> str:
    """What a total leaves out, or ''."""
    if not usage.at_least:
        return ""
    unknown = f"{usage.unpriced_calls:,} of {usage.calls:,} calls"
    return f"The cost of {unknown} is unknown: costs are at least what is shown."


def by_provider(group: Group) -> Facets:
    """Facets of a group whose key begins with its provider."""
    return Facets(provider=group.key[0])


def by_organization(group: Group) -> Facets:
    """Facets of a group whose key begins with its organization."""
    return Facets(organization=group.key[0])


def day_slices(
    cells: Sequence[UsageCell], first_day: date, value: Callable[[UsageCell], Decimal | int]
) -> tuple[Slice, ...]:
    """A daily series in parts by day, provider and organization; label 0 is the first day."""
    return tuple(
        Slice((facets.day - first_day).days, amount, facets)
        for facets, amount in _parts(cells, value)
        if facets.day is not None
    )


def total_slices(
    cells: Sequence[UsageCell], value: Callable[[UsageCell], Decimal | int]
) -> tuple[Slice, ...]:
    """One figure in parts by day, provider and organization."""
    return tuple(Slice(0, amount, facets) for facets, amount in _parts(cells, value))


def name_slices(
    cells: Sequence[UsageCell], names: Sequence[str], name_of: Callable[[UsageCell], str]
) -> tuple[Slice, ...]:
    """The cost of names (providers or organizations) in parts by provider and organization, over all days."""
    places = {name: place for place, name in enumerate(names)}
    sums: dict[tuple[int, str, str], Decimal] = defaultdict(Decimal)
    for cell in cells:
        if name_of(cell) in places:
            sums[places[name_of(cell)], cell.provider, cell.organization] += cell.cost_usd
    if len(sums) > MOST_SLICES:
        return ()
    return tuple(
        Slice(place, amount, Facets(provider=provider, organization=organization))
        for (place, provider, organization), amount in sums.items()
    )


def _parts(
    cells: Sequence[UsageCell], value: Callable[[UsageCell], Decimal | int]
) -> list[tuple[Facets, Decimal | int]]:
    """The cells as they are, or added up over organizations where they are too many for a page."""
    if len(cells) <= MOST_SLICES:
        return [(Facets(cell.day, cell.provider, cell.organization), value(cell)) for cell in cells]
    sums: dict[tuple[date, str], Decimal | int] = defaultdict(int)
    for cell in cells:
        sums[cell.day, cell.provider] += value(cell)
    return [(Facets(day, provider), amount) for (day, provider), amount in sums.items()]
