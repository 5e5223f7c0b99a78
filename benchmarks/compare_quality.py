"""How seldom chance is taken for a difference: `python3 benchmarks/compare_quality.py`.

Compares 20 pairs of base files that differ in nothing but their seed: a difference called significant there
is a false one, and at most one pair may have any. Then compares two files that differ in nothing but a plan's
price: that must be seen, and be the whole change of the margin. Then judges the cost of ten organizations that
differs by chance alone, one of them 10 to 90 % of it: 4 to 7 % of such pairs may stand out. Exits with 1 when a goal is
missed.
"""

import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np

from analyzers.comparison import chance, organization_sums
from analyzers.comparison.compare import compare
from analyzers.comparison.result import Comparison
from calls.engine import open_calls
from settings.loader import load_settings
from simulator.core import AICallSimulator

PAIRS = 20
JUDGED = 4000
"""Pairs of sums for each share of the largest organization."""
LAST_DAY = date(2026, 6, 21)


def written(folder: Path, name: str, seed: int, prices: dict[str, Decimal] | None = None) -> Path:
    """A file of the base pattern."""
    path = folder / f"{name}-{seed}.csv"
    AICallSimulator(seed=seed, end_date=LAST_DAY, tier_prices=prices).write(path)
    return path


def compared(first: Path, second: Path) -> Comparison:
    """The comparison of two files."""
    with open_calls(first) as before, open_calls(second) as after:
        return compare(before, after, load_settings())


def flagged(share: float, noise: str, first: int) -> float:
    """The share of pairs called different where each organization's cost scatters by 20 % or so in either file.

    Args:
        share: what the largest of ten organizations has of the cost.
        noise: "alike", or "small more": the scatter falls with the root of size.
        first: of the generator.
    """
    random = np.random.default_rng([first, round(100 * share), len(noise)])
    costs = np.array([share] + 9 * [(1 - share) / 9])
    scatter = 0.2 * np.sqrt(0.1 / costs) if noise == "small more" else np.full(10, 0.2)
    figure = chance.Figure("cost", "usd", organization_sums.KNOWN_COST, organization_sums.DAYS)
    names, found = [str(number) for number in range(10)], 0
    for _ in range(JUDGED):
        sides = organization_sums.Sums(30), organization_sums.Sums(30)
        for side in sides:
            for name, cost in zip(names, costs * np.exp(random.normal(0, scatter)), strict=True):
                side.add(organization_sums.KNOWN_COST, name, cost)
        found += chance._judged([figure], sides, names)[0].significant
    return found / JUDGED


def main() -> int:
    """Measures, prints, judges. An argument is the first seed of another set of pairs."""
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        files = [written(folder, "base", seed) for seed in range(first, first + 2 * PAIRS)]
        pairs = [compared(*files[2 * pair : 2 * pair + 2]) for pair in range(PAIRS)]
        priced = compared(files[0], written(folder, "priced", first, {"pro": Decimal(129)}))
    false = [[each.figure for each in pair.chance.significant] for pair in pairs]
    for names in filter(None, false):
        print("false:", ", ".join(names))
    steps = {name: usd for name, usd in priced.margin_steps if usd}
    print(f"{sum(map(bool, false))} of {PAIRS} pairs that differ only in seed show a significant difference")
    print(f"plan prices alone changed: margin steps { ({name: str(usd) for name, usd in steps.items()}) }")
    print("  significant:", ", ".join(each.figure for each in priced.chance.significant))
    rates = {
        (share, noise): flagged(share, noise, first)
        for noise in ("alike", "small more")
        for share in (0.1, 0.3, 0.6, 0.9)
    }
    for (share, noise), rate in rates.items():
        print(f"largest of ten organizations {share:.0%} of cost, scatter {noise}: {rate:.1%} flagged")
    good = sum(map(bool, false)) <= 1 and set(steps) == {"plan price"} and bool(priced.chance.significant)
    good = good and all(0.04 <= rate <= 0.07 for (share, _), rate in rates.items() if share == 0.9)
    print(
        "goals: at most 1 of 20, the whole margin change is plan price, 4 to 7% with one of 90%:",
        "met" if good else "MISSED",
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
