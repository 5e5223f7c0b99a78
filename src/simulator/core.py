"""Simulated AI calls: the base pattern, on which the scenarios build.

`python3 simulator/core.py` writes data/simulated_calls.csv: about 45,000 calls of 100 customers over 30 days.
The same arguments give the same bytes on every run.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
    from foundation import environment

    environment.require()

import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, cached_property, partial
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from foundation.outcome import UsageError
from settings.loader import load_settings, shipped_plans
from settings.pricing import Pricing
from simulator.batch import Batch, Recipe, draw_batch
from simulator.call_totals import CallTotals
from simulator.call_writer import write_calls
from simulator.costs import rate_table
from simulator.knobs import DEFAULT_SEED, Knob, settled
from simulator.models import ROSTER
from simulator.plan_prices import listed_prices, plan_prices
from simulator.population import ARCHETYPES, Population, populate
from simulator.sampling import Floats
from simulator.spelling import Spelling
from simulator.traffic import Activity, Calendar, Slots, Traffic, working_week

CUSTOMERS_MAX = 10_000_000
DAYS_MAX = 3_660
EARLIEST = date(2000, 1, 1)
USUAL_CALLS_A_DAY = 21.6
"""Calls per customer and day at which calls have the sizes of `workload`. Where there are more they are smaller, so
that what customers spend depends on their plan and not on the pattern."""
USUAL_CALL_SIZE = 22_500.0
"""Size of a call, in tokens of a standard model's input, that makes customers spend what is usual. Where the
features and models of a population make calls larger they are cut, within limits, and the other way round."""
SIZE_CORRECTION = (0.55, 2.2)


SHIPPED_PRICES: Mapping[str, Decimal] = listed_prices(shipped_plans())
SUBSCRIPTION_TIERS: dict[str, Decimal | float | str] = {
    **SHIPPED_PRICES,  # what settings/pricing.toml says: its plans with their prices a month in USD
    # A price that is written here goes before it, in every pattern: "pro": 129,
}
"""What each plan costs per month, in USD; `--tier` and the plans of `--pricing` go before it."""


@cache
def _shipped_pricing() -> Pricing:
    return load_settings().pricing


class AICallSimulator:
    """Simulates the calls of one traffic pattern.

    A scenario is a subclass that overrides `hour_weights` or `activity` and names its own volume and knobs.

    Args:
        num_customers: how many customers there are; the pattern's own number by default.
        num_days: how many whole days, the last of them being `end_date`.
        seed: decides every draw; the same seed gives the same calls.
        end_date: the last day, UTC; yesterday by default, and never later.
        tier_prices: monthly prices in USD by plan that differ from `SUBSCRIPTION_TIERS` and the price list.
        pricing: rates and plans; those of settings/pricing.toml by default, with `SUBSCRIPTION_TIERS`.
        knobs: the pattern's own numbers, see `knobs`.

    Raises:
        UsageError: an argument is out of bounds.
    """

    name: ClassVar[str] = "base"
    title: ClassVar[str] = "Base Traffic Pattern"
    customers: ClassVar[int] = 100
    days: ClassVar[int] = 30
    calls_per_day: ClassVar[float] = 45_000 / (100 * 30)
    """Mean calls per customer and day."""
    knobs: ClassVar[tuple[Knob, ...]] = ()
    findings_first: ClassVar[bool] = False
    """Whether findings are told before the calls are, and not after."""

    def __init__(
        self,
        num_customers: int | None = None,
        num_days: int | None = None,
        seed: int = DEFAULT_SEED,
        *,
        end_date: date | None = None,
        tier_prices: Mapping[str, Decimal] | None = None,
        pricing: Pricing | None = None,
        **knobs: float,
    ) -> None:
        self.num_customers = _whole("--customers", num_customers, self.customers, CUSTOMERS_MAX)
        self.num_days = _whole("--days", num_days, self.days, DAYS_MAX)
        self.seed = _whole("--seed", seed, DEFAULT_SEED, 2**63, lowest=0)
        self.calendar = Calendar.ending(_last_day(end_date, self.num_days), self.num_days)
        self.pricing = pricing or _shipped_pricing()
        self.tier_prices = _tier_prices(self.pricing, tier_prices or {})
        self.settings = settled(self.knobs, knobs)
        self._given = end_date, dict(tier_prices or {}), pricing

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
        """The same simulator with other numbers; what is not given stays. Arguments as of the class."""
        day, prices, rates = self._given
        return type(self)(
            self.num_customers if num_customers is None else num_customers,
            self.num_days if num_days is None else num_days,
            self.seed if seed is None else seed,
            end_date=end_date or day,
            tier_prices=prices | dict(tier_prices or {}),
            pricing=pricing or rates,
            **{**self.settings, **knobs},
        )

    def hour_weights(self) -> Floats:
        """Relative number of calls an active customer makes in each hour, shape (days, 24)."""
        return working_week(self.calendar)

    def activity(self) -> Activity:
        """From which to which day each customer is active."""
        return Activity.throughout(self.num_customers, self.num_days)

    def findings(self) -> Mapping[str, str]:
        """What a reader should know of the pattern's own events, as label and value."""
        return {}

    def generator(self, purpose: str, number: int = 0) -> np.random.Generator:
        """The random numbers for one purpose; different purposes and patterns share none."""
        key = (zlib.crc32(self.name.encode()), zlib.crc32(purpose.encode()), number)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key)))

    @cached_property
    def population(self) -> Population:
        """The customers."""
        return populate(self.num_customers, self.generator("population"))

    @cached_property
    def traffic(self) -> Traffic:
        """When the calls happen, and who makes them."""
        return Traffic(
            calendar=self.calendar,
            hour_weights=self.hour_weights(),
            appetite=self.population.appetite,
            activity=self.activity(),
            mean_calls=self.num_customers * self.num_days * self.calls_per_day,
            rng=self.generator("traffic"),
        )

    @property
    def total_calls(self) -> int:
        """How many calls `batches` yields."""
        return self.traffic.total

    def batches(self) -> Iterator[Batch]:
        """The calls in order of time, a few hundred thousand at a time."""
        return (draw() for draw in self._draws())

    def write(
        self, path: Path, *, append: bool = False, advance: Callable[[int], None] | None = None
    ) -> CallTotals:
        """Writes the calls to a CSV file, in place of what is there or after it.

        Args:
            path: the file; its folder is made if need be.
            append: whether to keep what is there.
            advance: told how many calls were just written, batch by batch.

        Returns:
            What was written, counted.
        """
        return write_calls(self._draws(), self.spelling, path, append=append, advance=advance)

    @property
    def spelling(self) -> Spelling:
        """How the codes of this pattern's batches are written out."""
        return Spelling(
            pattern=self.name,
            customers=self.num_customers,
            organizations=self.population.organizations,
            plans=tuple((archetype.plan, self.tier_prices[archetype.plan]) for archetype in ARCHETYPES),
        )

    @cached_property
    def _recipe(self) -> Recipe:
        return Recipe(
            population=self.population,
            rates=rate_table(
                self.pricing, [model.name for model in ROSTER], self.calendar.first, self.num_days
            ),
            call_size=self._call_size(),
            identity=self._identity(),
            slot_us=self.traffic.slot_us,
        )

    def _draws(self) -> Iterator[Callable[[], Batch]]:
        """One draw a batch; each has random numbers of its own, so that their order does not matter."""
        recipe = self._recipe
        for number, slots in enumerate(self.traffic.batches()):
            yield partial(self._batch, recipe, number, slots)

    def _identity(self) -> int:
        """Differs between simulations that differ in anything that their calls depend on."""
        what = f"{self.calendar} {self.num_customers} {sorted(self.settings.items())}"
        return int(self.generator(f"identity of {what}").integers(2**60))

    def _call_size(self) -> float:
        low, high = SIZE_CORRECTION
        correction = min(max(USUAL_CALL_SIZE / self.population.call_size, low), high)
        return correction * USUAL_CALLS_A_DAY / self.calls_per_day

    def _batch(self, recipe: Recipe, number: int, slots: Slots) -> Batch:
        rng = self.generator("batch", number)
        return draw_batch(recipe, slots, self.traffic.customers(slots, rng), rng)


def _whole(flag: str, value: int | None, default: int, highest: int, *, lowest: int = 1) -> int:
    if value is None:
        return default
    if not lowest <= value <= highest:
        raise UsageError(f"{flag} is {value}; it must lie between {lowest} and {highest}.")
    return value


def _last_day(end_date: date | None, days: int) -> date:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    if end_date is None:
        return yesterday
    if end_date > yesterday:
        raise UsageError(
            f"--end-date {end_date} is not over; no call lies in the future. Name {yesterday} or a day before."
        )
    if (end_date - EARLIEST).days < days - 1:
        raise UsageError(f"--end-date {end_date} and {days} days begin before {EARLIEST}; name a later day.")
    return end_date


def _tier_prices(pricing: Pricing, overrides: Mapping[str, Decimal]) -> dict[str, Decimal]:
    prices = plan_prices(pricing, SUBSCRIPTION_TIERS, SHIPPED_PRICES, overrides)
    missing = [archetype.plan for archetype in ARCHETYPES if archetype.plan not in prices]
    if missing:
        raise UsageError(
            f"The price file has no plan {missing[0]!r}, which simulated customers are on; add it."
        )
    return prices


def base_pattern() -> AICallSimulator:
    """The simulator of this script, and the first one of run_all_simulators.py; flags go before its numbers."""
    simulator = AICallSimulator(
        num_customers=100,
        num_days=30,
        seed=42,
    )
    return simulator  # noqa: RET504  a reader edits the line above, which wants a name


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the calls of the base pattern, in place of what is in the file."""
    from simulator import command  # noqa: PLC0415  it knows the console, which who imports a pattern does not need

    return command.main([base_pattern()], argv, description=AICallSimulator.__doc__ or "")


if __name__ == "__main__":
    from foundation.console import run

    raise SystemExit(run(main))
