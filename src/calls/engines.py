"""Which engine answers: the embedded one, or Spark for who outgrows one machine."""

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import Any

from calls.engine import Calls, open_calls
from calls.filters import zone_of
from calls.relation import LATE_AFTER_MS
from places import existing_file

DUCKDB, SPARK = "duckdb", "spark"
SUMMED_BYTES = 96 << 20
"""A file from this size on is summed piece by piece; a smaller one is loaded at once."""
_NARROWING = ("since", "until", "where", "customers")


def add_engine_argument(parser: argparse.ArgumentParser) -> None:
    """Adds `--engine` and what is said about the cache of large files."""
    parser.add_argument(
        "--engine",
        choices=(DUCKDB, SPARK),
        default=DUCKDB,
        help='who answers the queries; spark needs `pip install -e ".[spark]"` (default: duckdb)',
    )
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="read a large file anew, and keep nothing of it beside it (in FILE.rollups)",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="compare every byte of a large file with what was summed before, however unchanged it looks",
    )


def open_on(
    engine: str,
    path: Path | str,
    *,
    without: Collection[str] = (),
    cached: bool = True,
    verify: bool = False,
    summed_bytes: int = SUMMED_BYTES,
    **filters: Any,
) -> Calls:
    """The calls of a CSV file on one of the engines; `filters` are those of `open_calls`.

    Args:
        engine: its name.
        path: the file.
        without: columns that nobody asks for; Spark gets all, since its copy holds what the CSV holds.
        cached: use what was summed of a large file before, and keep what is summed now.
        verify: compare every byte of a large file with what was summed before.
        summed_bytes: the size from which on a file that is not narrowed is summed piece by piece.
        filters: what narrows and checks the calls.

    Raises:
        Misuse: besides what `open_calls` raises, when Spark is asked for and not installed.
    """
    if engine == SPARK:
        from calls.spark_engine import SparkCalls, check_installed  # noqa: PLC0415  only for who asks for it

        check_installed()
        return SparkCalls(open_calls(path, **filters))
    file = existing_file(str(path))
    if any(filters.get(name) for name in _NARROWING) or _size(file) < summed_bytes:
        return open_calls(path, without=without, **filters)
    return _open_summed(file, frozenset(without), filters, cached=cached, verify=verify)


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _open_summed(
    file: Path, left_out: frozenset[str], filters: dict[str, Any], *, cached: bool, verify: bool
) -> Calls:
    from calls.piecewise import Reading  # noqa: PLC0415  small files need not wait for it
    from calls.summed import open_summed  # noqa: PLC0415

    timezone = filters.get("timezone", "UTC")
    zone_of(timezone)
    reading = Reading(
        left_out,
        filters.get("allow_credits", False),
        timezone,
        filters.get("late_after_ms", LATE_AFTER_MS),
    )
    return open_summed(
        file,
        reading,
        whole=lambda: open_calls(file, without=left_out, **filters),
        max_bad_rows=filters.get("max_bad_rows"),
        memory_limit=filters.get("memory_limit"),
        cached=cached,
        verify=verify,
    )
