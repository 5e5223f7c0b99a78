"""What a call is: the columns of the shared CSV, their types, units, ranges and meaning; which are optional.

One row is one AI API call. `REQUIRED_COLUMNS` stand in every file, in this order; `OPTIONAL_COLUMNS` may be
lacking, and so may `RUN_COLUMNS` and `TERM_COLUMNS`. Two definitions hold everywhere: `input_tokens` is the
inclusive total (uncached + cache read + cache write) and `output_tokens` includes reasoning, so that the optional
token columns are subsets, never additions; an empty `cost_usd` means unknown, while 0 means free.

Who adds a column adds it here, and to the formats of `interchange.importers` that can fill it: everything else
follows.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """The type of a column, as the engine holds it."""

    TIMESTAMP = "timestamp"
    COUNT = "bigint"
    DECIMAL = "decimal(18,9)"
    TEXT = "varchar"

    @property
    def nothing(self) -> str:
        """SQL for the value of a column that a file lacks: an empty text, or an unknown number."""
        return "''" if self is Kind.TEXT else f"cast(null as {self})"


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
    return Column(name, Kind.DECIMAL, meaning, "USD", low=Decimal(0), high=Decimal(high))


def _requests(name: str, meaning: str) -> Column:
    return Column(name, Kind.COUNT, meaning, "requests", low=Decimal(0), high=Decimal(100_000))


def _units(name: str, meaning: str) -> Column:
    return Column(name, Kind.DECIMAL, meaning, "units", low=Decimal(0), high=Decimal(100_000_000))


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
    _usd("tier_price_usd", "what this customer pays per month", 1_000_000),
    _text("cost_source", "where cost_usd comes from: reported, computed, partial (a lower bound) or unknown"),
    _milliseconds("time_to_first_token_ms", "from request to the first token of the response"),
    _text(
        "charge_category",
        "Usage (or empty), Credit, Refund or Adjustment; but for usage a cost may be negative",
    ),
)

RUN_COLUMNS: tuple[Column, ...] = (
    _text("run_id", "the run of an agent or a workflow that the call is part of"),
    _text("agent_name", "the agent that made the call"),
    _text("agent_version", "the version of that agent"),
    _text("workflow", "the workflow or graph that the run belongs to"),
    _text("parent_id", "the span, run or task around the call"),
    Column(
        "retry_number",
        Kind.COUNT,
        "which retry of a request this is; 0 is the first attempt",
        "retries",
        low=Decimal(0),
        high=Decimal(1_000),
    ),
)
"""What a source says of the run, the agent or the workflow that made a call; a file may lack any of them."""

TERM_COLUMNS: tuple[Column, ...] = (
    _text("service_tier", "the tier that served: standard (or empty), batch, flex, priority, ..."),
    _text("speed", "fast where the provider sells the model at another speed"),
    _text("inference_geo", "the place that sets the price, such as us; empty is global"),
    _tokens("cache_write_1h_tokens", "written to a cache for an hour; part of cache_write_tokens"),
    _tokens("cache_write_12h_tokens", "written to a cache for 12 hours; part of cache_write_tokens"),
    _tokens("input_audio_tokens", "input tokens of audio; part of input_tokens"),
    _tokens("input_image_tokens", "input tokens of images; part of input_tokens"),
    _tokens("input_video_tokens", "input tokens of video; part of input_tokens"),
    _tokens("cached_input_audio_tokens", "part of cached_input_tokens and of input_audio_tokens"),
    _tokens("cached_input_image_tokens", "part of cached_input_tokens and of input_image_tokens"),
    _tokens("output_audio_tokens", "output tokens of audio; part of output_tokens"),
    _tokens("output_image_tokens", "output tokens of images; part of output_tokens"),
    _tokens("output_video_tokens", "output tokens of video; part of output_tokens"),
    _requests("web_search_requests", "web searches that the provider bills"),
    _text("tool_units", "other tools that are billed, sorted: container_session_1gb:1 file_search:2"),
    _units("units", "how much a call consumed that is not counted in tokens"),
    _text("unit", "of what: image, second, character, page, search, cache_token_hour"),
    _text(
        "cost_gap",
        "terms without a rate or counts smaller than their parts: the cost is unknown, or a lower bound",
    ),
)
"""What the price of a call depended on beside its tokens. A file has all of them or none: in a file that has none
nothing is known of the terms, while an empty field says that there was nothing to say."""

COLUMNS: tuple[Column, ...] = REQUIRED_COLUMNS + OPTIONAL_COLUMNS + RUN_COLUMNS + TERM_COLUMNS
COLUMN_BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}
REQUIRED_NAMES: tuple[str, ...] = tuple(column.name for column in REQUIRED_COLUMNS)
RUN_NAMES: tuple[str, ...] = tuple(column.name for column in RUN_COLUMNS)
TERM_NAMES: tuple[str, ...] = tuple(column.name for column in TERM_COLUMNS)
COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)

CHARGE_CATEGORIES = ("Usage", "Credit", "Refund", "Adjustment")
"""The words of `charge_category`, which are those of FOCUS and of bills."""
NEGATIVE_CATEGORIES = CHARGE_CATEGORIES[1:]
"""The categories in which a cost may be below zero."""

TERMS_NOT_RECORDED = "terms_not_recorded"
"""What `cost_gap` says of a call that was written before its file had columns for terms."""

FIELD_BYTES_LIMIT = 65_536
"""A field longer than this is rejected."""
