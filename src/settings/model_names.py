"""One model has many names: these are the spellings under which its price is looked for.

Tools add routing prefixes (`openai/gpt-4o`), paths (`projects/x/publishers/google/models/gemini-2.5-flash`),
regions (`us.anthropic...`), dates (`-20250929`, `-2024-08-06`), versions (`-v1:0`) and variants (`:free`).
"""

import re
from collections.abc import Iterator

_REGION = re.compile(r"^(us|eu|apac|jp|au|ca|sa|me|af|us-gov|global|regional)\.(?=[a-z0-9]+\.)")
_SOLD_BY_REGION = re.compile(r"^[a-z0-9]+\.[a-z]")
_SUFFIXES = (
    re.compile(r":(free|nitro|floor|beta|extended|online|thinking|batch|latest)$"),
    re.compile(r"\[\d+[mk]\]$"),
    re.compile(r"-v\d+:\d+(:\d+k?)?$|-v\d+$|:\d+$"),
    re.compile(
        r"[-@](20\d{2}-\d{2}-\d{2}|20\d{6}|latest|default|preview-\d{2}-\d{2}|preview-\d{2}-20\d{2})$"
    ),
    re.compile(r"-(\d{4}|00\d)$"),
)


def without_route(model: str) -> str:
    """The model as its provider names it: no routing prefix, no path, letter case as given."""
    return model.strip().rstrip("/").rpartition("/")[2]


def spellings(model: str) -> Iterator[str]:
    """Names of a model from the most to the least exact, in lower case, each once."""
    seen: set[str] = set()
    name = model.strip().lower()
    for base in (name, without_route(name)):
        for regional in _regional(base):
            for spelling in _shortened(regional):
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
