"""Which engine answers: the embedded one, or Spark for who outgrows one machine."""

import argparse
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calls.engine import Calls, check_memory, open_calls
from calls.filters import zone_of
from calls.parquet.files import means_parquet
from calls.reading.loading import nothing
from calls.reading.relation import LATE_AFTER_MS
from calls.rollups.shared import OF_SINGLE_CALLS
from foundation.outcome import Misuse
from foundation.places import existing_file

DUCKDB, SPARK = "duckdb", "spark"
SUMMED_BYTES = 512 << 20
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
        "--master",
        metavar="URL",
        help="where Spark computes: local[N] on this machine, or a cluster such as spark://host:7077, yarn or k8s://… "
        "(default: local[*])",
    )
    parser.add_argument(
        "--spark-conf",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="Spark's configuration, such as spark.driver.memory=8g; may be repeated",
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


@dataclass(frozen=True)
class Engine:
    """Which engine answers, and what it is told.

    Attributes:
        name: `duckdb` or `spark`.
        master: where Spark computes.
        spark_conf: Spark's configuration.
        cached: use what was summed of a large file before, and keep what is summed now.
        verify: compare every byte of a large file with what was summed before.
        summed_bytes: the size from which on a CSV that is not narrowed is summed piece by piece.
    """

    name: str = DUCKDB
    master: str | None = None
    spark_conf: Mapping[str, str] = field(default_factory=dict)
    cached: bool = True
    verify: bool = False
    summed_bytes: int = SUMMED_BYTES


def engine_from(arguments: argparse.Namespace) -> Engine:
    """The engine that the flags of `add_engine_argument` name.

    Raises:
        Misuse: a setting of Spark without Spark, or one that is none.
    """
    conf = {}
    for text in arguments.spark_conf:
        name, sign, value = text.partition("=")
        if not sign or not name.startswith("spark."):
            raise Misuse(
                f"--spark-conf {text!r} is not understood; write a name and a value, spark.driver.memory=8g."
            )
        conf[name] = value
    if arguments.engine != SPARK and (arguments.master or conf):
        raise Misuse("--master and --spark-conf are for --engine spark; add it, or leave them out.")
    return Engine(
        arguments.engine, arguments.master, conf, cached=not arguments.no_cache, verify=arguments.verify
    )


def open_any(path: Path | str, **filters: Any) -> Calls:
    """The calls of a CSV file, or of Parquet files, on the embedded engine; see `calls.engine.open_calls`."""
    if means_parquet(str(path)):
        from calls.parquet.engine import open_parquet  # noqa: PLC0415  who reads CSV need not wait for it

        return open_parquet(str(path), **filters)
    return open_calls(path, **filters)


def open_on(
    engine: Engine,
    path: Path | str,
    *,
    without: Collection[str] = (),
    meanwhile: Callable[[], object] = nothing,
    **filters: Any,
) -> Calls:
    """The calls of a CSV file or of Parquet files on one of the engines.

    Args:
        engine: which, and what it is told.
        path: the file, or a folder or pattern of Parquet files, or an address that Spark can read.
        without: columns that nobody asks for; Spark gets all, since its copy holds what the CSV holds, and so
            does a file read in pieces, whose sums are kept for whoever asks next, as far as rollups hold them.
        meanwhile: starts what can be done while the calls are read.
        filters: what narrows and checks the calls; see `calls.engine.open_calls`.

    Raises:
        Misuse: besides what `open_calls` raises, when Spark is asked for and not installed.
    """
    if engine.name == SPARK:
        meanwhile()
        return _open_on_spark(engine, path, filters)
    if means_parquet(str(path)):
        meanwhile()
        return open_any(path, **filters)
    file = existing_file(str(path))
    if any(filters.get(name) for name in _NARROWING) or _size(file) < engine.summed_bytes:
        return open_calls(path, without=without, coded=True, meanwhile=meanwhile, **filters)
    meanwhile()
    asked = frozenset(without) - OF_SINGLE_CALLS
    return _open_summed(file, asked, filters, cached=engine.cached, verify=engine.verify)


def _open_on_spark(engine: Engine, path: Path | str, filters: dict[str, Any]) -> Calls:
    from calls.spark.engine import LOCAL, Spark, SparkCalls, check_installed  # noqa: PLC0415  only for who asks for it
    from calls.spark.parquet import open_spark_parquet  # noqa: PLC0415

    check_installed()
    master = engine.master or LOCAL
    conf = {**_memory(filters.get("memory_limit")), **engine.spark_conf}
    if means_parquet(str(path)):
        narrowing = {name: value for name, value in filters.items() if name != "memory_limit"}
        spark = Spark(conf, master=master)
        try:
            return open_spark_parquet(str(path), spark, **narrowing)
        except BaseException:
            spark.close()
            raise
    if not master.startswith("local"):
        raise Misuse(
            f"a cluster cannot read {path}: put Parquet where it can (`export_data.py --format parquet "
            "--partition-by day`), and name that with --data."
        )
    return SparkCalls(open_calls(path, **filters), Spark(conf, master=master), owns_spark=True)


def _memory(limit: str | None) -> dict[str, str]:
    """`--memory-limit` as Java writes it: 2GB is 2g."""
    return (
        {"spark.driver.memory": re.sub(r"i?B$", "", check_memory(limit)).lower().replace(" ", "")}
        if limit
        else {}
    )


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _open_summed(
    file: Path, left_out: frozenset[str], filters: dict[str, Any], *, cached: bool, verify: bool
) -> Calls:
    from calls.large_files.piecewise import Reading  # noqa: PLC0415  small files need not wait for it
    from calls.large_files.summed import open_summed  # noqa: PLC0415

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
        whole=lambda: open_calls(file, without=left_out, coded=True, **filters),
        max_bad_rows=filters.get("max_bad_rows"),
        memory_limit=filters.get("memory_limit"),
        cached=cached,
        verify=verify,
    )
