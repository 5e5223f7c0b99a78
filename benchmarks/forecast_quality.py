"""How good the forecast is on simulated spend: `python3 benchmarks/forecast_quality.py`.

For 20 seeds each of the base and the seasonal pattern, 63 days long, the daily cost is forecast seven days
ahead from 42, 49 and 56 days of history, and compared with what came. Prints the coverage of the intervals
and the error beside that of repeating the last week, pooled; exits with 1 when a goal is missed.
"""

import sys
from collections.abc import Iterator
from datetime import date

import numpy as np

from methods.forecast import Interval, forecast
from simulator.core import AICallSimulator
from simulator.scenarios.seasonal_pattern import SeasonalPattern

SEEDS = range(20)
DAYS = 63
ORIGINS = (42, 49, 56)
AHEAD = 7
LAST_DAY = date(2026, 6, 21)
DAY_US = 86_400_000_000


def daily_cost(simulator: AICallSimulator) -> np.ndarray:
    """Dollars by day."""
    spent = np.zeros(DAYS)
    for batch in simulator.batches():
        days = (batch.time_us - simulator.calendar.start_us) // DAY_US
        spent += np.bincount(days, weights=batch.cost_nano_usd, minlength=DAYS) / 1e9
    return spent


def held_out(pattern: type[AICallSimulator]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of a history and the seven days after it."""
    for seed in SEEDS:
        spent = daily_cost(pattern(num_days=DAYS, seed=seed, end_date=LAST_DAY))
        yield from ((spent[:origin], spent[origin : origin + AHEAD]) for origin in ORIGINS)


def within(interval: Interval | None, value: float) -> bool:
    """Whether an interval was given and holds the value."""
    return interval is not None and interval.low <= value <= interval.high


def measure(pattern: type[AICallSimulator]) -> dict[str, float]:
    """Counts and absolute errors over all held-out days of a pattern."""
    sums = dict.fromkeys(("days", "in_80", "in_95", "total", "missed", "naive_missed"), 0.0)
    for history, came in held_out(pattern):
        found = forecast(history, AHEAD)
        sums["days"] += AHEAD
        sums["in_80"] += sum(
            within(day.interval_80, value) for day, value in zip(found.days, came, strict=True)
        )
        sums["in_95"] += sum(
            within(day.interval_95, value) for day, value in zip(found.days, came, strict=True)
        )
        sums["total"] += came.sum()
        sums["missed"] += np.abs(came - [day.amount for day in found.days]).sum()
        sums["naive_missed"] += np.abs(came - history[-AHEAD:]).sum()
    return sums


def describe(name: str, sums: dict[str, float]) -> str:
    """One line of the result."""
    return (
        f"{name:10} {sums['days']:5.0f} days  80 % interval holds {sums['in_80'] / sums['days']:6.1%}  "
        f"95 % {sums['in_95'] / sums['days']:6.1%}  WAPE {sums['missed'] / sums['total']:6.2%}  "
        f"seasonal-naive {sums['naive_missed'] / sums['total']:6.2%}  "
        f"ratio {sums['missed'] / sums['naive_missed']:.3f}"
    )


def main() -> int:
    """Measures, prints, judges."""
    parts = {"base": measure(AICallSimulator), "seasonal": measure(SeasonalPattern)}
    pooled = {key: sum(part[key] for part in parts.values()) for key in parts["base"]}
    for name, sums in {**parts, "pooled": pooled}.items():
        print(describe(name, sums))
    good = (
        0.70 <= pooled["in_80"] / pooled["days"] <= 0.90 and pooled["missed"] <= 1.05 * pooled["naive_missed"]
    )
    print("goals: 80 % interval holds 70 to 90 %, ratio at most 1.05:", "met" if good else "MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
