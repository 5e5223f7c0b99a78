"""FOCUS 1.0 to 1.4: what is invoiced stands in BilledCost, in the currency of its row."""

from collections.abc import Sequence

from interchange.bills.charges import BadLine, Charge, Fields, Format, RawCharge, kind_of
from interchange.bills.meters import model_of

_KINDS = {
    "usage": Charge.USAGE,
    "purchase": Charge.COMMITMENT,
    "tax": Charge.TAX,
    "credit": Charge.CREDIT,
    "adjustment": Charge.ADJUSTMENT,
}
_AI = "ai and machine learning"


def _charges(fields: Fields) -> Sequence[RawCharge]:
    return [
        RawCharge(
            "billedcost",
            fields.get("billedcost", ""),
            _kind(fields),
            fields.get("billingcurrency"),
            ai=_is_ai(fields),
            starts=fields.get("chargeperiodstart", ""),
            ends=fields.get("chargeperiodend", ""),
            model=fields.get("xmodel") or model_of(fields.get("skumeter", "")),
            service=fields.get("servicename", ""),
        )
    ]


def _is_ai(fields: Fields) -> bool:
    category = fields.get("servicecategory", _AI)
    if not category:
        raise BadLine("ServiceCategory is empty, so that nothing says whether it is AI")
    return category.lower() == _AI


def _kind(fields: Fields) -> Charge | None:
    if "chargecategory" not in fields:
        return None
    kind = kind_of(fields["chargecategory"], _KINDS, "ChargeCategory")
    correction = fields.get("chargeclass", "").lower()
    if correction not in {"", "null", "correction"}:
        raise BadLine(f"ChargeClass {fields['chargeclass']!r} is neither empty nor Correction")
    is_correction = correction == "correction" and kind is Charge.USAGE
    return Charge.ADJUSTMENT if is_correction else kind


FORMAT = Format("FOCUS", (frozenset({"billedcost"}),), _charges)
