"""Tables of usage that several reports show: cost, tokens and unit prices by group; calls of unknown cost by model."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from analyzers.usage.cells import CALLS, COST, COST_PER_1K, COST_PER_CALL, COST_SHARE, TOKENS
from analyzers.usage.sums import Group, Usage, share, total_usage
from calls.dimensions import BY_ID, UNALLOCATED
from calls.source import Unpriced
from reporting.document import Cell, Facets, Table, Unit, Value
from reporting.filled_tables import Entry, Fields, field, filled_table, over, summed

NO_TASK = BY_ID["task"].calls_without

FacetsOf = Callable[[Group], Facets | None]


def shown_name(name: str) -> str:
    """A name, or what stands where there is none."""
    return name or UNALLOCATED


def group_name(group: Group) -> str:
    """The name of a group: of a combined one its parts, less empty ones."""
    return " / ".join(part for part in group.key if part) or UNALLOCATED


def cost_value(usage: Usage) -> Value:
    """The cost of some usage: "at least" where some is unknown, without an amount where all is."""
    return Value(usage.known_cost_usd, Unit.USD, reason="no call has a known cost", at_least=usage.at_least)


def rate_value(amount: Decimal | None) -> Value:
    """A unit price."""
    return Value(amount, Unit.USD_RATE, reason="no call has a known cost")


def share_value(amount: Decimal | float | None, reason: str = "nothing to share") -> Value:
    """A share of one."""
    return Value(amount, Unit.SHARE, reason=reason)


def known_or(amount: Decimal | int | float | None, unit: Unit, reason: str) -> Cell:
    """The amount, or an empty value with the reason why there is none."""
    return Value(None, unit, reason=reason) if amount is None else amount


def used(groups: Sequence[Group]) -> Usage:
    """What some groups used together."""
    return total_usage(group.usage for group in groups)


def cost_fields(usage_of: Callable[[Sequence[Entry]], Usage], whole: Usage) -> Fields[Entry]:
    """Cost, its share of the whole, calls, tokens and unit costs of entries, whose usage `usage_of` tells."""
    return (
        over("cost", "Cost", lambda some: cost_value(usage_of(some)), Unit.USD, formed=COST),
        over(
            "share",
            "% of cost",
            lambda some: share_value(share(usage_of(some).known_cost_usd, whole.cost_usd), "no known cost"),
            Unit.SHARE,
            formed=COST_SHARE,
        ),
        over("calls", "Calls", lambda some: usage_of(some).calls, Unit.COUNT, formed=CALLS),
        over("tokens", "Tokens", lambda some: usage_of(some).tokens, Unit.TOKENS, formed=TOKENS),
        over(
            "cost-per-call",
            "Cost per call",
            lambda some: rate_value(usage_of(some).cost_per_call_usd),
            Unit.USD_RATE,
            formed=COST_PER_CALL,
        ),
        over(
            "cost-per-1k",
            "Cost per 1,000 tokens",
            lambda some: rate_value(usage_of(some).cost_per_1k_tokens_usd),
            Unit.USD_RATE,
            formed=COST_PER_1K,
        ),
    )


def _token_fields(known: frozenset[str]) -> Fields[Group]:
    return (
        over("tokens", "Tokens", lambda some: used(some).tokens, Unit.TOKENS),
        over(
            "input", "Input of all", lambda some: share_value(used(some).input_share, "no tokens"), Unit.SHARE
        ),
        over(
            "output",
            "Output of all",
            lambda some: share_value(used(some).output_share, "no tokens"),
            Unit.SHARE,
        ),
        over(
            "cached",
            "Cached of input",
            lambda some: _if_known("cached_input_tokens", used(some).cached_share, known),
            Unit.SHARE,
        ),
        over(
            "reasoning",
            "Reasoning of output",
            lambda some: _if_known("reasoning_tokens", used(some).reasoning_share, known),
            Unit.SHARE,
        ),
        over(
            "tokens-per-call",
            "Tokens per call",
            lambda some: Value(used(some).tokens_per_call, Unit.TOKENS, reason="no calls"),
            Unit.TOKENS,
        ),
        over(
            "cost-per-1k",
            "Cost per 1,000 tokens",
            lambda some: rate_value(used(some).cost_per_1k_tokens_usd),
            Unit.USD_RATE,
        ),
    )


def _if_known(column: str, amount: Decimal | None, known: frozenset[str]) -> Value:
    if column not in known:
        return Value(None, Unit.SHARE, reason=f"the file has no {column}")
    return share_value(amount, "no tokens")


MOST_NAMES = 300
"""Names with a row of their own: a page of a year with thousands of customers stays within 900 KB."""


def cost_table(
    identity: str,
    title: str,
    label: str,
    groups: Sequence[Group],
    facets: FacetsOf = lambda _: None,
    method: str = "totals",
    by: tuple[str, ...] = (),
    more: Fields[Group] = (),
) -> Table:
    """Cost, calls and tokens by group, the most expensive first; `by` are the filters whose names a group is.

    `more` are columns that follow cost and its share.
    """
    whole = total_usage(group.usage for group in groups)
    cost, part, *others = cost_fields(used, whole)
    table = filled_table(
        identity,
        title,
        groups,
        (field("name", label, group_name), cost, part, *more, *others),
        facets=facets,
        key=row_key,
        limit=MOST_NAMES,
        total="Total",
        note=unpriced_note(whole),
        method=method,
    )
    return replace(table, by=by)


def token_table(
    identity: str,
    title: str,
    label: str,
    groups: Sequence[Group],
    known: frozenset[str],
    facets: FacetsOf = lambda _: None,
) -> Table:
    """Kinds of tokens and their price by group, the most expensive first; `known` are the columns that the file has."""
    return filled_table(
        identity,
        title,
        groups,
        (field("name", label, group_name), *_token_fields(known)),
        facets=facets,
        key=row_key,
        total="Total",
        method="tokens",
    )


def row_key(group: Group) -> str:
    """Names a group's row for links."""
    return "/".join(group.key)


def unpriced_note(usage: Usage) -> str:
    """What a total leaves out, or ''."""
    if not usage.at_least:
        return ""
    lacking = [
        f"{calls:,} of {usage.calls:,} calls is {what}"
        for calls, what in ((usage.unpriced_calls, "unknown"), (usage.partial_calls, "a lower bound"))
        if calls
    ]
    return f"The cost of {', that of '.join(lacking)}: costs are at least what is shown."


def by_provider(group: Group) -> Facets:
    """Facets of a group whose key begins with its provider."""
    return Facets(provider=group.key[0])


def by_model(group: Group) -> Facets:
    """Facets of a group whose key is a provider and its model."""
    return Facets(provider=group.key[0], model=group.key[1])


def by_feature(group: Group) -> Facets:
    """Facets of a group whose key is a feature."""
    return Facets(feature=group.key[0])


def by_organization(group: Group) -> Facets:
    """Facets of a group whose key begins with its organization."""
    return Facets(organization=group.key[0])


def unpriced_table(unpriced: Sequence[Unpriced]) -> Table:
    """Calls of unknown cost by model."""
    fields: Fields[Unpriced] = (
        field("provider", "Provider", lambda each: shown_name(each.provider)),
        field("model", "Model", lambda each: shown_name(each.model)),
        summed("calls", "Calls of unknown cost", lambda each: each.calls, Unit.COUNT),
    )
    return filled_table(
        "unpriced",
        "Calls of unknown cost by model",
        unpriced,
        fields,
        facets=lambda each: Facets(provider=each.provider),
    )
