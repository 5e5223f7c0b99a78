"""Knobs: the numbers of a pattern that its user may turn, as keyword arguments and as flags."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from foundation.outcome import UsageError

DEFAULT_SEED = 42


@dataclass(frozen=True)
class Knob:
    """A number with bounds, both allowed; `weekly_swing` is the flag `--weekly-swing`."""

    name: str
    default: float
    low: float
    high: float
    meaning: str

    @property
    def flag(self) -> str:
        """The flag's name."""
        return "--" + self.name.replace("_", "-")


def settled(knobs: Iterable[Knob], turned: Mapping[str, float]) -> dict[str, float]:
    """A value for each knob: the one given, else its default.

    Raises:
        UsageError: a value is out of bounds, or there is no such knob.
    """
    by_name = {knob.name: knob for knob in knobs}
    for name, value in turned.items():
        if name not in by_name:
            raise UsageError(f"There is no {name} to set here; there is: {', '.join(by_name) or 'nothing'}.")
        knob = by_name[name]
        if not knob.low <= value <= knob.high:
            raise UsageError(f"{knob.flag} is {value:g}; it must lie between {knob.low:g} and {knob.high:g}.")
    return {name: turned.get(name, knob.default) for name, knob in by_name.items()}
