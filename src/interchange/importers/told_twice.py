"""Calls that an agent's own file and its telemetry both tell of, without an id in common (Codex CLI, Gemini CLI).

Both name the session, count the same tokens, and are written within moments of one another: that is what they share.
Of each such pair, the record that says less is dropped, or takes the cost that only the other reports.
"""

import duckdb

from interchange.importers.fullness import event_sql, total_sql

SECONDS_APART = 5
"""A file and an event of one response are written within milliseconds; times of events may be whole seconds."""
_COUNTS = ("input_tokens", "output_tokens", "cached_input_tokens", "reasoning_tokens")
_EXACTLY = ", ".join(f"coalesce({name}, 0) as {name}" for name in _COUNTS)
_ALIKE = " and ".join(f"e.{name} = f.{name}" for name in ("session_id", *_COUNTS))


def find(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes table `told_twice`: an event and a record of a file that are one call, each in the import or the target.

    Each has one partner at most: the nearest in time, if it is also nearest to that one. Needs view `incoming` and
    table `accepted_calls` with its sessions.
    """
    connection.execute(f"create temp table told as {_told_sql(events=True)}")
    connection.execute(f"insert into told {_told_sql(events=False)}")
    connection.execute(f"""
        create temp table told_twice as
        with near as (
            select e.place as event_place, e.id as event_id, f.place as file_place, f.id as file_id,
                greatest(0, epoch_us(f.began) - epoch_us(e.ended), epoch_us(e.began) - epoch_us(f.ended)) as apart,
                abs(epoch_us(e.ended) - epoch_us(f.ended)) as ends_apart
            from told as e join told as f on e.is_event and not f.is_event and {_ALIKE}
            where e.place = 'here' or f.place = 'here'
        ),
        ranked as (
            select *, row_number() over (
                    partition by event_place, event_id order by ends_apart, file_place desc, file_id
                ) as of_event,
                row_number() over (
                    partition by file_place, file_id order by ends_apart, event_place desc, event_id
                ) as of_file
            from near where apart <= {SECONDS_APART * 1_000_000}
        )
        select event_place, event_id, file_place, file_id from ranked where of_event = 1 and of_file = 1
    """)


def _told_sql(*, events: bool) -> str:
    """SQL for the events, or for the records of files whose session has events."""
    asked = "" if events else "and session_id in (select session_id from told)"

    def chosen(alias: str) -> str:
        is_told = f"coalesce({alias}.session_id, '') <> '' and {total_sql(alias)} > 0"
        return f"{is_told} and {'' if events else 'not '}{event_sql(alias)} {asked}"

    return f"""
        select 'here' as place, row_id as id, {_told("a")} from incoming as a where {chosen("a")}
        union all
        select 'there', rowid, {_told("t")} from accepted_calls as t where {chosen("t")}
    """


def _told(alias: str) -> str:
    ended = f'{alias}."timestamp" + to_milliseconds(coalesce({alias}.latency_ms, 0))'
    return f'{event_sql(alias)} as is_event, session_id, {_EXACTLY}, {alias}."timestamp" as began, {ended} as ended'
