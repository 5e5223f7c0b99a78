"""What a refresh costs after 1 % more calls were appended, against a full run and a bare typed scan of the same CSV.

    python benchmarks/refresh_ratio.py                   # 10,000,000 calls; takes about 3 GB of disk

In each round all eight reports are made without what was summed before, then once more after the next
days were appended, then with nothing new. `--verify` reads every byte again and compares.
"""

import argparse
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import measured

APPEND = """
import sys
from datetime import date
from pathlib import Path
from simulator.core import AICallSimulator
path, customers, days, seed, end = sys.argv[1:]
simulator = AICallSimulator(
    num_customers=int(customers), num_days=int(days), seed=int(seed), end_date=date.fromisoformat(end)
)
simulator.write(Path(path), append=True)
"""


def append(path: Path, calls: int, number: int) -> None:
    """Appends the next days' calls of the same customers: about one per cent of the file."""
    days = max(1, round(measured.days_of(calls) / 100))
    end = measured.LAST_DAY + timedelta(days=days * (number + 1))
    measured.run([sys.executable, "-c", APPEND, path, measured.customers_of(calls), days, 1000 + number, end])


def main() -> int:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=10_000_000, help="about how many calls to generate")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    names = (
        "bare typed scan",
        "full run",
        "refresh after 1 % more",
        "refresh with nothing new",
        "with --verify",
    )
    taken: dict[str, list[measured.Process]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        path, out = measured.simulate(Path(folder) / "calls.csv", options.calls), Path(folder) / "out"
        reports = measured.reports(path, out)
        measured.run(reports)
        for number in range(options.rounds):
            append(path, options.calls, number)
            taken["refresh after 1 % more"].append(measured.run(reports))
            taken["refresh with nothing new"].append(measured.run(reports))
            taken["with --verify"].append(measured.run([*reports, "--verify"]))
            taken["full run"].append(measured.run(measured.reports(path, out, "--no-cache")))
            taken["bare typed scan"].append(measured.run(measured.bare_scan(path)))
        print(f"{path.stat().st_size / 1e6:,.0f} MB, {options.rounds} rounds; ratios are to the full run")
    for name, runs in taken.items():
        print(measured.row(name, runs, taken["full run"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
