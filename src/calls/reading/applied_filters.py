"""What the filters left of the calls that were read."""

from collections.abc import Callable, Set
from dataclasses import replace
from typing import Any, NoReturn

from calls.cost_gaps import IN_CALLS, Gap
from calls.schema import COLUMN_BY_NAME, Kind
from calls.source import Period, Source, Unpriced
from foundation.outcome import NoUsableData
from foundation.sql_text import identifier, literal

SHOWN_VALUES = 6


def refuse_unmet(
    rows: Callable[[str], list[Any]], relation: str, columns: Set[str], source: Source
) -> NoReturn:
    """Says which value of `--where` no call has, and what it may mean.

    Args:
        rows: gives the rows of a query.
        relation: the calls before filters.
        columns: what it has.
        source: what was read, and its filters.

    Raises:
        NoUsableData: always.
    """
    for name, value in source.filters.where:
        if name not in columns or COLUMN_BY_NAME[name].kind is not Kind.TEXT:
            continue
        column = f"cast({identifier(name)} as varchar)"
        found = rows(
            f"select {column} as value, count(*) as n from {relation} group by {column} "
            f"order by lower({column}) = lower({literal(value)}) desc, n desc, value limit {SHOWN_VALUES}"
        )
        values = [str(row[0]) for row in found]
        if value not in values:
            alike = values and values[0].lower() == value.lower()
            said = values[0] if alike else ", ".join(shown or "''" for shown in values)
            verb = "write" if alike else "there are, most frequent first,"
            raise NoUsableData(_none_passes(source, f"{name} is never {value!r}: {verb} {name}={said}"))
    raise NoUsableData(_none_passes(source, "widen --since, --until or --where"))


def _none_passes(source: Source, next_step: str) -> str:
    return f"{source.path}: none of {source.accepted:,} calls passes the filters; {next_step}."


def with_applied_filters(rows: Callable[[str], list[Any]], source: Source) -> Source:
    """The source with what the filters left in the relation `calls`: number, period, unpriced models, gaps of cost.

    Args:
        rows: gives the rows of a query, on whichever engine.
        source: what was read, before filters.

    Raises:
        NoUsableData: the filters left nothing.
    """
    dated = 'case when local_day is not null then "timestamp" end'
    used, dated_calls, first, last, first_day, last_day = rows(
        f"select count(*) as n, count(local_day) as dated, min({dated}) as first_call, max({dated}) as last_call, "
        "min(local_day) as first_day, max(local_day) as last_day from calls"
    )[0]
    if not used:
        raise NoUsableData(_none_passes(source, "widen --since, --until or --where"))
    if not dated_calls:
        raise NoUsableData(
            f"{source.path}: the {used:,} calls that pass the filters have times that are not plausible; "
            "correct them, or widen the filters."
        )
    unpriced = rows(
        "select provider, model, count(*) as n from calls where cost_usd is null "
        "group by provider, model order by provider, model"
    )
    gaps = rows(IN_CALLS)
    period = Period(first, last, first_day, last_day)
    return replace(
        source,
        used=int(used),
        undated=int(used) - int(dated_calls),
        period=period,
        unpriced=tuple(Unpriced(*entry) for entry in unpriced),
        gaps=tuple(Gap(*entry) for entry in gaps),
    )
