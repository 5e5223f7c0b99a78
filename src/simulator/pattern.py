"""What the command line needs of a traffic pattern, so that it need not know which patterns there are."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from settings.pricing import Pricing
from simulator.knobs import Knob
from simulator.tally import Tally


class Simulator(Protocol):
    """A pattern with all its numbers settled."""

    @property
    def title(self) -> str:
        """The pattern's name for people."""

    @property
    def num_customers(self) -> int:
        """How many customers there are."""

    @property
    def num_days(self) -> int:
        """How many whole days."""

    @property
    def total_calls(self) -> int:
        """How many calls `write` writes."""

    def findings(self) -> Mapping[str, str]:
        """What a reader should know of the pattern's own events, as label and value."""

    def write(
        self, path: Path, *, append: bool = False, advance: Callable[[int], None] | None = None
    ) -> Tally:
        """Writes the calls to a CSV file; tells `advance` how many were just written."""


class Pattern(Protocol):
    """A class of simulators."""

    @property
    def customers(self) -> int:
        """How many customers there are by default."""

    @property
    def days(self) -> int:
        """How many whole days by default."""

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The pattern's own numbers."""

    def __call__(
        self,
        num_customers: int | None,
        num_days: int | None,
        seed: int,
        *,
        end_date: date | None,
        tier_prices: Mapping[str, Decimal] | None,
        pricing: Pricing | None,
        **knobs: float,
    ) -> Simulator:
        """A simulator; numbers not given are the pattern's own."""
