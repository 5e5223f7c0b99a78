"""Codex CLI: its session files (~/.codex/sessions/**/rollout-*.jsonl, also archived_sessions).

A line names what it is and holds it as `payload`. The model stands in the last turn before a response. One response is
told by a usage record, by a count of tokens, or by both, and a count is repeated while the totals of its thread stand
still. A fork or a resumed session replays the lines of its parent at its own time: the id of a response, else the
thread with its running totals, tells that a call is the same.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import carried, first_of, folder_name, of_record_before, said_first
from interchange.importers.fields import Fields, Inner, Record

LINES = {"session_meta", "turn_context", "event_msg", "response_item", "token_usage_record", "compacted"}
COUNTS = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens", "total_tokens")


def recognise(sample: Sample) -> bool:
    """Whether lines belong to a session."""
    return any(
        {"timestamp", "type", "payload"} <= record.keys() and record["type"] in LINES for record in sample
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a line; what the lines before it say is carried along."""
    kind, payload = fields.text("type"), fields.within("payload")
    meta, turn = f"{kind} = 'session_meta'", f"{kind} = 'turn_context'"
    is_record = f"{kind} = 'token_usage_record'"
    is_count = f"({kind} = 'event_msg' and {payload.text('type')} = 'token_count')"
    record, count = Inner(payload, "usage"), Inner(payload, "info", "last_token_usage")
    totals, thread = Inner(payload, "info", "total_token_usage"), Inner(payload, "thread_token_usage")

    def said(test: str, *keys: str) -> str:
        return f"case when {test} then nullif({payload.text(*keys)}, '') end"

    def used(name: str) -> str:
        # A count of before last_token_usage is the difference of two totals.
        alone = f"case when {count.text('total_tokens')} is null then {_growth(fields, totals, is_count, name)} end"
        counted = first_of(count.text(name), alone)
        return f"case when {is_record} then {record.text(name)} when {is_count} then {counted} end"

    root = fields.named(
        carried(f"case when {meta} then {first_of(payload.text('forked_from_id'), payload.text('id'))} end")
    )
    total = fields.named(
        f"case when {is_record} then {_tuple(thread)} when {is_count} then {_tuple(totals)} end"
    )
    total_before = fields.named(
        of_record_before(fields.named(carried(f"case when {is_count} then {total} end")))
    )
    recorded = fields.named(carried(f"case when {is_record} then {_tuple(record)} end"))
    # The record and the count of a response have its running total in common, whichever stands first.
    response = fields.named(f"{first_of(payload.text('thread_id'), root)} || '/' || {total}")
    known = first_of(payload.text("response_id"), response)
    session = fields.named(said_first(said(meta, "id")))
    folder = f"case when {meta} or {turn} then {folder_name(payload.text('cwd'))} end"
    repository = said(meta, "git", "repository_url")
    role = first_of(said(meta, "agent_role"), said(meta, "source", "subagent", "thread_spawn", "agent_role"))
    client, version = said(meta, "originator"), said(meta, "cli_version")
    return FieldMapping(
        timestamp=fields.text("timestamp"),
        call_id=known,
        request_id=known,
        answer=response,
        provider=fields.named(carried(said(meta, "model_provider"))),
        model=fields.named(carried(said(turn, "model"))),
        input=used("input_tokens"),
        output=used("output_tokens"),
        cached=used("cached_input_tokens"),
        write=used("cache_write_input_tokens"),
        reasoning=used("reasoning_output_tokens"),
        product_id=first_of(
            fields.named(said_first(folder_name(repository))), fields.named(said_first(folder))
        ),
        feature_id=fields.named(said_first(said(meta, "git", "branch"))),
        session_id=session,
        trace_id=root,
        run_id=first_of(said(is_record, "turn_id"), fields.named(carried(said(turn, "turn_id")))),
        agent_name=fields.named(said_first(first_of(role, client))),
        agent_version=fields.named(said_first(version)),
        parent_id=fields.named(said_first(said(meta, "parent_thread_id"))),
        user_agent=fields.named(said_first(f"{client} || coalesce('/' || {version}, '')")),
        status="'success'",
        skip=f"case when not coalesce({is_record} or {is_count}, false) then 'not_a_call' "
        f"when {is_count} and {total} is null then 'not_a_call' "
        f"when {is_count} and ({total} = {total_before} or {recorded} = {_tuple(count)}) then 'repeated_in_file' "
        f"when {_nothing(used('input_tokens'))} and {_nothing(used('output_tokens'))} then 'no_usage' end",
    )


def _tuple(usage: Fields) -> str:
    """SQL for the counts of a usage as one text; NULL without a count."""
    listed = ", ".join(f"coalesce({usage.text(name)}, '0')" for name in COUNTS)
    return f"case when {usage.text('total_tokens')} is not null then concat_ws('.', {listed}) end"


def _growth(fields: Record, totals: Fields, is_count: str, name: str) -> str:
    """SQL for how much a running total has grown since the count before it."""
    now = f"case when {is_count} then count_of({totals.text(name)}) end"
    before = fields.named(of_record_before(fields.named(carried(now))))
    return f"cast({now} - case when {now} >= coalesce({before}, 0) then coalesce({before}, 0) else 0 end as varchar)"


def _nothing(count: str) -> str:
    return f"coalesce(count_of({count}), 0) = 0"


FORMATS = (
    Format(
        "codex",
        "Codex CLI sessions",
        recognise,
        field_mapping,
        by_time=True,
        of_agent=True,
        nested=True,
        calls_are="a count of tokens, which versions before September 2025 do not write",
        precedence=65,
        remark="Codex CLI's files tell no service tier: costs are standard list prices, and no bill where a plan pays",
    ),
)
