"""What the command line needs of a traffic pattern, so that it need not know which patterns there are."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Protocol, Self

from settings.pricing import Pricing
from simulator.call_totals import CallTotals
from simulator.knobs import Knob


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
    def seed(self) -> int:
        """What decides every draw."""

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The pattern's own numbers."""

    @property
    def settings(self) -> Mapping[str, float]:
        """What each knob is set to."""

    @property
    def findings_first(self) -> bool:
        """Whether findings are told before the calls are, and not after."""

    @property
    def total_calls(self) -> int:
        """How many calls `write` writes."""

    def varied(
        self,
        num_customers: int | None = None,
        num_days: int | None = None,
        seed: int | None = None,
        *,
        end_date: date | None = None,
        tier_prices: Mapping[str, Decimal] | None = None,
        pricing: Pricing | None = None,
        **knobs: float,
    ) -> Self:
        """The same simulator with other numbers; what is not given stays."""

    def findings(self) -> Mapping[str, str]:
        """What a reader should know of the pattern's own events, as label and value."""

    def write(
        self, path: Path, *, append: bool = False, advance: Callable[[int], None] | None = None
    ) -> CallTotals:
        """Writes the calls to a CSV file; tells `advance` how many were just written."""
