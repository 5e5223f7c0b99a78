"""The table of meters: which counts of a call have a rate of their own, and what each is a part of.

Everything that prices follows from it. A token is billed once, at the rate of the narrowest meter that holds it: the
tokens of a meter alone are its count less those of the meters within it (inclusion and exclusion), so that uncached
input is input - cached - written - audio + cached audio, and so on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property


@dataclass(frozen=True)
class Meter:
    """A count of tokens with a rate.

    `within` are the meters that its tokens are counted in too. Where a price names no rate for it, its tokens cost
    what those of `otherwise` do; where there is no such meter, they have no rate. `only_without` names a meter: where
    the price names a rate for that one, `otherwise` does not hold.
    """

    name: str
    column: str
    within: tuple[str, ...] = ()
    otherwise: str = ""
    only_without: str = ""

    @cached_property
    def rate(self) -> str:
        """The key of its rate in a price."""
        return f"{self.name}_usd_per_mtok"


METERS: tuple[Meter, ...] = (
    Meter("input", "input_tokens"),
    Meter("output", "output_tokens"),
    Meter("cached_input", "cached_input_tokens", ("input",), "input"),
    Meter("cache_write", "cache_write_tokens", ("input",), "input"),
    # A vendor that charges for writes charges by their lifetime, too.
    Meter("cache_write_1h", "cache_write_1h_tokens", ("cache_write",), "cache_write", "cache_write"),
    Meter("cache_write_12h", "cache_write_12h_tokens", ("cache_write",), "cache_write", "cache_write"),
    Meter("input_audio", "input_audio_tokens", ("input",)),
    Meter("input_image", "input_image_tokens", ("input",), "input"),
    Meter("input_video", "input_video_tokens", ("input",), "input"),
    Meter("cached_input_audio", "cached_input_audio_tokens", ("cached_input", "input_audio")),
    Meter(
        "cached_input_image",
        "cached_input_image_tokens",
        ("cached_input", "input_image"),
        "cached_input",
        "input_image",
    ),
    Meter("output_audio", "output_audio_tokens", ("output",)),
    Meter("output_image", "output_image_tokens", ("output",)),
    Meter("output_video", "output_video_tokens", ("output",)),
)
BY_NAME: Mapping[str, Meter] = {meter.name: meter for meter in METERS}
RATE_KEYS: tuple[str, ...] = tuple(meter.rate for meter in METERS)


def above(name: str) -> frozenset[str]:
    """All meters that a meter's tokens are counted in too."""
    direct = BY_NAME[name].within
    return frozenset(direct).union(*(above(outer) for outer in direct))


@cache
def signs(name: str) -> Mapping[str, int]:
    """The tokens of a meter alone as a sum: how often the count of which column is added (1) or taken off (-1).

    These are the values of the Moebius function of the order "is within".
    """
    found = {name: 1}
    inner = [meter.name for meter in METERS if name in above(meter.name)]
    for other in sorted(inner, key=lambda each: len(above(each))):
        found[other] = -sum(sign for outer, sign in found.items() if outer in above(other))
    return {BY_NAME[other].column: sign for other, sign in found.items() if sign}
