"""What the filters left of the calls that were read."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from calls.source import Period, Source, Unpriced
from foundation.outcome import NoUsableData


def with_applied_filters(rows: Callable[[str], list[Any]], source: Source) -> Source:
    """The source with what the filters left in the relation `calls`: number of calls, period, unpriced models.

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
        raise NoUsableData(
            f"{source.path}: none of {source.accepted:,} calls passes the filters; widen --since, --until or --where."
        )
    if not dated_calls:
        raise NoUsableData(
            f"{source.path}: the {used:,} calls that pass the filters have times that are not plausible; "
            "correct them, or widen the filters."
        )
    unpriced = rows(
        "select provider, model, count(*) as n from calls where cost_usd is null "
        "group by provider, model order by provider, model"
    )
    period = Period(first, last, first_day, last_day)
    return replace(
        source,
        used=int(used),
        undated=int(used) - int(dated_calls),
        period=period,
        unpriced=tuple(Unpriced(*entry) for entry in unpriced),
    )
