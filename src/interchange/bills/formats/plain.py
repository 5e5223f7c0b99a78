"""Any table with a column of amounts: a spreadsheet, or the answer of one's own query."""

import re
from collections.abc import Sequence

from interchange.bills.charges import Charge, Fields, Format, RawCharge, first, kind_of

AMOUNTS = (
    "costusd",
    "amountusd",
    "cost",
    "totalcost",
    "amount",
    "usage",
    "betrag",
    "kosten",
    "montant",
    "importe",
)
_DAYS = ("date", "day", "timestamp", "starttimeiso", "starttime", "datum", "tag", "fecha")
_ENDS = ("endtimeiso", "endtime", "enddate")
_MODELS = ("model", "modelversion", "modell", "modele", "modelo", "lineitem", "slug", "description")
CURRENCIES = ("currency", "billingcurrency", "amountcurrency", "währung", "waehrung", "devise", "moneda")
KIND_COLUMNS = ("chargecategory", "chargetype", "kind", "costtype")
_TAX = re.compile(
    r"\b(vat|(sales |service )?tax(es)?|gst|mwst\.?|ust\.?|umsatzsteuer|tva|iva)\b", re.IGNORECASE
)
"""What a line calls itself that is a tax, where no column says what kind of charge it is."""
_KINDS = {
    "usage": Charge.USAGE,
    "tokens": Charge.USAGE,
    "discount": Charge.DISCOUNT,
    "credit": Charge.CREDIT,
    "refund": Charge.REFUND,
    "adjustment": Charge.ADJUSTMENT,
    "correction": Charge.ADJUSTMENT,
    "tax": Charge.TAX,
    "vat": Charge.TAX,
    "purchase": Charge.COMMITMENT,
    "fee": Charge.COMMITMENT,
    "commitment": Charge.COMMITMENT,
}


def _charges(fields: Fields) -> Sequence[RawCharge]:
    column = next(name for name in AMOUNTS if name in fields)
    kinds = next((name for name in KIND_COLUMNS if name in fields), "")
    named = next((fields[name] for name in CURRENCIES if name in fields), None)
    model = first(fields, _MODELS).partition(",")[0].strip()
    tax = Charge.TAX if _TAX.search(model) else None
    return [
        RawCharge(
            column,
            fields[column],
            kind_of(fields[kinds], _KINDS, kinds) if kinds else tax,
            "USD" if named is None and column.endswith("usd") else named,
            starts=first(fields, _DAYS),
            ends=first(fields, _ENDS),
            model="" if tax else model,
        )
    ]


FORMAT = Format("table", tuple(frozenset({name}) for name in AMOUNTS), _charges, plain=True)
