"""AWS cost and usage reports, CUR 1 and 2.0: a line item has a type, and unblended cost is what the invoice sums."""

import json
from collections.abc import Sequence

from interchange.bills.charges import Charge, Fields, Format, RawCharge, kind_of
from interchange.bills.meters import model_of

_KINDS = {
    "usage": Charge.USAGE,
    "discountedusage": Charge.USAGE,
    "savingsplancoveredusage": Charge.USAGE,
    "savingsplannegation": Charge.COMMITMENT,
    "savingsplanrecurringfee": Charge.COMMITMENT,
    "savingsplanupfrontfee": Charge.COMMITMENT,
    "rifee": Charge.COMMITMENT,
    "fee": Charge.COMMITMENT,
    "edpdiscount": Charge.DISCOUNT,
    "privateratediscount": Charge.DISCOUNT,
    "bundleddiscount": Charge.DISCOUNT,
    "sppdiscount": Charge.DISCOUNT,
    "rivolumediscount": Charge.DISCOUNT,
    "credit": Charge.CREDIT,
    "refund": Charge.REFUND,
    "tax": Charge.TAX,
}
_BEDROCK = "amazonbedrock"
_EDITION = "(amazon bedrock edition)"


def _charges(fields: Fields) -> Sequence[RawCharge]:
    product = fields.get("lineitemproductcode", "")
    name = _name(fields)
    return [
        RawCharge(
            "lineitemunblendedcost",
            fields.get("lineitemunblendedcost", ""),
            kind_of(fields.get("lineitemlineitemtype", ""), _KINDS, "LineItemType"),
            fields.get("lineitemcurrencycode"),
            ai=product.lower().startswith(_BEDROCK) or _EDITION in name.lower(),
            starts=fields.get("lineitemusagestartdate", ""),
            ends=fields.get("lineitemusageenddate", ""),
            model=model_of(name if _EDITION in name.lower() else fields.get("lineitemusagetype", "")),
            service=product or name,
            net_column="lineitemnetunblendedcost",
            net=fields.get("lineitemnetunblendedcost", ""),
        )
    ]


def _name(fields: Fields) -> str:
    """The product's name: a column of CUR 1, an entry of a JSON column in CUR 2.0."""
    if "productservicename" in fields or "productproductname" in fields:
        return fields.get("productservicename") or fields.get("productproductname", "")
    try:
        product = json.loads(fields.get("product") or "{}")
    except ValueError:
        return ""
    return str(product.get("product_name", "")) if isinstance(product, dict) else ""


FORMAT = Format("AWS cost and usage report", (frozenset({"lineitemunblendedcost"}),), _charges)
