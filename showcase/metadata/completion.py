"""What is metered about a call besides its metadata: how many tokens, how long, how it ended.

`completion_body` makes the JSON body that goes over the wire, in Revenium's field names; `as_keywords` gives
the same fields the names that the SDK's direct client takes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from showcase.metadata.builders import ReveniumMetadataBuilder

SOURCE = "revenium-finops-showcase"
COUNTS_APART = ("ANTHROPIC",)
"""Providers whose input tokens leave out what was read from or written to a cache."""
STOP_REASONS = (
    "END", "END_SEQUENCE", "TIMEOUT", "TOKEN_LIMIT", "COST_LIMIT", "COMPLETION_LIMIT", "ERROR", "CANCELLED",
)  # fmt: skip


@dataclass(frozen=True)
class Usage:
    """Tokens of a call. Input and output are inclusive totals; the others are parts of them.

    Raises:
        ValueError: a count is negative, or parts exceed their total.
    """

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0

    def __post_init__(self) -> None:
        if min(vars(self).values()) < 0:
            raise ValueError("tokens are counted from 0")
        if self.cached_input_tokens + self.cache_write_tokens > self.input_tokens:
            raise ValueError("cached tokens are part of input_tokens: count them there too")
        if self.reasoning_tokens > self.output_tokens:
            raise ValueError("reasoning tokens are part of output_tokens: count them there too")


NOTHING_USED = Usage(0, 0)


@dataclass(frozen=True)
class Failure:
    """Why a call failed: the class of the error, never its text, which may quote a prompt."""

    reason: str
    code: int | None = None


@dataclass(frozen=True)
class Completion:
    """One call of a model, once it has ended.

    `begun` and `ended` are aware datetimes. `cost_usd` is what the call cost where the application knows it;
    without it the metering service prices the tokens.

    Raises:
        ValueError: a time without zone, an end before the beginning, or an unknown stop reason.
    """

    provider: str
    model: str
    usage: Usage
    begun: datetime
    ended: datetime
    call_id: str = field(default_factory=lambda: str(uuid4()))
    stop_reason: str = "END"
    cost_usd: Decimal | None = None
    failure: Failure | None = None
    retry_number: int = 0

    def __post_init__(self) -> None:
        if self.begun.tzinfo is None or self.ended.tzinfo is None:
            raise ValueError("begun and ended need a time zone: datetime.now(UTC)")
        if self.ended < self.begun:
            raise ValueError("a call cannot end before it began")
        if self.stop_reason not in STOP_REASONS:
            raise ValueError(
                f"stop reason {self.stop_reason!r} is unknown; allowed: {', '.join(STOP_REASONS)}"
            )

    @property
    def milliseconds(self) -> int:
        """How long it took."""
        return round((self.ended - self.begun).total_seconds() * 1000)


def completion_body(completion: Completion, metadata: ReveniumMetadataBuilder) -> dict[str, object]:
    """The body of Revenium's `POST /meter/v2/ai/completions`."""
    usage, provider = completion.usage, completion.provider.upper()
    apart = usage.cached_input_tokens + usage.cache_write_tokens if provider in COUNTS_APART else 0
    begun, ended = _iso(completion.begun), _iso(completion.ended)
    body: dict[str, object] = {
        "transactionId": completion.call_id,
        "provider": provider,
        "model": completion.model,
        "inputTokenCount": usage.input_tokens - apart,
        "outputTokenCount": usage.output_tokens,
        "totalTokenCount": usage.input_tokens - apart + usage.output_tokens,
        "cacheReadTokenCount": usage.cached_input_tokens,
        "cacheCreationTokenCount": usage.cache_write_tokens,
        "reasoningTokenCount": usage.reasoning_tokens,
        "requestTime": begun,
        "completionStartTime": ended,
        "responseTime": ended,
        "requestDuration": completion.milliseconds,
        "stopReason": completion.stop_reason,
        "costType": "AI",
        "isStreamed": False,
        "operationType": "CHAT",
        "middlewareSource": SOURCE,
    }
    return body | _cost(completion) | _failure(completion) | metadata.to_revenium()


def as_keywords(body: Mapping[str, object]) -> dict[str, Any]:
    """A body's fields under the names of `create_completion`: `inputTokenCount` is `input_token_count`."""
    return {re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower(): value for name, value in body.items()}


def _cost(completion: Completion) -> dict[str, object]:
    return {} if completion.cost_usd is None else {"totalCost": float(completion.cost_usd)}


def _failure(completion: Completion) -> dict[str, object]:
    retry: dict[str, object] = {"retryNumber": completion.retry_number} if completion.retry_number else {}
    if completion.failure is None:
        return retry
    code = {} if completion.failure.code is None else {"errorCode": completion.failure.code}
    return retry | {"errorReason": completion.failure.reason} | code


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
