"""What the benchmarks share: whole processes, timed from start to end, and how times are printed."""

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

LARGE = 5_000_000
LAST_DAY = date(2026, 6, 30)
CALLS_A_DAY = 15
"""A customer's, in the base pattern."""
SRC = Path(__file__).resolve().parents[1] / "src"

BARE_SCAN = """
import sys, duckdb
from calls.file.engine_paths import reader_sql
from calls.schema import COLUMN_BY_NAME
names = open(sys.argv[1]).readline().strip().split(",")
columns = ", ".join(f"'{name}': '{COLUMN_BY_NAME[name].kind}'" for name in names)
counts = ", ".join(f'count("{name}")' for name in names)
connection = duckdb.connect()
connection.execute("set preserve_insertion_order=false")
typed = f"auto_detect=false, header=true, delim=',', quote='\\"', escape='\\"', columns={{{columns}}}"
connection.execute(f"select {counts} from {reader_sql('read_csv', sys.argv[1:], typed)}").fetchall()
"""
"""A program that lets DuckDB type every column of a CSV, and nothing else."""


@dataclass(frozen=True)
class Process:
    """What a process took: seconds on the clock, seconds of processors, and its peak of memory."""

    seconds: float
    processor_seconds: float
    megabytes: float


def run(command: Sequence[object]) -> Process:
    """Runs a program of src/ to its end; its output is dropped, and a failure ends the benchmark."""
    start = perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command], cwd=SRC, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(str(word) for word in command[:3])} ended with {process.returncode}")
    return Process(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def bare_scan(path: Path) -> list[object]:
    """The command of a bare typed scan of a CSV."""
    return [sys.executable, "-c", BARE_SCAN, path]


def reports(path: Path | str, out: Path, *flags: str) -> list[object]:
    """The command of all eight reports."""
    return [sys.executable, "run_all_analyzers.py", "--data", path, "--out", out, "--quiet", *flags]


def customers_of(calls: int) -> int:
    """How many customers make so many calls in the days of `days_of`."""
    return max(1, round(calls / (days_of(calls) * CALLS_A_DAY)))


def days_of(calls: int) -> int:
    """A month, or a year where calls are many."""
    return 30 if calls < LARGE else 365


def simulate(target: Path, calls: int) -> Path:
    """A CSV of about so many calls of the base pattern, up to `LAST_DAY`."""
    shape = ["--customers", customers_of(calls), "--days", days_of(calls), "--end-date", LAST_DAY]
    run([sys.executable, "simulator/core.py", *shape, "--out", target, "--quiet"])
    return target


def row(name: str, runs: Sequence[Process], floor: Sequence[Process]) -> str:
    """Median and spread of the times, the ratio to the floor, processor seconds and memory."""
    seconds = [each.seconds for each in runs]
    middle = statistics.median(seconds)
    ratio = middle / statistics.median(each.seconds for each in floor)
    busy = statistics.median(each.processor_seconds for each in runs)
    return (
        f"{name:<34} {middle:8.2f} s  ({min(seconds):.2f} to {max(seconds):.2f})  {ratio:6.2f} x  "
        f"{busy:8.2f} s of processors  {max(each.megabytes for each in runs):7,.0f} MB"
    )


def compare(kinds: Mapping[str, Sequence[object]], rounds: int) -> None:
    """Runs the commands in turns, so that a busy machine slows all of them; prints a row each, the first the floor."""
    taken: dict[str, list[Process]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, command in kinds.items():
            taken[name].append(run(command))
    floor = next(iter(taken.values()))
    for name, runs in taken.items():
        print(row(name, runs, floor))
