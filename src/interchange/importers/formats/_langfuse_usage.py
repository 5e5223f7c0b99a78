"""What an observation of Langfuse used and what it cost, in the shapes of its versions.

`usageDetails` holds disjoint parts of the input and of the output, so that each total is a sum. Two things
stand inside their total instead: details that were passed through under a dotted name, and parts of which the
total says so.
"""

from typing import NamedTuple

from foundation.sql_text import literal
from interchange.importers.field_sql import entries_of, first_of
from interchange.importers.fields import PairFields, Record

PLAIN = "not contains(e.name, '.')"
LIFETIME = "(e.name ilike '%ephemeral%' or regexp_matches(e.name, 'creation_[0-9]+(m|h)'))"
"""Writes to a cache by how long they last; the count of all writes may stand beside them."""
WRITTEN = f"e.name ilike '%cache%' and (e.name ilike '%creat%' or e.name ilike '%write%') and not {LIFETIME}"
READ = "e.name ilike '%cache%' and e.name not ilike '%creat%' and e.name not ilike '%write%'"
PARTS = {
    # What a name with `input` says of the cache is a part of its own, which our count of the kind includes.
    "input_audio_tokens": "e.name ilike '%input%audio%'",
    "input_image_tokens": "e.name ilike '%input%image%'",
    "cached_input_audio_tokens": "e.name ilike '%cache%audio%'",
    "cached_input_image_tokens": "e.name ilike '%cache%image%'",
    "input_video_tokens": "e.name ilike '%input%video%' and e.name not ilike '%cache%'",
    "output_audio_tokens": "e.name ilike '%output%audio%'",
    "output_image_tokens": "e.name ilike '%output%image%'",
    "output_video_tokens": "e.name ilike '%output%video%'",
    "web_search_requests": "e.name in ('web_search_requests', 'web_search_queries', 'grounding_queries')",
}
"""Parts of the counts by our names, and searches."""
_WHOLE = "(e.name in ('input', 'output', 'total'))"
"""Counts that are no part of another; beside parts the total may hold some of them twice."""
IN_OUTPUT = "(e.name ilike '%output%' or e.name ilike '%completion%')"
LEGACY = {
    "input": ("input", "promptTokens", "prompt_tokens"),
    "output": ("output", "completionTokens", "completion_tokens"),
    "total": ("total", "totalTokens", "total_tokens"),
}


class Usage(NamedTuple):
    """SQL for the counts of an observation, input and output inclusive."""

    input: str
    output: str
    cached: str
    write: str
    write_1h: str
    write_12h: str
    reasoning: str
    total: str
    parts: dict[str, str]


def usage_of(record: Record) -> Usage:
    """The counts, from `usageDetails` or what older versions have."""
    details = _details(record, "usageDetails", "usage_details")
    total = record.named(
        first_of(
            _printed(details.total("e.name in ('total', 'total_tokens', 'totalTokens')")),
            record.first("totalUsage", "total_usage", "totalTokens", "total_tokens"),
            _legacy(record, "total"),
        )
    )
    inputs, outputs = _sums(record, details, total)
    output = record.named(
        first_of(
            outputs,
            _printed(details.total("e.name in ('completion_tokens', 'completionTokens', 'completion')")),
            record.first("outputUsage", "output_usage", "completionTokens", "completion_tokens"),
            _legacy(record, "output"),
        )
    )
    input_ = first_of(
        inputs,
        _printed(details.total("e.name in ('prompt_tokens', 'promptTokens', 'prompt')")),
        record.first("inputUsage", "input_usage", "promptTokens", "prompt_tokens"),
        _legacy(record, "input"),
        f"case when {output} is null then {total} end",
    )
    return Usage(
        record.named(input_),
        output,
        cached=_printed(details.total(f"{READ} and not {IN_OUTPUT}")),
        write=_printed(_greatest(details.total(WRITTEN), details.total(LIFETIME))),
        write_1h=_printed(details.total(f"{LIFETIME} and e.name ilike '%1h%'")),
        write_12h=_printed(details.total(f"{LIFETIME} and e.name ilike '%12h%'")),
        reasoning=_printed(details.total("e.name ilike '%reasoning%' or e.name ilike '%thought%'")),
        total=f"case when {details.total(f'not {_WHOLE}')} is null then {total} end",
        parts={name: _printed(details.total(test)) for name, test in PARTS.items()},
    )


def _greatest(one: str, other: str) -> str:
    """SQL for the greater of two sums, one of which may be NULL."""
    return f"greatest({one}, {other})"


def tier_of(record: Record) -> str:
    """The service tier by which a tracing library names its counts, such as input_flex_cache_read; NULL without one."""
    details = _details(record, "usageDetails", "usage_details")
    named = " ".join(
        f"when {details.total('regexp_matches(e.name, ' + literal(f'(^|_){tier}(_|$)') + ')')} > 0 then '{tier}'"
        for tier in ("priority", "flex")
    )
    return f"case {named} end"


def cost_of(record: Record) -> str:
    """SQL for the cost in the file."""
    details = _details(record, "costDetails", "cost_details")
    return record.named(
        first_of(
            record.first("totalCost", "total_cost"),
            _printed(details.total("e.name = 'total'")),
            _printed(details.total("true")),
            record.first("calculatedTotalCost", "calculated_total_cost"),
            record.text("usage", "totalCost"),
        )
    )


def _sums(record: Record, details: PairFields, total: str) -> tuple[str, str]:
    """Input and output as sums of their parts, unless the total tells that the parts stand inside."""
    sums, alone = [], []
    for side in ("input", "output"):
        counted = details.total(f"e.name ilike '%{side}%' and {PLAIN}")
        if side == "input":
            # What is said of all writes and again by their lifetime counts once.
            twice = f"least({details.total(WRITTEN)}, {details.total(LIFETIME)})"
            both = f"{details.total(WRITTEN)} is not null and {details.total(LIFETIME)} is not null"
            counted = f"{counted} - case when {both} then {twice} else 0 end"
        sums.append(record.named(counted))
        alone.append(record.named(details.total(f"e.name = '{side}'")))
    inside = record.named(
        f"{alone[0]} + {alone[1]} = try_cast({total} as decimal(38, 12)) "
        f"and {sums[0]} - {alone[0]} <= {alone[0]} and {sums[1]} - {alone[1]} <= {alone[1]}"
    )
    inputs, outputs = (_printed(f"case when {inside} then {alone[n]} else {sums[n]} end") for n in (0, 1))
    return inputs, outputs


def _details(record: Record, camel: str, snake: str) -> PairFields:
    """The members of an object under either name, which databases print with single quotes."""
    text = record.first(camel, snake)
    json = f"case when {text} like '{{''%' then replace({text}, '''', '\"') else {text} end"
    return record.pairs(entries_of(json))


def _legacy(record: Record, kind: str) -> str:
    """A count of the older `usage`, which may count characters or seconds instead of tokens."""
    counts = first_of(*(record.text("usage", name) for name in LEGACY[kind]))
    return f"case when coalesce({record.text('usage', 'unit')}, 'TOKENS') = 'TOKENS' then {counts} end"


def _printed(sql: str) -> str:
    return f"cast({sql} as varchar)"
