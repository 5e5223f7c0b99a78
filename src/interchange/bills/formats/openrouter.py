"""OpenRouter's activity by day: its own charge, and that of the provider where the user's own key was used."""

from collections.abc import Sequence
from dataclasses import replace

from interchange.bills.charges import Fields, Format, RawCharge, first

_OWN_KEY = ("byokusage", "byokusageinference")


def _charges(fields: Fields) -> Sequence[RawCharge]:
    own = RawCharge(
        "usage",
        fields.get("usage", ""),
        None,
        starts=fields.get("date", ""),
        model=first(fields, ("modelpermaslug", "slug", "model")),
        service="OpenRouter",
    )
    column = next((name for name in _OWN_KEY if fields.get(name)), "")
    if not column:
        return [own]
    return [
        own,
        replace(own, column=column, amount=fields[column], service="the provider, by the user's own key"),
    ]


FORMAT = Format("OpenRouter activity", (frozenset({"date", "usage", "requests"}),), _charges)
