"""From a metering body to a row of the CSV: checked field by field, so that what is stored can be used."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dateutil.parser import isoparse

from settings.model_names import without_route
from settings.pricing import Pricing
from settings.terms import Terms
from showcase.metering.body import BadBody, Body
from showcase.metering.counts import Conventions, tokens_of, units_of

USD_LIMIT = Decimal(10) ** 9
NANO_USD = Decimal("1e-9")
MILLISECOND = timedelta(milliseconds=1)
YEARS = range(2000, 2100)
NOT_STATED = Conventions()
NEVER = datetime.min.replace(tzinfo=UTC)

TEXT_FIELDS = {
    "product_id": ("productName", "productId"),
    "organization_id": ("organizationName", "organizationId"),
    "feature_id": ("agent", "transactionName"),
    "task_type": ("taskType",),
    "subscription_tier": ("subscriptionTier",),
    "environment": ("environment",),
    "trace_id": ("traceId",),
    "session_id": ("traceName", "traceType"),
    "request_id": ("parentTransactionId", "transactionId"),
    "region": ("region",),
    "user_agent": ("middlewareSource",),
}
"""Our column -> the fields that may hold it; the first that is filled does."""
RUN_FIELDS = {
    "run_id": ("agenticJobId",),
    "agent_name": ("agent",),
    "workflow": ("agenticJobName", "agenticJobType"),
    "parent_id": ("parentTransactionId",),
}
"""The same for columns of runs, which a file has only where some call says something of its run."""


def row_of(body: Body, pricing: Pricing, stated: Conventions = NOT_STATED) -> dict[str, str]:
    """The CSV row of one completion; `stated` is where its cached and reasoning tokens stand, if that is known.

    Raises:
        BadBody: a needed field is missing, or a field holds what it cannot.
    """
    moment = _moment(body, "requestTime")
    tokens = tokens_of(body, stated)
    unit, units = units_of(body)
    row = {column: body.text(*fields) for column, fields in TEXT_FIELDS.items()}
    row |= {
        "timestamp": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "call_id": body.needed_text("transactionId"),
        "provider": pricing.provider_id(body.needed_text("provider")),
        "model": without_route(body.needed_text("model")) or body.needed_text("model"),
        "latency_ms": _optional(_latency(body, moment)),
        "time_to_first_token_ms": _optional(body.milliseconds("timeToFirstToken")),
        "customer_id": body.within("subscriber").text("id"),
        "status": "error" if _failed(body) else "success",
    }
    optional = {
        **{column: body.text(*fields) for column, fields in RUN_FIELDS.items()},
        "retry_number": _optional(body.count("retryNumber")),
        "service_tier": _tier(body),
        "speed": body.text("speed"),
        "inference_geo": body.text("inferenceGeo"),
        "tool_units": body.text("toolUnits"),
        "unit": unit,
        "units": "" if units is None else f"{units:f}",
    }
    row |= {name: text for name, text in optional.items() if text}
    return (
        row
        | {name: str(count) for name, count in tokens.items()}
        | _cost(body, row, (tokens, units), moment, pricing)
    )


def _tier(body: Body) -> str:
    """The tier that served: a batch says so apart, and what was asked for counts where nobody says what served."""
    if body.text("pricingTier").lower() == "batch":
        return "batch"
    return body.text("actualServiceTier", "pricingTier", "requestedServiceTier").lower()


def _failed(body: Body) -> bool:
    return body.text("stopReason") == "ERROR" or body.has("errorCode") or body.has("errorReason")


def _cost(
    body: Body,
    row: Mapping[str, str],
    used: tuple[Mapping[str, int], Decimal | None],
    moment: datetime,
    pricing: Pricing,
) -> dict[str, str]:
    """The cost in the body, else the price of the call's own day for what it used, else unknown."""
    tokens, units = used
    reported = _usd(body)
    if reported is not None:
        return {"cost_usd": f"{reported:f}", "cost_source": "reported"}
    if row["status"] == "error" and not tokens["input_tokens"] + tokens["output_tokens"]:
        return {"cost_usd": "0", "cost_source": "computed"}
    terms = Terms(**{name: row[name] for name in Terms._fields if name in row})
    found = pricing.call_price(terms, moment.replace(tzinfo=None), tokens, units)
    usd = "" if found.usd is None else f"{found.usd:f}"
    gap = {"cost_gap": found.gap} if found.gap else {}
    return {"cost_usd": usd, "cost_source": found.cost_source} | gap


def _moment(body: Body, field: str) -> datetime:
    text = body.needed_text(field)
    try:
        moment = isoparse(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = NEVER
    if moment.year not in YEARS:
        raise BadBody(f"{field} takes an ISO 8601 time of the years 2000 to 2099, not {text[:40]!r}")
    return moment


def _latency(body: Body, begun: datetime) -> int | None:
    """The duration that was sent, else the time between request and response, else None."""
    if body.has("requestDuration"):
        return body.milliseconds("requestDuration")
    if not body.has("responseTime"):
        return None
    return max(0, (_moment(body, "responseTime") - begun) // MILLISECOND)


def _usd(body: Body) -> Decimal | None:
    usd = body.number("totalCost")
    if usd is None:
        return None
    if not 0 <= usd < USD_LIMIT:
        raise BadBody("totalCost takes dollars from 0")
    return abs(usd.quantize(NANO_USD))  # minus zero is zero


def _optional(count: int | None) -> str:
    return "" if count is None else str(count)
