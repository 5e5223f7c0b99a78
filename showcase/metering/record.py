"""From a metering body to a row of the CSV: checked field by field, so that what is stored can be used.

Revenium's wire follows the provider's own way of counting: Anthropic's input tokens leave out what was read
from or written to a cache, all others' hold it. Our `input_tokens` always holds it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from dateutil.parser import isoparse

from settings.pricing import Pricing
from settings.rates import cost as cost_at

TEXT_LIMIT = 1_024
TOKENS_LIMIT = 10**12
USD_LIMIT = Decimal(10) ** 9
EXCLUSIVE_INPUT = ("anthropic",)
"""Providers whose input tokens leave out cached ones."""

TEXT_FIELDS = {
    "organization_id": "organizationName",
    "product_id": "productName",
    "task_type": "taskType",
    "subscription_tier": "subscriptionTier",
    "environment": "environment",
    "trace_id": "traceId",
    "session_id": "traceName",
    "request_id": "parentTransactionId",
    "region": "region",
}


class BadRecord(ValueError):
    """A body that cannot be metered; the message names the field and what it takes."""


def row_of(body: object, pricing: Pricing) -> dict[str, str]:
    """The CSV row of one completion.

    Raises:
        BadRecord: a needed field is missing, or a field holds what it cannot.
    """
    if not isinstance(body, dict):
        raise BadRecord("the body must be a JSON object")
    moment = _moment(body)
    tokens = _tokens(body)
    row = {column: _text(body, field) for column, field in TEXT_FIELDS.items()}
    row |= {
        "timestamp": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "call_id": _text(body, "transactionId", needed=True),
        "provider": _text(body, "provider", needed=True).lower(),
        "model": _text(body, "model", needed=True),
        "latency_ms": _optional(_count(body, "requestDuration", needed=False)),
        "time_to_first_token_ms": _optional(_count(body, "timeToFirstToken", needed=False)),
        "customer_id": _subscriber(body),
        "feature_id": _feature(body),
        "user_agent": _text(body, "middlewareSource"),
        "status": "error" if _text(body, "stopReason") == "ERROR" else "success",
    }
    return (
        row | {name: str(count) for name, count in tokens.items()} | _cost(body, row, tokens, moment, pricing)
    )


def _cost(
    body: Mapping[str, object],
    row: Mapping[str, str],
    tokens: Mapping[str, int],
    moment: datetime,
    pricing: Pricing,
) -> dict[str, str]:
    """The cost in the body, else the price of the call's own day, else unknown."""
    reported = _usd(body)
    if reported is not None:
        return {"cost_usd": f"{reported:f}", "cost_source": "reported"}
    if row["status"] == "error" and not tokens["input_tokens"] + tokens["output_tokens"]:
        return {"cost_usd": "0", "cost_source": "computed"}
    computed = cost_at(
        pricing.rate(row["provider"], row["model"], moment.date(), tokens["input_tokens"]),
        tokens["input_tokens"],
        tokens["output_tokens"],
        tokens["cached_input_tokens"],
        tokens["cache_write_tokens"],
        _count(body, "cacheCreation1hTokenCount", needed=False),
    )
    if computed is None:
        return {"cost_usd": "", "cost_source": "unknown"}
    return {"cost_usd": f"{computed:f}", "cost_source": "computed"}


def _tokens(body: Mapping[str, object]) -> dict[str, int]:
    input_tokens = _count(body, "inputTokenCount", needed=True) or 0
    cached = _count(body, "cacheReadTokenCount", needed=False) or 0
    written = _count(body, "cacheCreationTokenCount", needed=False) or 0
    if str(body.get("provider", "")).lower() in EXCLUSIVE_INPUT:
        input_tokens += cached + written
    return {
        "input_tokens": input_tokens,
        "output_tokens": _count(body, "outputTokenCount", needed=True) or 0,
        "cached_input_tokens": cached,
        "cache_write_tokens": written,
        "reasoning_tokens": _count(body, "reasoningTokenCount", needed=False) or 0,
    }


def _moment(body: Mapping[str, object]) -> datetime:
    text = _text(body, "requestTime", needed=True)
    try:
        moment = isoparse(text)
    except ValueError:
        raise BadRecord(f"requestTime takes an ISO 8601 time, not {text!r}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _text(body: Mapping[str, object], field: str, *, needed: bool = False) -> str:
    value = body.get(field)
    if value is None or value == "":
        if needed:
            raise BadRecord(f"{field} is missing")
        return ""
    if not isinstance(value, str) or len(value) > TEXT_LIMIT or re.search(r"[\x00-\x1f\x7f]", value):
        raise BadRecord(f"{field} takes a text of up to {TEXT_LIMIT} characters without control characters")
    return value


def _count(body: Mapping[str, object], field: str, *, needed: bool) -> int | None:
    value = body.get(field)
    if value is None:
        if needed:
            raise BadRecord(f"{field} is missing")
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= TOKENS_LIMIT:
        raise BadRecord(f"{field} takes a whole number from 0")
    return value


def _usd(body: Mapping[str, object]) -> Decimal | None:
    value = body.get("totalCost")
    if value is None:
        return None
    try:
        usd = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        usd = Decimal("NaN")
    if not usd.is_finite() or not 0 <= usd < USD_LIMIT:
        raise BadRecord("totalCost takes dollars from 0")
    return usd.quantize(Decimal("1e-9"))


def _subscriber(body: Mapping[str, object]) -> str:
    subscriber = body.get("subscriber")
    return _text(subscriber, "id") if isinstance(subscriber, dict) else ""


def _feature(body: Mapping[str, object]) -> str:
    """The transaction's name; where the SDK filled it with the task type, the agent."""
    name = _text(body, "transactionName")
    return name if name and name != _text(body, "taskType") else _text(body, "agent") or name


def _optional(count: int | None) -> str:
    return "" if count is None else str(count)
