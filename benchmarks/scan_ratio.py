"""How long the reports take, in units of a bare DuckDB scan that types every column of the same CSV.

    python benchmarks/scan_ratio.py                      # two reports and all eight at 1,000,000 calls
    python benchmarks/scan_ratio.py --calls 10000000 --rounds 3

Each run is a process of its own, start included, without the cache of earlier sums, into a folder of its kind; the
kinds take turns, so that a busy machine slows all of them. Prints medians, spread, the ratio to the scan, and the peak
of memory.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import measured

TWO = ("--only", "finops_understanding", "--only", "customer_profitability")


def main() -> int:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1_000_000, help="about how many calls to generate")
    parser.add_argument("--data", type=Path, help="a CSV to measure on instead")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        path = options.data or measured.simulate(Path(folder) / "calls.csv", options.calls)
        path = path.resolve()
        kinds = {
            "bare typed scan": measured.bare_scan(path),
            "two reports": measured.reports(path, out / "two", "--no-cache", *TWO),
            "eight reports": measured.reports(path, out / "eight", "--no-cache"),
        }
        print(f"{path.name}: {path.stat().st_size / 1e6:,.0f} MB, {options.rounds} rounds")
        measured.compare(kinds, options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
