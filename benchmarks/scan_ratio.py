"""How long the reports take, in units of a bare DuckDB scan that types every column of the same CSV.

    python benchmarks/scan_ratio.py --calls 1000000

Each run is a process of its own, start included; the kinds take turns, so that a busy machine slows all of
them. Prints medians, spread and the ratio to the scan.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"

BARE_SCAN = """
import sys, duckdb
from calls.schema import COLUMN_BY_NAME
names = open(sys.argv[1]).readline().strip().split(",")
columns = ", ".join(f"'{name}': '{COLUMN_BY_NAME[name].kind}'" for name in names)
counts = ", ".join(f'count("{name}")' for name in names)
connection = duckdb.connect()
connection.execute("set preserve_insertion_order=false")
connection.execute(
    f"select {counts} from read_csv('{sys.argv[1]}', auto_detect=false, header=true, delim=',', "
    f"quote='\\"', escape='\\"', columns={{{columns}}})"
).fetchall()
"""
OPEN_CALLS = """
import sys
from calls.engine import UNUSED_BY_REPORTS, open_calls
open_calls(sys.argv[1], without=UNUSED_BY_REPORTS)
"""


def generated(target: Path, calls: int) -> Path:
    """A CSV of about so many calls, from the base simulator."""
    command = [
        sys.executable,
        "simulator/core.py",
        "--days",
        str(max(1, calls // 1_500)),
        "--out",
        str(target),
        "--quiet",
    ]
    subprocess.run(command, cwd=SOURCE, check=True)
    return target


def seconds(command: list[str]) -> float:
    """How long a process takes, start included."""
    started = time.perf_counter()
    subprocess.run(command, cwd=SOURCE, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def commands(path: Path, out: Path) -> dict[str, list[str]]:
    """What is measured, by name; the scan comes first."""
    return {
        "bare typed scan": [sys.executable, "-c", BARE_SCAN, str(path)],
        "open_calls": [sys.executable, "-c", OPEN_CALLS, str(path)],
        "run_all_analyzers": [
            sys.executable, "run_all_analyzers.py", "--data", str(path), "--out", str(out), "--quiet",
        ],
    }  # fmt: skip


def main() -> int:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1_000_000, help="about how many calls to generate")
    parser.add_argument("--data", type=Path, help="a CSV to measure on instead")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = (
            options.data.resolve() if options.data else generated(Path(folder) / "calls.csv", options.calls)
        )
        kinds = commands(path, Path(folder) / "out")
        taken: dict[str, list[float]] = {name: [] for name in kinds}
        for _ in range(options.rounds):
            for name, command in kinds.items():
                taken[name].append(seconds(command))
        print(f"{path.name}: {path.stat().st_size / 1e6:,.0f} MB, {options.rounds} rounds")
    floor = statistics.median(next(iter(taken.values())))
    for name, values in taken.items():
        middle = statistics.median(values)
        print(
            f"{name:<18} {middle:6.2f} s  ({min(values):.2f} to {max(values):.2f})  {middle / floor:5.2f} x"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
