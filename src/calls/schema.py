"""What a call is: the columns of the shared CSV, their types, units, ranges and meaning.

One row is one AI API call. `REQUIRED_COLUMNS` stand in every file, in this order; `OPTIONAL_COLUMNS` may be
lacking. Two definitions hold everywhere: `input_tokens` is the inclusive total (uncached + cache read +
cache write) and `output_tokens` includes reasoning, so that the optional token columns are subsets, never
additions; an empty `cost_usd` means unknown, while 0 means free.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """The type of a column, as the engine holds it."""

    TIMESTAMP = "timestamp"
    COUNT = "bigint"
    MONEY = "decimal(18,9)"
    TEXT = "varchar"


@dataclass(frozen=True)
class Column:
    """One column of the CSV.

    `needed` says that a row without a value is rejected; elsewhere an empty number means unknown and an
    empty text means unallocated. `low` and `high` bound the plausible range: a value outside is flagged,
    not refused.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    needed: bool = False
    low: Decimal | None = None
    high: Decimal | None = None


def _tokens(name: str, meaning: str, *, needed: bool = False) -> Column:
    return Column(name, Kind.COUNT, meaning, "tokens", needed, Decimal(0), Decimal(10_000_000))


def _text(name: str, meaning: str, *, needed: bool = False) -> Column:
    return Column(name, Kind.TEXT, meaning, needed=needed)


def _milliseconds(name: str, meaning: str) -> Column:
    return Column(name, Kind.COUNT, meaning, "ms", low=Decimal(0), high=Decimal(3_600_000))


def _usd(name: str, meaning: str, high: int) -> Column:
    return Column(name, Kind.MONEY, meaning, "USD", low=Decimal(0), high=Decimal(high))


REQUIRED_COLUMNS: tuple[Column, ...] = (
    Column(
        "timestamp", Kind.TIMESTAMP, "when the call was made: ISO 8601, UTC, microseconds", "UTC", needed=True
    ),
    _text("call_id", "identifies the call; unique within the file", needed=True),
    _text("provider", "who was called: openai, anthropic, bedrock, ..."),
    _text("model", "the model that answered, as the source names it, less routing prefixes"),
    _tokens("input_tokens", "inclusive total: uncached + cache read + cache write", needed=True),
    _tokens("output_tokens", "inclusive total: with reasoning", needed=True),
    _usd("cost_usd", "what the call cost; empty means unknown, 0 means free", 1_000),
    _milliseconds("latency_ms", "from request to the end of the response; empty means unknown"),
    _text("customer_id", "who is served"),
    _text("subscription_tier", "the customer's plan: starter, pro, enterprise or one of the user's own"),
    _text("organization_id", "the organization the customer belongs to"),
    _text("product_id", "the product the call was made for"),
    _text("feature_id", "the feature of the product"),
    _text("task_type", "the kind of work: qa, summarization, ..."),
    _text("environment", "production, staging, development, ..."),
    _text("request_id", "the request at the provider"),
    _text("trace_id", "the trace the call is part of"),
    _text("session_id", "the user session the call is part of"),
    _text("user_agent", "the client that made the call"),
)

OPTIONAL_COLUMNS: tuple[Column, ...] = (
    _tokens("cached_input_tokens", "input tokens read from a cache; part of input_tokens"),
    _tokens("cache_write_tokens", "input tokens written to a cache; part of input_tokens"),
    _tokens("reasoning_tokens", "output tokens spent on reasoning; part of output_tokens"),
    _text("status", "success or error"),
    _text("region", "where the call was served"),
    _usd("tier_price_usd", "what this customer pays a month", 1_000_000),
    _text("cost_source", "where cost_usd comes from: reported, computed or unknown"),
    _milliseconds("time_to_first_token_ms", "from request to the first token of the response"),
)

COLUMNS: tuple[Column, ...] = REQUIRED_COLUMNS + OPTIONAL_COLUMNS
COLUMN_BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}
REQUIRED_NAMES: tuple[str, ...] = tuple(column.name for column in REQUIRED_COLUMNS)
COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)

FIELD_BYTES_LIMIT = 65_536
"""A field longer than this is rejected."""
