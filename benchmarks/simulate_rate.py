"""How fast calls are simulated, and in how much memory, as whole processes.

    python benchmarks/simulate_rate.py                      # 1,000,000 calls: at least 200,000 a second
    python benchmarks/simulate_rate.py --calls 5000000      # at least 70 % of the rate of a bare COPY as well
    python benchmarks/simulate_rate.py --memory             # the peak of memory at 1, 5 and 20 million calls

A round starts `simulator/core.py` anew, then lets DuckDB copy the same rows from a table in memory to CSV, with
nothing else in the time; so both meet the same machine. Prints medians, spread and the ratio of the
rates, and exits with 1 where a goal is missed.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import measured

CALLS_A_SECOND = 200_000
RATIO = 0.70
RATIO_FROM_CALLS = 5_000_000
MEMORY_CUSTOMERS = 100_000
MEMORY_CALLS = (1_500_000, 6_000_000, 21_000_000)

BARE_COPY = """
import sys, time, duckdb
from calls.file.engine_paths import path_sql, reader_sql
from calls.schema import COLUMN_BY_NAME
source, target = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
names = open(source).readline().strip().split(",")
types = {name: COLUMN_BY_NAME[name].kind.value for name in names}
rows = reader_sql("read_csv", [source], f"auto_detect=false, header=true, columns={types!r}")
connection.execute(f"CREATE TABLE calls AS SELECT * FROM {rows}")
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    connection.execute(f"COPY calls TO {path_sql(target)} (FORMAT csv, HEADER)")
    print(time.perf_counter() - start, flush=True)
"""


def simulated(target: Path, customers: int, days: int) -> measured.Process:
    """One whole run of the base pattern."""
    flags = ["--customers", customers, "--days", days, "--out", target, "--quiet"]
    return measured.run([sys.executable, "simulator/core.py", *flags])


@contextmanager
def bare_copies(source: Path, target: Path) -> Iterator[Iterator[float]]:
    """Seconds of a bare COPY of the rows of `source`, one for each that is asked for."""
    command = [sys.executable, "-c", BARE_COPY, str(source), str(target)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=measured.SRC
    ) as process:
        process.stdout.readline()

        def copies() -> Iterator[float]:
            while True:
                process.stdin.write("\n")
                process.stdin.flush()
                yield float(process.stdout.readline())

        yield copies()
        process.stdin.close()


def line(name: str, rows: int, times: list[float]) -> str:
    """Median, spread and rate."""
    middle = statistics.median(times)
    return (
        f"{name:<22} {middle:6.2f} s [{min(times):.2f} to {max(times):.2f}]  {rows / middle:>11,.0f} calls/s"
    )


def rates(folder: Path, calls: int, rounds: int) -> bool:
    """Measures both in turns; whether the goals are met."""
    target, days = folder / "calls.csv", 30
    customers = max(1, round(calls / (days * measured.CALLS_A_DAY)))
    simulated(target, customers, days)
    with target.open("rb") as file:
        rows = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1
    ours, floor = [], []
    with bare_copies(target, folder / "copy.csv") as copies:
        for _ in range(rounds):
            ours.append(simulated(target, customers, days))
            floor.append(next(copies))
    seconds = [run.seconds for run in ours]
    print(
        f"{rows:,} calls, {target.stat().st_size / 1e6:,.0f} MB, {rounds} rounds, "
        f"simulator's peak memory {max(run.megabytes for run in ours):,.0f} MB"
    )
    print(line("simulator, process", rows, seconds))
    print(line("bare COPY from memory", rows, floor))
    ratio = statistics.median(floor) / statistics.median(seconds)
    print(f"ratio of rates {ratio:.0%}")
    fast = rows / statistics.median(seconds) >= CALLS_A_SECOND
    return fast and (ratio >= RATIO or calls < RATIO_FROM_CALLS)


def memory(folder: Path) -> bool:
    """Peaks of memory for more and more days of the same customers; whether the last is near the first."""
    peaks = []
    for calls in MEMORY_CALLS:
        run = simulated(
            folder / "calls.csv", MEMORY_CUSTOMERS, round(calls / (MEMORY_CUSTOMERS * measured.CALLS_A_DAY))
        )
        peaks.append(run.megabytes)
        print(
            f"{MEMORY_CUSTOMERS:,} customers, {calls:>10,} calls: {run.megabytes:,.0f} MB in {run.seconds:.1f} s"
        )
    return peaks[-1] <= 1.25 * peaks[0]


def main() -> int:
    """Measures what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1_000_000, help="about how many calls a run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", action="store_true", help="measure memory instead of rates")
    parser.add_argument("--folder", help="where to write (default: the system's temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        good = memory(Path(folder)) if options.memory else rates(Path(folder), options.calls, options.rounds)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
