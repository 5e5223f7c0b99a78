"""Whether cached and reasoning tokens sit inside the totals: inferred from the data, with the dollars at stake.

Providers and tools differ, and versions of one tool differ. A group is the calls of one model at one provider
from one format. Inside the totals, parts cannot exceed them: where enough calls have more cached than input
tokens, or totals that add up only with the cached tokens on top, they stand outside. How many are enough depends
on what is known of the source: most calls against one that documents its totals, one in twenty elsewhere; calls
that were written by this toolkit are as it defines them. Where
the data is silent, the convention of the source decides, and where that is not known either, the provider's own.
"""

from dataclasses import dataclass
from decimal import Decimal

import duckdb

TABLE = """
    create table semantics as
    with groups as (
        select s.provider as named_provider, s.model as named_model, s.convention, s.reasoning_convention,
            any_value(n.provider) as provider, any_value(n.model) as model,
            count(*) filter (where {parts} > 0 and {used}) as cached_calls,
            count(*) filter (where {parts} > input and {used}) as cached_beyond,
            count(*) filter (where {parts} > 0 and {used} and total = input + coalesce(output, 0) + {parts})
                as cached_on_top,
            count(*) filter (where reasoning > 0) as reasoning_calls,
            count(*) filter (where reasoning > coalesce(output, 0)) as reasoning_beyond,
            count(*) filter (where reasoning > 0
                and total = coalesce(input, 0) + coalesce(output, 0) + reasoning) as reasoning_on_top
        from records as s join names as n on s.provider = n.named_provider and s.model = n.named_model
        where skip = ''
        group by s.provider, s.model, s.convention, s.reasoning_convention
    )
    select *,
        case when cached_calls = 0 then convention = 'exclusive'
            when greatest(cached_beyond, cached_on_top) * {enough} > cached_calls then true
            when convention <> 'unknown' then convention = 'exclusive'
            else cached_calls < 20 and (provider = 'anthropic' or model ilike '%claude%')
        end as cached_outside,
        case when reasoning_calls = 0 then reasoning_convention = 'exclusive'
            when greatest(reasoning_beyond, reasoning_on_top) * {enough} > reasoning_calls then true
            else reasoning_convention = 'exclusive'
        end as reasoning_outside
    from groups
"""
PARTS = "(coalesce(cached, 0) + coalesce(write, 0))"
USED = "input > 0 and status <> 'error'"
"""What a failed call counted tells nothing."""
ENOUGH = "case convention when 'own' then 0 when 'inclusive' then 2 else 21 end"
"""More than one call in so many decides against the convention; none does against our own definition."""


@dataclass(frozen=True)
class Semantics:
    """How one group's totals were read, and what the other reading would have cost in addition.

    `at_stake_usd` is None where the group's rate is unknown.
    """

    provider: str
    model: str
    cached_calls: int
    cached_inside: bool
    reasoning_calls: int
    reasoning_inside: bool
    evidence: str
    at_stake_usd: Decimal | None
    guessed: bool = False
    """Whether neither the source nor the data told about cached tokens."""


def decide(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes table `semantics`: one row a group, with `cached_outside` and `reasoning_outside`."""
    connection.execute(TABLE.format(parts=PARTS, used=USED, enough=ENOUGH))


def findings(connection: duckdb.DuckDBPyConnection) -> tuple[Semantics, ...]:
    """The groups that have cached or reasoning tokens, with the dollars at stake; needs `priced`."""
    rows = connection.execute("""
        select s.provider, s.model, s.cached_calls, not s.cached_outside, s.reasoning_calls,
            not s.reasoning_outside, s.convention, s.cached_beyond, s.cached_on_top, s.reasoning_beyond,
            s.reasoning_on_top, p.at_stake_usd
        from semantics as s join (
            select named_provider, named_model, convention, reasoning_convention,
                sum(at_stake_usd) as at_stake_usd
            from priced group by all
        ) as p using (named_provider, named_model, convention, reasoning_convention)
        where s.cached_calls > 0 or s.reasoning_calls > 0 order by s.provider, s.model
    """).fetchall()
    return tuple(
        Semantics(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            row[5],
            _evidence(*row[2:11]),
            row[11],
            row[2] > 0 and row[6] == "unknown" and not max(row[7], row[8]),
        )
        for row in rows
    )


def _evidence(
    cached_calls: int,
    cached_inside: bool,
    reasoning_calls: int,
    reasoning_inside: bool,
    convention: str,
    cached_beyond: int,
    cached_on_top: int,
    reasoning_beyond: int,
    reasoning_on_top: int,
) -> str:
    parts = []
    if cached_calls:
        beyond = max(cached_beyond, cached_on_top)
        if not cached_inside and beyond:
            parts.append(f"{beyond} of {cached_calls} calls only add up with cached tokens outside")
        elif beyond:
            parts.append(
                f"the source counts them inside; {beyond} of {cached_calls} calls do not add up and get no price"
            )
        elif convention == "unknown":
            parts.append("the counts fit both readings; the provider's own convention decides")
        else:
            parts.append(
                f"the source counts them {'inside' if cached_inside else 'outside'}, and the data agree"
            )
    if reasoning_calls:
        beyond = max(reasoning_beyond, reasoning_on_top)
        if not reasoning_inside and beyond:
            parts.append(f"{beyond} of {reasoning_calls} calls only add up with reasoning outside")
        else:
            parts.append(f"reasoning {'inside' if reasoning_inside else 'outside'} as the source counts it")
    return "; ".join(parts)
