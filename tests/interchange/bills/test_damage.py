"""A bill with one damaged cell of amount, currency or kind of charge is never said to agree with the calls.

Where it agrees, the AI usage and all amounts are those of the whole bill: the damage was none (a blank, a zero
after the decimals), or it made a credit a tax, of which calls and the sum of the invoice say nothing.
"""

import csv
import io
import json
import os
import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from calls.engine import open_calls
from foundation.outcome import UserError
from interchange.bills.charges import BillLine
from interchange.bills.lines import How
from interchange.bills.reading import read_bill
from interchange.reconciliation.reconcile import reconcile
from interchange.reconciliation.result import Reconciliation, Verdict
from settings.currency_rates import Rates, read_rates
from tests.interchange.bills.billing import calls_file, day

DAMAGES = int(os.environ.get("BILL_DAMAGES", "120"))
"""In each kind of bill, each with the seed of its number; `BILL_DAMAGES=1000` tries more."""

PLAIN = """date,model,cost_usd
2026-11-01,gpt-4o,800.00
2026-11-02,gpt-4o,"1,200.00"
2026-11-03,gpt-4o,1500.00
Total,,"3,500.00"
"""
KINDS = """date;model;amount;currency;kind
01.11.2026;gpt-4o;640,00;EUR;usage
02.11.2026;gpt-4o;960,00;EUR;usage
03.11.2026;gpt-4o;1.200,00;EUR;usage
03.11.2026;;-50,00;EUR;credit
03.11.2026;;19,10;EUR;tax
"""
FOCUS = """BilledCost,BillingCurrency,ChargeCategory,ChargeClass,ChargePeriodStart,ChargePeriodEnd,ServiceCategory,x_Model
800.00,USD,Usage,,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,AI and Machine Learning,gpt-4o
1200,USD,Usage,,2026-11-02T00:00:00Z,2026-11-03T00:00:00Z,AI and Machine Learning,gpt-4o
1500.5,USD,Usage,,2026-11-03T00:00:00Z,2026-11-04T00:00:00Z,AI and Machine Learning,gpt-4o
-0.5,USD,Usage,Correction,2026-11-03T00:00:00Z,2026-11-04T00:00:00Z,AI and Machine Learning,gpt-4o
-25,USD,Credit,,2026-11-03T00:00:00Z,2026-11-04T00:00:00Z,AI and Machine Learning,
12.25,USD,Tax,,2026-11-01T00:00:00Z,2026-12-01T00:00:00Z,Other,
77.7,USD,Usage,,2026-11-03T00:00:00Z,2026-11-04T00:00:00Z,Compute,
"""
CUR = """lineItem/LineItemType,lineItem/UsageStartDate,lineItem/ProductCode,lineItem/UsageType,lineItem/CurrencyCode,lineItem/UnblendedCost
Usage,2026-11-01T10:00:00Z,AmazonBedrock,USE1-Nova2.0Lite-input-tokens,USD,800.0000000000
Usage,2026-11-02T10:00:00Z,AmazonBedrock,USE1-Nova2.0Lite-input-tokens,USD,1200.0000000000
Usage,2026-11-03T10:00:00Z,AmazonBedrock,USE1-Nova2.0Lite-input-tokens,USD,1500.0000000000
EdpDiscount,2026-11-03T10:00:00Z,AmazonBedrock,USE1-Nova2.0Lite-input-tokens,USD,-35.0
Credit,2026-11-01T00:00:00Z,AmazonBedrock,,USD,-3.36
Tax,2026-11-01T00:00:00Z,AmazonBedrock,,USD,0.1
Usage,2026-11-03T10:00:00Z,AmazonEC2,BoxUsage:t3.large,USD,0.08
"""
AZURE = """Date,MeterCategory,MeterName,CostInBillingCurrency,BillingCurrency,CostInPricingCurrency,PricingCurrency,ExchangeRatePricingToBilling,costInUsd,ChargeType,ConsumedService
11/01/2026,Cognitive Services,gpt-4o Inp glbl Tokens,736,EUR,800,USD,0.92,800,Usage,Microsoft.CognitiveServices
11/02/2026,Cognitive Services,gpt-4o Inp glbl Tokens,1104,EUR,1200,USD,0.92,1200,Usage,Microsoft.CognitiveServices
11/03/2026,Cognitive Services,gpt-4o Inp glbl Tokens,1380,EUR,1500,USD,0.92,1500,Usage,Microsoft.CognitiveServices
11/03/2026,Cognitive Services,gpt-4o Inp glbl Tokens,-23,EUR,-25,USD,0.92,-25,Refund,Microsoft.CognitiveServices
11/03/2026,Storage,Hot LRS Write,0.046,EUR,0.05,USD,0.92,0.05,Usage,Microsoft.Storage
"""
OPENAI = """start_time_iso,amount_value,amount_currency,line_item
2026-11-01T00:00:00Z,800.0,usd,"gpt-4o, input"
2026-11-02T00:00:00Z,1200.0,usd,"gpt-4o, output"
2026-11-03T00:00:00Z,1500.0,usd,"gpt-4o, output"
2026-11-03T00:00:00Z,-3.25,usd,Promotional credit
"""
BILLS = {
    "plain": (PLAIN, ("cost_usd",), ()),
    "kinds": (KINDS, ("amount", "currency", "kind"), ("usage", "credit", "tax")),
    "focus": (
        FOCUS,
        ("BilledCost", "BillingCurrency", "ChargeCategory", "ChargeClass"),
        ("Usage", "Credit", "Tax", "Purchase"),
    ),
    "cur": (
        CUR,
        ("lineItem/UnblendedCost", "lineItem/CurrencyCode", "lineItem/LineItemType"),
        ("Usage", "Tax", "Fee"),
    ),
    "azure": (
        AZURE,
        ("CostInBillingCurrency", "BillingCurrency", "costInUsd", "ChargeType"),
        ("Usage", "Refund", "Purchase"),
    ),
    "openai": (OPENAI, ("amount_value", "amount_currency"), ()),
}
SIGNS = "0123456789.,-()$€+ xOeE'%"


def rates(folder) -> Rates:
    text = "date,currency,usd\n2026-11-01,EUR,1.25\n2026-11-01,CHF,1.05\n2026-11-01,GBP,1.3\n"
    (folder / "rates.csv").write_text(text)
    return read_rates(str(folder / "rates.csv"))


def cell_damaged(chance: random.Random, text: str, others: tuple[str, ...]) -> str:
    """Another text in place of a cell: emptied, signs lost, added, changed or swapped, another word or sign."""
    at = chance.randrange(len(text)) if text else 0
    ways: list[Callable[[], str]] = [
        lambda: "",
        lambda: text[:at] + text[at + 1 :],
        lambda: text[:at] + chance.choice(SIGNS) + text[at:],
        lambda: text[:at] + chance.choice(SIGNS) + text[at + 1 :],
        lambda: text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
        lambda: text.translate(str.maketrans(".,", ",.")),
        lambda: "-" + text,
        lambda: chance.choice(["EUR", "USD", "GBP", "CHF", "n/a", "null", "#REF!", "Total"]),
    ]
    ways += [lambda: chance.choice(others)] * bool(others)
    return chance.choice(ways)()


def damaged(chance: random.Random, text: str, columns: tuple[str, ...], kinds: tuple[str, ...]) -> str:
    """A bill with one cell damaged."""
    delimiter = ";" if ";" in text else ","
    rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
    row, column = chance.choice(rows), chance.choice(columns)
    others = tuple(kind for kind in kinds if kind != row[column]) if row[column] in kinds else ()
    row[column] = cell_damaged(chance, row[column], others)
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0], delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


class Bench:
    """One bill, its calls, and the reconciliation of any text with them."""

    def __init__(self, folder, name: str) -> None:
        self.path = folder / "bill.csv"
        self.how = How(rates=rates(folder))
        calls = calls_file(folder / "calls.csv", day(1, "800"), day(2, "1200"), day(3, "1500"))
        if name == "focus":
            calls = calls_file(folder / "calls.csv", day(1, "800"), day(2, "1200"), day(3, "1500.5"))
        self.calls = open_calls(calls)
        text = BILLS[name][0]
        self.path.write_text(text)
        self.whole = read_bill(str(self.path), self.how)
        self.invoice_usd = sum((line.usd for line in self.whole.lines), Decimal(0))

    def outcome(self, text: str) -> tuple[Reconciliation, tuple[BillLine, ...]] | None:
        """What is said of a bill, and its lines; None where it is refused."""
        self.path.write_text(text)
        try:
            bill = read_bill(str(self.path), self.how)
        except UserError:
            return None
        return reconcile(self.calls, [bill], invoice_usd=self.invoice_usd), bill.lines


def compared(lines: tuple[BillLine, ...]) -> tuple[list[BillLine], list[tuple[Decimal, Decimal, str]]]:
    """What calls are compared with, and every amount with its currency."""
    return [line for line in lines if line.is_ai_usage], [
        (line.usd, line.amount, line.currency) for line in lines
    ]


@pytest.mark.parametrize("name", BILLS)
def test_a_damaged_bill_never_agrees(tmp_path, name: str):
    bench = Bench(tmp_path, name)
    text, columns, kinds = BILLS[name]
    right = bench.outcome(text)
    assert right is not None
    assert right[0].verdict is Verdict.AGREES
    refused = 0
    for seed in range(DAMAGES):
        hurt = damaged(random.Random(seed), text, columns, kinds)
        outcome = bench.outcome(hurt)
        refused += outcome is None or outcome[0].verdict is not Verdict.AGREES
        if outcome is not None and outcome[0].verdict is Verdict.AGREES:
            assert compared(outcome[1]) == compared(right[1]), f"seed {seed}: {hurt}"
    assert refused > DAMAGES / 2


def test_google_cloud_amounts_are_checked_too(tmp_path):
    line = {
        "service": {"description": "Vertex AI"}, "sku": {"description": "Gemini 2.5 Flash Text Input"},
        "usage_start_time": "2026-11-01 10:00:00 UTC", "cost": 920, "currency": "EUR", "currency_conversion_rate": 0.92,
        "credits": [{"amount": -92, "type": "PROMOTION"}], "cost_type": "regular",
    }  # fmt: skip
    calls = open_calls(calls_file(tmp_path / "calls.csv", day(1, "2000")))

    def verdict(**changed: object) -> Verdict | None:
        path = tmp_path / "bill.jsonl"
        path.write_text(f"{json.dumps(line)}\n{json.dumps(line | changed)}\n")
        try:
            return reconcile(calls, [read_bill(str(path))], invoice_usd=Decimal(1800)).verdict
        except UserError:
            return None

    assert verdict() is Verdict.AGREES
    for changed in (
        {"cost": 9200}, {"cost": None}, {"cost": "92O"}, {"cost": -920}, {"currency": "EU"}, {"currency": ""},
        {"currency": "CHF"}, {"currency": "USD"}, {"cost_type": "regula"}, {"cost_type": "tax"}, {"cost_type": ""},
        {"credits": "[{"}, {"credits": [{"amount": "-9x", "type": "PROMOTION"}]}, {"credits": []},
        {"credits": [{"amount": -92, "type": "GIFT"}]}, {"currency_conversion_rate": 0},
    ):  # fmt: skip
        assert verdict(**changed) is not Verdict.AGREES, changed
