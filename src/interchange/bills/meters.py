"""Models behind the names of meters: a meter names a model, and then what of it is counted and where.

`USE1-Nova2.0Lite-input-tokens`, `gpt-4o-0806-Inp-glbl Tokens` and `Gemini 2.5 Flash GA Text Input - Predictions` are
models with words added. `likeness` makes names comparable that order their words differently.
"""

import re

_COUNTING = (
    "in inp inpt input out outp outpt output opt token tokens count cache cached cd cchd read rd write wr batch flex "
    "priority pp latency optimized long short longco shortco context cross region global glbl gl dz dzone data zone "
    "rg rgn regnl regional unit units text thinking predictions prediction ga standard std mantle 1m 1k mp caching "
    "storage invokemodelinference usage tokencount million per"
)
_COUNTED = frozenset(_COUNTING.split())
_PLACE = re.compile(r"[a-z]{2,4}[0-9]")
_SELLING = "amazon anthropic meta azure openai google bedrock edition us eu apac global v 0"
_SELLERS = frozenset(_SELLING.split())
_OWN_NAME = re.compile(r"^(.*) \(Amazon Bedrock Edition\)$")


def model_of(meter: str) -> str:
    """The model that a meter counts for; '' where nothing but counting words stand there."""
    if own := _OWN_NAME.match(meter.strip()):
        return own[1].strip()
    words = [word for word in re.split(r"[\s_:,/-]+", meter.strip()) if word]
    kept = [word for word in words if word.lower() not in _COUNTED]
    if kept and kept[0] == kept[0].upper() and _PLACE.fullmatch(kept[0].lower()) and len(words) > 1:
        kept = kept[1:]
    return "-".join(kept)


def likeness(name: str) -> tuple[str, ...]:
    """What two spellings of one model share: its words and numbers in order of the alphabet, without sellers."""
    parts = re.findall(r"[a-z]+|[0-9]+", name.lower())
    return tuple(sorted(part for part in parts if part not in _SELLERS))
