"""One model has many names: the spellings under which its price is looked for, and those that have none.

Tools add routing prefixes (`openai/gpt-4o`), paths (`projects/x/publishers/google/models/gemini-2.5-flash`),
regions (`us.anthropic...`), dates (`-20250929`, `-2024-08-06`), versions (`-v1:0`) and variants (`:batch`), which are
terms of the price rather than a part of the name.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_REGION = re.compile(r"^(us|eu|apac|jp|au|ca|sa|me|af|in|global|regional)\.(?=[a-z0-9]+\.)")
"""GovCloud (`us-gov.`) is left out: it has prices of its own."""
_SOLD_BY_REGION = re.compile(r"^[a-z0-9]+\.[a-z]")
# What is not taken off is another product until a price says otherwise: `-latest` moves, and a preview or an old
# snapshot (`-0613`) may cost something else than what came after it.
_SUFFIXES = (
    re.compile(r":(beta|thinking)$"),
    re.compile(r"\[\d+[mk]\]$"),
    re.compile(r"-v\d+:\d+(:\d+k?)?$|-v\d+$|:\d+$"),
    re.compile(r"[-@](20\d{2}-\d{2}-\d{2}|20\d{6}|default)$"),
    re.compile(r"-00\d$"),
)
_VARIANT = re.compile(r"(?P<base>.+):(?P<variant>free|batch|nitro|floor|exacto|online|extended)$")
_AT_SPEED = re.compile(r"(?P<base>.+)-(?P<speed>fast)$")
_ZONE = re.compile(r"^azure(_ai)?/(?P<place>eu|us|global)/", re.IGNORECASE)
_TUNED = re.compile(r"^(ft:[^:]+):")


class Variant(NamedTuple):
    """What a name says beside the model: `base` is the name without it.

    `unreported_tier` is one that a route may choose, so that it holds where nobody says which tier served.
    `free` and `other` are products with prices of their own, and `meter` is billed beside the tokens.
    """

    base: str
    service_tier: str = ""
    unreported_tier: str = ""
    speed: str = ""
    free: bool = False
    other: bool = False
    meter: str = ""


def variant_of(model: str) -> Variant | None:
    """The variant of a model that its name says, in the words of OpenRouter and others; None where it says none."""
    name = model.strip().lower()
    if found := _VARIANT.match(name):
        base, variant = found["base"], found["variant"]
        return {
            "free": Variant(base, free=True),
            "batch": Variant(base, service_tier="batch"),
            "online": Variant(base, meter="web_search"),
            "extended": Variant(base, other=True),
        }.get(variant, Variant(base, unreported_tier=variant))
    found = _AT_SPEED.match(name)
    return Variant(found["base"], speed=found["speed"]) if found else None


def place_of(model: str) -> str:
    """The place that a route names, such as eu in azure/eu/gpt-4o; empty where it names none."""
    found = _ZONE.match(model.strip())
    return found["place"].lower() if found else ""


def without_route(model: str) -> str:
    """The model as its provider names it: no routing prefix, no path, letter case as given."""
    return model.strip().rstrip("/").rpartition("/")[2]


def spellings(model: str) -> Iterator[str]:
    """Names of a model from the most to the least exact, in lower case, each once."""
    seen: set[str] = set()
    name = model.strip().lower()
    for base in (name, without_route(name)):
        for regional in _regional(base):
            tuned = _TUNED.match(regional)
            for spelling in _shortened(tuned[1] if tuned else regional):
                if spelling and spelling not in seen:
                    seen.add(spelling)
                    yield spelling


def without_region(model: str) -> str:
    """The model without the region that serves it: `us.anthropic.x`, `global.anthropic.x` become `anthropic.x`."""
    return _REGION.sub("", model)


def _regional(name: str) -> Iterator[str]:
    """A name without a region is served in one, at its price; `global.` is a price of its own."""
    yield name
    base = without_region(name)
    if _SOLD_BY_REGION.match(base) and not name.startswith("global."):
        yield f"regional.{base}"
    yield base


def _shortened(name: str) -> Iterator[str]:
    yield name
    for suffix in _SUFFIXES:
        name = suffix.sub("", name)
        yield name
    yield re.sub(r"(?<=\d)\.(?=\d)", "-", name)
