"""Whether cached and reasoning tokens stand inside the totals (`--cached-tokens`): told by the counts.

Providers and tools differ, and versions of one tool differ. A group is the calls of one model at one provider
from one format. Inside the totals, parts cannot exceed them: where enough calls have more cached than input
tokens, or totals that add up only with the cached tokens on top, they stand outside. Which share is enough depends
on what is known of the source: most calls against one that documents its totals, one in twenty elsewhere; calls
that were written by this toolkit are as it defines them, and what the user says holds. Where the data is silent,
however many the calls, the convention of the source decides, and where that is not known either, the provider's own.

Some totals hold tokens that no other count does. Gemini's are what it thought, billed as output; of any others
nothing is known, so they are counted and no dollars are made of them.
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
                and total = coalesce(input, 0) + coalesce(output, 0) + reasoning) as reasoning_on_top,
            count(*) filter (where {unsaid}) as unsaid_calls
        from records as s join names as n on s.provider = n.named_provider and s.model = n.named_model
        where skip = ''
        group by s.provider, s.model, s.convention, s.reasoning_convention
    )
    select *,
        case when greatest(cached_beyond, cached_on_top) * {cached_enough} > cached_calls then true
            when convention <> 'unknown' then convention = 'exclusive'
            else provider = 'anthropic' or model ilike '%claude%'
        end as cached_outside,
        case when reasoning_calls = 0 then reasoning_convention = 'exclusive'
            when greatest(reasoning_beyond, reasoning_on_top) * {reasoning_enough} > reasoning_calls then true
            else reasoning_convention = 'exclusive'
        end as reasoning_outside,
        provider = 'google' or model ilike 'gemini%' as unsaid_is_thinking
    from groups
"""
PARTS = "(coalesce(cached, 0) + coalesce(write, 0))"
USED = "input > 0 and status <> 'error'"
"""What a failed call counted tells nothing."""
ENOUGH = "case {column} when 'own' then 0 when 'inclusive' then 2 else 21 end"
"""More than one call in so many decides against the convention; none does against our own definition."""
UNSAID = f"""(total > coalesce(input, 0) + coalesce(output, 0) and status <> 'error'
    and total not in (
        coalesce(input, 0) + coalesce(output, 0) + {PARTS},
        coalesce(input, 0) + coalesce(output, 0) + coalesce(reasoning, 0),
        coalesce(input, 0) + coalesce(output, 0) + {PARTS} + coalesce(reasoning, 0)
    ))"""
"""Whether the total holds more than the counts do, however these are read."""


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
    """Whether neither the source nor the data say if cached tokens are counted as input."""
    unsaid_calls: int = 0
    """Calls whose total holds more than their counts do."""
    unsaid_tokens: int = 0
    unsaid_usd: Decimal | None = None
    """What these tokens cost as output; None where the rate is unknown."""
    unsaid_is_thinking: bool = False
    """Whether they are counted as output; else they are in no count and no cost."""


def decide(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes table `semantics`: one row a group, with `cached_outside` and `reasoning_outside`."""
    enough = {
        f"{name}_enough": ENOUGH.format(column=column)
        for name, column in (("cached", "convention"), ("reasoning", "reasoning_convention"))
    }
    connection.execute(TABLE.format(parts=PARTS, used=USED, unsaid=UNSAID, **enough))


def has_unsaid(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the total of some call holds more than its counts do; needs `semantics`."""
    return bool(connection.execute("select 1 from semantics where unsaid_calls > 0 limit 1").fetchall())


def findings(connection: duckdb.DuckDBPyConnection) -> tuple[Semantics, ...]:
    """The groups that have cached or reasoning tokens, with the dollars at stake; needs `priced`."""
    rows = connection.execute("""
        select s.provider, s.model, s.cached_calls, not s.cached_outside, s.reasoning_calls,
            not s.reasoning_outside, s.convention, s.cached_beyond, s.cached_on_top, s.reasoning_beyond,
            s.reasoning_on_top, p.at_stake_usd, p.unsaid_calls, p.unsaid_tokens, p.unsaid_usd, s.unsaid_is_thinking
        from semantics as s join (
            select named_provider, named_model, convention, reasoning_convention,
                sum(at_stake_usd) as at_stake_usd, count(unsaid) as unsaid_calls,
                cast(coalesce(sum(unsaid), 0) as bigint) as unsaid_tokens, sum(unsaid_usd) as unsaid_usd
            from priced group by all
        ) as p using (named_provider, named_model, convention, reasoning_convention)
        where s.cached_calls > 0 or s.reasoning_calls > 0 or p.unsaid_calls > 0 order by s.provider, s.model
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
            *row[12:],
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
