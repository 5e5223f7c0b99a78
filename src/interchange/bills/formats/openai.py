"""OpenAI's costs: the answer of its API, and the CSV of its dashboard."""

from collections.abc import Sequence

from interchange.bills.charges import Charge, Fields, Format, RawCharge, first

_SAYS_SOMETHING = ("amountvalue", "amountcurrency", "lineitem")


def _charges(fields: Fields) -> Sequence[RawCharge]:
    if not any(fields.get(name) for name in _SAYS_SOMETHING):
        return []  # a day without costs is a line without cells
    item = fields.get("lineitem", "")
    return [
        RawCharge(
            "amountvalue",
            fields.get("amountvalue", ""),
            Charge.CREDIT if "credit" in item.lower() else None,
            fields.get("amountcurrency"),
            starts=first(fields, ("starttimeiso", "starttime")),
            ends=first(fields, ("endtimeiso", "endtime")),
            model=_model(item),
            service="OpenAI",
        )
    ]


def _model(item: str) -> str:
    """A line item says `gpt-5-nano, input_tokens`; tools are written `assistants api | file search`."""
    return "" if "|" in item or "credit" in item.lower() else item.partition(",")[0].strip()


FORMAT = Format("OpenAI costs", (frozenset({"amountvalue"}),), _charges)
