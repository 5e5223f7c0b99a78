"""How seldom chance is taken for a difference: `python3 benchmarks/compare_quality.py`.

Compares 20 pairs of base files that differ in nothing but their seed: a difference called significant there
is a false one, and at most one pair may have any. Then compares two files that differ in nothing but a plan's
price: that must be seen, and be the whole change of the margin. Exits with 1 when a goal is missed.
"""

import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

from analyzers.comparison.compare import compare
from analyzers.comparison.result import Comparison
from calls.engine import open_calls
from settings.loader import load_settings
from simulator.core import AICallSimulator

PAIRS = 20
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
    good = sum(map(bool, false)) <= 1 and set(steps) == {"plan price"} and priced.chance.significant
    print("goals: at most 1 of 20, the whole margin change is plan price:", "met" if good else "MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
