"""How much a metered call used: inclusive totals, their parts, and what is not counted in tokens.

Revenium's wire follows the provider's own way of counting: Anthropic's input tokens leave out what was read from or
written to a cache, all others' hold it. A body whose total adds up only with these tokens on top says that they stand
outside; who runs the server can state it. A single call that fits neither way has no price, and keeps its counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from calls.schema import TERM_COLUMNS, Kind
from showcase.metering.body import BadBody, Body

UNIT_LIMIT = Decimal(10) ** 8
_NAMED = {
    "cache_write_1h_tokens": "cacheCreation1hTokenCount",
    "cache_write_12h_tokens": "cacheCreation12hTokenCount",
    "web_search_requests": "webSearchRequestCount",
}


def _field(column: str) -> str:
    """The field of a column: inputAudioTokenCount of input_audio_tokens."""
    first, *others = column.removesuffix("s").split("_")
    return _NAMED.get(column, first + "".join(word.capitalize() for word in others) + "Count")


TERM_FIELDS: Mapping[str, str] = {
    column.name: _field(column.name) for column in TERM_COLUMNS if column.kind is Kind.COUNT
}
"""Column -> field of the counts that a price may depend on beside the five that every call has."""
UNIT_FIELDS = {"second": "durationSeconds", "character": "characterCount"}
"""Units whose number has a field of its own; of others it is `unitCount`."""


@dataclass(frozen=True)
class Conventions:
    """Whether cached tokens stand inside or outside the input, and reasoning the output; "" is not stated."""

    cached_tokens: str = ""
    reasoning_tokens: str = ""


def tokens_of(body: Body, stated: Conventions) -> dict[str, int]:
    """Inclusive totals and their parts; parts that are larger than their total stay as they were sent."""
    given, output = body.needed_count("inputTokenCount"), body.needed_count("outputTokenCount")
    cached, written = body.count("cacheReadTokenCount") or 0, body.count("cacheCreationTokenCount") or 0
    reasoning = body.count("reasoningTokenCount") or 0
    parts, more = cached + written, (body.count("totalTokenCount") or 0) - given - output
    both = more > 0 and more == parts + reasoning
    parts_outside = _outside(stated.cached_tokens, both or more == parts > 0, usual=_counts_apart(body))
    reasoning_outside = _outside(stated.reasoning_tokens, both or more == reasoning > 0, usual=False)
    counts = {
        "input_tokens": given + parts if parts_outside else given,
        "output_tokens": output + reasoning if reasoning_outside else output,
        "cached_input_tokens": cached,
        "cache_write_tokens": written,
        "reasoning_tokens": reasoning,
    }
    others = {column: body.count(name) for column, name in TERM_FIELDS.items()}
    return counts | {column: count for column, count in others.items() if count is not None}


def _outside(stated: str, told: bool, *, usual: bool) -> bool:
    """Whether parts stand outside their total: as stated, else as the body's total tells, else as usual."""
    return stated == "outside" if stated else told or usual


def _counts_apart(body: Body) -> bool:
    """Whether the provider's input tokens leave out cached ones."""
    return "anthropic" in body.text("provider").lower() or "claude" in body.text("model").lower()


def units_of(body: Body) -> tuple[str, Decimal | None]:
    """What the call consumed that is not counted in tokens, and how much of it; "" and None where nothing.

    Raises:
        BadBody: the number is none, or too large.
    """
    unit = body.text("billingUnit").lower().removeprefix("per_")
    number = body.number(UNIT_FIELDS.get(unit, "unitCount")) if unit else None
    if number is not None and not 0 <= number < UNIT_LIMIT:
        raise BadBody(f"{UNIT_FIELDS.get(unit, 'unitCount')} takes a number from 0 to {UNIT_LIMIT:f}")
    return (unit, number) if number else ("", None)
