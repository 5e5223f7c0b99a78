"""Next month's margin: how often its interval holds and how often a loss comes true, by the chance that was said.

Simulated customers of every pattern are judged on days 31 to 60 after 30 days of history, at the price of their plan:
each pattern as a file of its own, and the four of the quick start as one file. Each real daily series is the cost of
one customer, at prices on the quantiles of its 30-day costs, from many days.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from real_files import Daily, Numbers, groups, with_interval

from methods.loss_risk import loss_risks
from simulator.core import AICallSimulator
from simulator.population import ARCHETYPES
from simulator.scenarios.burst_traffic import BurstTraffic
from simulator.scenarios.gradual_decline import GradualDecline
from simulator.scenarios.seasonal_pattern import SeasonalPattern
from simulator.scenarios.steady_growth import SteadyGrowth
from simulator.scenarios.viral_spike import ViralSpike

TOGETHER = (AICallSimulator, SeasonalPattern, BurstTraffic, GradualDecline)
PATTERNS = (*TOGETHER, SteadyGrowth, ViralSpike)
SEEDS = 12
MONTH = 30
LEAST_HISTORY = 14
MOST_ORIGINS = 20
QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
LAST_DAY = date(2026, 8, 31)
DAY_US = 86_400_000_000
BINS = 10
RARE = 0.01

Panel = tuple[Numbers, Numbers]
"""Daily cost of sixty days, one row a customer, and the price of each."""


def judged(daily: Numbers, came: Numbers, prices: Numbers, first_days: Numbers) -> Iterator[Numbers]:
    """Of each customer whether the interval holds, the chance of a loss that is said, and whether it came."""
    risks = loss_risks(daily, prices, first_days)
    for risk, cost, price in zip(risks, came.sum(axis=1), prices, strict=True):
        holds = risk.margin.low <= price - cost <= risk.margin.high
        yield np.array([holds, risk.probability_of_loss, cost > price], dtype=float)


def tally(cases: Iterator[Numbers]) -> Numbers:
    """Cases, held; of each tenth of the chance cases, sum of the chances, and losses; the same of at most 1 %."""
    sums = np.zeros(2 + 3 * (BINS + 1))
    for holds, chance, lost in cases:
        sums[:2] += (1, holds)
        places = [min(int(chance * BINS), BINS - 1), *([BINS] if chance <= RARE else [])]
        for place in places:
            sums[2 + 3 * place : 5 + 3 * place] += (1, chance, lost)
    return sums


def real_cases(series: Daily) -> Iterator[Numbers]:
    """One customer whose cost is the series, at five prices, from up to `MOST_ORIGINS` days."""
    amounts = series.amounts
    history = min(MONTH, amounts.size - MONTH)
    if history < LEAST_HISTORY:
        return
    prices = np.quantile(np.convolve(amounts, np.ones(MONTH), "valid"), QUANTILES)
    for origin in np.unique(
        np.linspace(history, amounts.size - MONTH, MOST_ORIGINS).round().astype(int)
    ).tolist():
        past, came = amounts[None, origin - history : origin], amounts[None, origin : origin + MONTH]
        for price in prices:
            yield from judged(past, came, np.array([price]), np.array([0]))


def panel(pattern: type[AICallSimulator], seed: int) -> Panel:
    """Sixty days of a pattern."""
    simulator = pattern(seed=seed, num_days=2 * MONTH, end_date=LAST_DAY)
    cost = np.zeros((simulator.num_customers, 2 * MONTH))
    for batch in simulator.batches():
        days = (batch.time_us - simulator.calendar.start_us) // DAY_US
        np.add.at(cost, (batch.customer, days), batch.cost_nano_usd / 1e9)
    prices = np.array([float(simulator.tier_prices[archetype.plan]) for archetype in ARCHETYPES])
    return cost, prices[simulator.population.archetype]


def panel_cases(*panels: Panel) -> Iterator[Numbers]:
    """Customers of one file that have two weeks of history."""
    cost, prices = (np.concatenate(parts) for parts in zip(*panels, strict=True))
    past, came = cost[:, :MONTH], cost[:, MONTH:]
    first = np.where(past.any(axis=1), (past > 0).argmax(axis=1), MONTH)
    old = first <= MONTH - LEAST_HISTORY
    return judged(past[old], came[old], prices[old], first[old])


def words(sums: dict[str, Numbers], members: Sequence[str]) -> str:
    """How often the interval holds, and what came of each chance."""
    value, low, high = with_interval(sums, members, lambda row: float(row[1] / row[0]))
    total = sum(sums[name] for name in members)
    cells = total[2:].reshape(BINS + 1, 3)
    said = [
        f"{chances / cases:.0%} said {losses / cases:.0%} came ({cases:.0f})" if cases else "-"
        for cases, chances, losses in cells
    ]
    return (
        f"80 % interval holds {value:.1%} ({low:.0%} to {high:.0%}) of {total[0]:.0f}\n      "
        + "; ".join(said[:BINS])
        + f"\n      at most 1 %: {said[BINS]}"
    )


def print_margins(series: Sequence[Daily]) -> None:
    """Real series, then simulated files, each seed being a file."""
    print("\nmargin of the next month and its chance of a loss")
    rows = {each.name: tally(real_cases(each)) for each in series}
    rows = {name: row for name, row in rows.items() if row[0]}
    for group, members in groups(sorted(rows)).items():
        print(f"  real, {group:<7}{words(rows, members)}  [{len(members)} series]")
    print_simulated(SEEDS)


def print_simulated(seeds: int) -> None:
    """Each pattern alone, all of them, and the four of the quick start in one file."""
    panels = {(pattern, seed): panel(pattern, seed) for pattern in PATTERNS for seed in range(seeds)}
    alone = {f"{pattern.name} {seed}": tally(panel_cases(each)) for (pattern, seed), each in panels.items()}
    for pattern in PATTERNS:
        print(
            f"  simulated, {pattern.name}: {words(alone, [f'{pattern.name} {seed}' for seed in range(seeds)])}"
        )
    print(f"  simulated, every pattern a file: {words(alone, list(alone))}")
    files = {
        str(seed): tally(panel_cases(*(panels[each, seed] for each in TOGETHER))) for seed in range(seeds)
    }
    print(f"  simulated, four patterns in one file: {words(files, list(files))}")
