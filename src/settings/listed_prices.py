"""Entries of a user that add prices to a model of the lists, instead of standing in its place."""

from collections.abc import Iterable, Mapping
from typing import Any

from settings.toml_binding import Place

KEEP = "keep_listed_prices"
"""The key of an entry by which the prices of the lists stay beside its own."""
_TERMS = {
    "from": "", "from_time": "00:00", "service_tier": "", "speed": "", "hours": "", "above_input_tokens": -1,
}  # fmt: skip
"""What tells prices of one model apart, and what is meant where they do not say it."""


def with_listed_prices(layers: Iterable[list[Any]], place: Place) -> list[list[Any]]:
    """The layers of entries, in which those that keep listed prices have them, too.

    Raises:
        UsageError: an entry keeps the prices of a model that no list has.
    """
    found: list[list[Any]] = []
    for layer in reversed(list(layers)):
        found.insert(0, [_added(entry, found, place) for entry in layer])
    return found


def names_of(entry: Any) -> list[tuple[str, str]]:
    """(provider, name) of an entry, its own name first; what is no model has odd names and is refused later."""
    if not isinstance(entry, Mapping):
        return [("", "")]
    aliases = entry.get("aliases", [])
    names = [entry.get("model"), *(aliases if isinstance(aliases, list) else [])]
    return [(str(entry.get("provider")), str(name).lower()) for name in names]


def _added(entry: Any, lists: Iterable[list[Any]], place: Place) -> Any:
    if not isinstance(entry, Mapping) or entry.get(KEEP) not in (True, False):
        return entry
    if not entry[KEEP]:
        return entry
    name = names_of(entry)[0]
    listed = next((each for layer in lists for each in layer if name in names_of(each)), None)
    if listed is None:
        raise place.refuse(
            f"has {KEEP} for {'/'.join(name)}, which no list has; leave it out and give all prices"
        )
    prices = entry.get("price", [])
    if not isinstance(prices, list):
        return entry
    taken = {_terms(price) for price in prices}
    kept = [price for price in listed["price"] if _terms(price) not in taken]
    return {**listed, **entry, "model": listed["model"], "price": [*prices, *kept]}


def _terms(price: Any) -> tuple[str, ...]:
    if not isinstance(price, Mapping):
        return ()
    return tuple(str(price.get(name, default)) for name, default in _TERMS.items())
