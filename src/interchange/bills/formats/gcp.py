"""Google Cloud's billing export: a line has its cost, its own credits, and the rate at which dollars were converted."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal

from interchange.bills.charges import BadLine, Charge, Fields, Format, RawCharge, kind_of
from interchange.bills.meters import model_of

_KINDS = {
    "regular": Charge.USAGE,
    "tax": Charge.TAX,
    "adjustment": Charge.ADJUSTMENT,
    "rounding_error": Charge.ADJUSTMENT,
}
_CREDITS = {"": Charge.CREDIT, "PROMOTION": Charge.CREDIT, "FREE_TIER": Charge.CREDIT} | dict.fromkeys(
    (
        "DISCOUNT", "SUSTAINED_USAGE_DISCOUNT", "COMMITTED_USAGE_DISCOUNT", "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE",
        "FEE_UTILIZATION_OFFSET", "RESELLER_MARGIN", "SUBSCRIPTION_BENEFIT",
    ),
    Charge.DISCOUNT,
)  # fmt: skip
_AI_NAMES = {"vertex ai", "gemini api", "generative language api", "agent platform"}


def _charges(fields: Fields) -> Sequence[RawCharge]:
    name = fields.get("servicedescription", "")
    kind = kind_of(fields.get("costtype", "regular"), _KINDS, "cost_type")
    common = RawCharge(
        "cost",
        fields.get("cost", ""),
        kind,
        fields.get("currency"),
        ai=name.lower() in _AI_NAMES,
        starts=fields.get("usagestarttime", ""),
        ends=fields.get("usageendtime", ""),
        model=model_of(fields.get("skudescription", "")),
        service=name,
        local_per_usd=fields.get("currencyconversionrate", ""),
    )
    return [common, *_credits(common, fields.get("credits", ""))]


def _credits(usage: RawCharge, text: str) -> Iterator[RawCharge]:
    try:
        credits = json.loads(text or "[]", parse_float=Decimal)
        entries = [(str(credit["amount"]), str(credit.get("type") or "").upper()) for credit in credits]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadLine(f"its credits {text[:60]!r} cannot be read") from None
    for amount, kind in entries:
        if kind not in _CREDITS:
            raise BadLine(f"its credit of type {kind!r} is of no known kind")
        yield RawCharge(
            "credits.amount",
            amount,
            _CREDITS[kind],
            usage.currency,
            ai=usage.ai,
            starts=usage.starts,
            ends=usage.ends,
            model=usage.model,
            service=usage.service,
            local_per_usd=usage.local_per_usd,
        )


FORMAT = Format("Google Cloud billing export", (frozenset({"servicedescription", "cost"}),), _charges)
