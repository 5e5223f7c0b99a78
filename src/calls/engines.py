"""Which engine answers: the embedded one, or Spark for who outgrows one machine."""

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import Any

from calls.engine import Calls, open_calls

DUCKDB, SPARK = "duckdb", "spark"


def add_engine_argument(parser: argparse.ArgumentParser) -> None:
    """Adds `--engine`."""
    parser.add_argument(
        "--engine",
        choices=(DUCKDB, SPARK),
        default=DUCKDB,
        help='who answers the queries; spark needs `pip install -e ".[spark]"` (default: duckdb)',
    )


def open_on(engine: str, path: Path | str, *, without: Collection[str] = (), **filters: Any) -> Calls:
    """The calls of a CSV file on one of the engines; `filters` are those of `open_calls`.

    `without` names columns that nobody asks for; Spark gets all, since its copy holds what the CSV holds.

    Raises:
        Misuse: besides what `open_calls` raises, when Spark is asked for and not installed.
    """
    if engine == DUCKDB:
        return open_calls(path, without=without, **filters)
    from calls.spark_engine import SparkCalls, check_installed  # noqa: PLC0415  only for who asks for it

    check_installed()
    return SparkCalls(open_calls(path, **filters))
