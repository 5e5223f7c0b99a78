"""How fast calls are simulated, whole process: `python3 benchmarks/simulate_rate.py [CALLS] [ROUNDS]`.

Each round starts `simulator/core.py` anew for about CALLS calls (1,000,000 by default; 5,000,000 for
the target against COPY), then lets DuckDB in a process of its own copy the same rows from a table in memory to
CSV. Prints medians, spread, rates, their ratio and the peak memory of the simulator. Exits with 1 below 200,000
calls a second.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SRC = Path(__file__).resolve().parents[1] / "src"
GOAL = 200_000
DAYS = 30
CALLS_A_DAY = 15

BARE_COPY = """
import sys, time, duckdb
from calls.schema import COLUMNS
source, target = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
types = {column.name: column.kind.value for column in COLUMNS}
connection.execute(
    f"CREATE TABLE calls AS SELECT * FROM read_csv('{source}', auto_detect=false, header=true, columns={types!r})"
)
start = time.perf_counter()
connection.execute(f"COPY calls TO '{target}' (FORMAT csv, HEADER)")
print(time.perf_counter() - start)
"""


def seconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def simulate(target: Path, calls: int) -> None:
    """One whole run of the base pattern."""
    customers = str(max(1, calls // (DAYS * CALLS_A_DAY)))
    flags = ["--customers", customers, "--days", str(DAYS), "--out", str(target), "--quiet"]
    subprocess.run([sys.executable, SRC / "simulator/core.py", *flags], check=True)


def bare_copy(source: Path, target: Path) -> float:
    """Seconds of DuckDB's COPY of the same rows from memory."""
    command = [sys.executable, "-c", BARE_COPY, str(source), str(target)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=SRC)
    return float(done.stdout)


def line(name: str, rows: int, times: list[float]) -> str:
    """Median, spread and rate."""
    middle = statistics.median(times)
    return (
        f"{name:<22} {middle:6.2f} s [{min(times):.2f} to {max(times):.2f}]  {rows / middle:>11,.0f} calls/s"
    )


def main(argv: list[str]) -> int:
    """Prints the figures."""
    calls, rounds = [*map(int, argv), *(1_000_000, 5)[len(argv) :]]
    simulated: list[float] = []
    copied: list[float] = []
    memory = 0
    with tempfile.TemporaryDirectory() as folder:
        target, copy = Path(folder) / "calls.csv", Path(folder) / "copy.csv"
        for _ in range(rounds):
            simulated.append(seconds(lambda: simulate(target, calls)))
            memory = memory or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            copied.append(bare_copy(target, copy))
        with target.open("rb") as file:
            rows = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1
        size = target.stat().st_size
    print(
        f"{rows:,} calls, {size / 1e6:,.0f} MB, {rounds} rounds, simulator's peak memory {memory / 1024:,.0f} MB"
    )
    print(line("simulator, process", rows, simulated))
    print(line("bare COPY from memory", rows, copied))
    print(f"ratio of rates {statistics.median(copied) / statistics.median(simulated):.0%}")
    return int(rows / statistics.median(simulated) < GOAL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
