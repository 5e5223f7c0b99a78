"""Which of two records of one call says more: an order that does not depend on which came first.

A record is final, else not said to be, else failed; then the one with more tokens counts, with a finer split of
them, with a cost that its source reports, with more output of as many tokens. Of records that count the same, the one
that names a model, that says how long the call and its first token took, that is a line of a file and no event, that
is earlier (a fork replays the lines of its parent) and that names a customer stays; so the same one stays in any
order. A reported cost goes to a record that counts the same and reports none.
"""

from collections.abc import Sequence

SPLIT = ("cached_input_tokens", "cache_write_tokens", "reasoning_tokens")
"""Counts that split the tokens of a call."""

EVENT = "/event/"
"""What stands in the id that is made for an event of an agent which gives its calls none."""


def used_sql(alias: str) -> str:
    """SQL for whether a call has used anything."""
    return f"({total_sql(alias)} > 0 or coalesce({alias}.cost_usd, 0) > 0)"


def total_sql(alias: str) -> str:
    """SQL for the tokens of a call."""
    return f"(coalesce({alias}.input_tokens, 0) + coalesce({alias}.output_tokens, 0))"


def counted_sql(alias: str) -> str:
    """SQL for what must be alike for a record to take over the cost of another."""
    return f"({outcome_sql(f'{alias}.status')}, {used_sql(alias)}, {total_sql(alias)})"


def event_sql(alias: str) -> str:
    """SQL for whether a call is told by an event of a coding agent, whose id is made of what the event says."""
    return f"contains({alias}.call_id, '{EVENT}')"


def order_terms(
    alias: str, *, used: str, total: str, split: Sequence[str], reported: str, output: str
) -> tuple[str, ...]:
    """SQL for what the order compares, the first first: of each the greater says more, and none is NULL.

    `split` begins with the cached tokens; the arguments are SQL, and the record is that of `alias`.
    """
    cached = split[0]
    return (
        outcome_sql(f"{alias}.status"),
        used,
        total,
        " + ".join(f"cast({count} is not null as integer)" for count in split),
        f"coalesce({cached}, -1)",
        f"({reported} is not null)",
        f"coalesce({reported}, 0)",
        f"coalesce({output}, 0)",
        f"(coalesce({alias}.model, '') <> '')",
        f"({alias}.latency_ms is not null)",
        f"({alias}.time_to_first_token_ms is not null)",
        f"(not {event_sql(alias)})",
        f'-epoch_us({alias}."timestamp")',
        f"coalesce({alias}.customer_id, '')",
        f"{alias}.call_id",
    )


def fullness_sql(alias: str) -> str:
    """SQL for the place of a call in the order: the greater says more."""
    terms = order_terms(
        alias,
        used=used_sql(alias),
        total=total_sql(alias),
        split=[f"{alias}.{name}" for name in SPLIT],
        reported=reported_sql(alias),
        output=f"{alias}.output_tokens",
    )
    return f"row({', '.join(terms)})"


def reported_sql(alias: str) -> str:
    """SQL for the cost that the source of a call reports; NULL where it reports none."""
    return f"(case when {alias}.cost_source = 'reported' then {alias}.cost_usd end)"


def outcome_sql(status: str) -> str:
    """SQL for how an outcome ranks: a success, then one that is not said, then an error."""
    return f"(case {status} when 'error' then 0 when 'success' then 2 else 1 end)"
