"""Azure's actual cost: the amount in the billing currency, and in dollars where the agreement gives both."""

from collections.abc import Sequence
from decimal import Decimal

from interchange.bills.amounts import DecimalSign, Written
from interchange.bills.charges import BadLine, Charge, Fields, Format, RawCharge, first, kind_of
from interchange.bills.meters import model_of

_KINDS = {
    "usage": Charge.USAGE,
    "purchase": Charge.COMMITMENT,
    "unusedreservation": Charge.COMMITMENT,
    "unusedsavingsplan": Charge.COMMITMENT,
    "refund": Charge.REFUND,
    "roundingadjustment": Charge.ADJUSTMENT,
    "tax": Charge.TAX,
}
_AI_CATEGORIES = {
    "cognitive services",
    "azure openai",
    "foundry models",
    "foundry tools",
    "azure ai services",
}
_AMOUNTS = ("costinbillingcurrency", "cost", "pretaxcost")
_CURRENCIES = ("billingcurrency", "billingcurrencycode", "currency", "currencycode")
_PRICED = ("costinpricingcurrency", "exchangeratepricingtobilling", "costinbillingcurrency", "costinusd")
_NEAR = Decimal("0.001")


def _charges(fields: Fields) -> Sequence[RawCharge]:
    column = next(name for name in _AMOUNTS if name in fields)
    _check_rate(fields)
    priced_in_usd = fields.get("pricingcurrency", "").upper() == "USD"
    usd_column = "costinusd" if "costinusd" in fields else "costinpricingcurrency" if priced_in_usd else ""
    return [
        RawCharge(
            column,
            fields[column],
            kind_of(fields.get("chargetype", "usage"), _KINDS, "ChargeType"),
            next((fields[name] for name in _CURRENCIES if name in fields), None),
            ai=_is_ai(fields),
            starts=first(fields, ("date", "usagedatetime", "usagedate")),
            model=_model(fields),
            service=fields.get("metercategory", ""),
            usd_column=usd_column,
            usd=fields.get(usd_column, ""),
        )
    ]


def _is_ai(fields: Fields) -> bool:
    service = fields.get("consumedservice", "").lower()
    return (
        service == "microsoft.cognitiveservices" or fields.get("metercategory", "").lower() in _AI_CATEGORIES
    )


def _model(fields: Fields) -> str:
    """Newer meters say GPT in the subcategory alone: `Azure OpenAI GPT5`, `5.4 mini cd Inp Gl 1M Tokens`."""
    model = model_of(fields.get("metername", ""))
    is_gpt = "gpt" in fields.get("metersubcategory", "").lower() and model[:1].isdigit()
    return f"gpt-{model}" if is_gpt else model


def _check_rate(fields: Fields) -> None:
    """Amounts in several currencies and the rate between them say one thing several times."""
    priced, rate, billed, usd = (_number(fields.get(name, "")) for name in _PRICED)
    if not _agree(priced * rate, billed):
        raise BadLine(
            f"CostInBillingCurrency {billed} is not CostInPricingCurrency {priced} at the rate {rate} of the line"
        )
    if fields.get("pricingcurrency", "").upper() == "USD" and not _agree(priced, usd):
        raise BadLine(f"CostInPricingCurrency {priced} USD and costInUsd {usd} differ")


def _number(text: str) -> Decimal:
    """An amount, however its column is written; not a number where the cell is empty."""
    if not text:
        return Decimal("nan")
    written = Written(text)
    return written.value(written.proves or DecimalSign.POINT)


def _agree(left: Decimal, right: Decimal) -> bool:
    """Whether two amounts are the same but for rounding; one that is not given agrees with any."""
    if not (left.is_finite() and right.is_finite()):
        return True
    return abs(left - right) <= max(abs(right) * _NEAR, Decimal("0.000001"))


FORMAT = Format(
    "Azure cost export",
    tuple(frozenset({"metercategory", name}) for name in _AMOUNTS),
    _charges,
    month_first=True,
)
