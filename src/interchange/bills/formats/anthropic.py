"""Anthropic's costs: the report of its API, in cents, and the CSV of its console, in dollars."""

from collections.abc import Sequence
from decimal import Decimal

from interchange.bills.charges import Charge, Fields, Format, RawCharge, first, kind_of

_KINDS = dict.fromkeys(("tokens", "web_search", "code_execution", "session_usage"), Charge.USAGE)


def _of_report(fields: Fields) -> Sequence[RawCharge]:
    cost_type = fields.get("costtype", "")
    return [
        RawCharge(
            "amount",
            fields.get("amount", ""),
            kind_of(cost_type, _KINDS, "cost_type") if cost_type else None,
            fields.get("currency"),
            starts=fields.get("startingat", ""),
            ends=fields.get("endingat", ""),
            model=fields.get("model", ""),
            service=fields.get("description", ""),
            scale=Decimal("0.01"),
        )
    ]


def _of_console(fields: Fields) -> Sequence[RawCharge]:
    return [
        RawCharge(
            "costusd",
            fields.get("costusd", ""),
            None,
            "USD",
            starts=fields.get("usagedateutc", ""),
            model=first(fields, ("model", "modelversion")),
            service="Anthropic",
        )
    ]


REPORT = Format("Anthropic cost report", (frozenset({"startingat", "amount"}),), _of_report)
CONSOLE = Format("Anthropic console", (frozenset({"usagedateutc", "costusd"}),), _of_console)
