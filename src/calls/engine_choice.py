"""Which engine answers: DuckDB in memory, in chunks for large files (`--no-cache`, `--verify`), or Spark."""

import argparse
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from calls.engine import check_memory, open_calls
from calls.filters import zone_of
from calls.parquet.files import means_parquet
from calls.protocol import Calls
from calls.reading.loading import nothing
from calls.rollups.shared import OF_SINGLE_CALLS
from calls.selection import ALL_CALLS, Selection
from foundation.outcome import UsageError
from foundation.places import existing_file

DUCKDB, SPARK = "duckdb", "spark"
SUMMED_BYTES = 512 << 20
"""A file from this size on is summed chunk by chunk; a smaller one is loaded at once."""


def add_engine_argument(parser: argparse.ArgumentParser) -> None:
    """Adds `--engine` and the flags for the cache of large files."""
    parser.add_argument(
        "--engine",
        choices=(DUCKDB, SPARK),
        default=DUCKDB,
        help='the engine that answers the queries; spark needs `pip install -e ".[spark]"` (default: duckdb)',
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
        help="read a large file again from its beginning, and write no cache beside it (FILE.rollups)",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="compare every byte of a large file with what was summed before, however unchanged it looks",
    )


@dataclass(frozen=True)
class EngineChoice:
    """Which engine answers, and its options.

    Attributes:
        name: `duckdb` or `spark`.
        master: where Spark computes.
        spark_conf: Spark's configuration.
        cached: use what was summed of a large file before, and keep what is summed now.
        verify: compare every byte of a large file with what was summed before.
        summed_bytes: the size from which on a CSV that is not narrowed is summed chunk by chunk.
    """

    name: str = DUCKDB
    master: str | None = None
    spark_conf: Mapping[str, str] = field(default_factory=dict)
    cached: bool = True
    verify: bool = False
    summed_bytes: int = SUMMED_BYTES


def engine_from(arguments: argparse.Namespace) -> EngineChoice:
    """The engine that the flags of `add_engine_argument` name.

    Raises:
        UsageError: a setting of Spark without `--engine spark`, or one that is not NAME=VALUE.
    """
    conf = {}
    for text in arguments.spark_conf:
        name, sign, value = text.partition("=")
        if not sign or not name.startswith("spark."):
            raise UsageError(
                f"--spark-conf {text!r} is not understood; write a name and a value, spark.driver.memory=8g."
            )
        conf[name] = value
    if arguments.engine != SPARK and (arguments.master or conf):
        raise UsageError("--master and --spark-conf are for --engine spark; add it, or leave them out.")
    return EngineChoice(
        arguments.engine, arguments.master, conf, cached=not arguments.no_cache, verify=arguments.verify
    )


def open_any(path: Path | str, selection: Selection = ALL_CALLS) -> Calls:
    """The calls of a CSV file, or of Parquet files, on the embedded engine; see `calls.engine.open_calls`."""
    if means_parquet(str(path)):
        from calls.parquet.opening import open_parquet  # noqa: PLC0415  reading a CSV need not wait for it

        return open_parquet(str(path), selection)
    return open_calls(path, selection)


def open_on(
    engine: EngineChoice,
    path: Path | str,
    selection: Selection = ALL_CALLS,
    *,
    on_scan_start: Callable[[], object] = nothing,
) -> Calls:
    """The calls of a CSV file or of Parquet files on one of the engines.

    Args:
        engine: which, and what it is told.
        path: the file, or a folder or pattern of Parquet files, or an address that Spark can read.
        selection: which calls. Spark gets the excluded columns, too, since its copy holds what the CSV holds, and
            so does a file read in chunks, as far as rollups hold them: its sums are kept for later runs.
        on_scan_start: starts what can be done while the calls are read.

    Raises:
        UsageError: besides what `open_calls` raises, when Spark is asked for and not installed.
    """
    if engine.name == SPARK:
        on_scan_start()
        return _open_on_spark(engine, path, replace(selection, excluded_columns=()))
    if means_parquet(str(path)):
        on_scan_start()
        return open_any(path, selection)
    file = existing_file(str(path))
    if selection.narrows or _size(file) < engine.summed_bytes:
        return open_calls(path, selection, use_enums=True, on_scan_start=on_scan_start)
    on_scan_start()
    asked = frozenset(selection.excluded_columns) - OF_SINGLE_CALLS
    return _open_summed(file, replace(selection, excluded_columns=asked), engine)


def _open_on_spark(engine: EngineChoice, path: Path | str, selection: Selection) -> Calls:
    from calls.spark.parquet import open_spark_parquet  # noqa: PLC0415
    from calls.spark.spark_calls import LOCAL, Spark, SparkCalls, check_installed  # noqa: PLC0415  pyspark is an extra

    check_installed()
    master = engine.master or LOCAL
    conf = {**_memory(selection.memory_limit), **engine.spark_conf}
    if means_parquet(str(path)):
        spark = Spark(conf, master=master)
        try:
            return open_spark_parquet(str(path), spark, selection)
        except BaseException:
            spark.close()
            raise
    if not master.startswith("local"):
        raise UsageError(
            f"a cluster cannot read {path}: put Parquet where it can (`export_data.py --format parquet "
            "--partition-by day`), and name that with --data."
        )
    return SparkCalls(open_calls(path, selection), Spark(conf, master=master), owns_spark=True)


def _memory(limit: str | None) -> dict[str, str]:
    """`--memory-limit` as Java writes it: 2GB is 2g."""
    return (
        {"spark.driver.memory": re.sub(r"i?B$", "", check_memory(limit)).lower().replace(" ", "")}
        if limit
        else {}
    )


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _open_summed(file: Path, selection: Selection, engine: EngineChoice) -> Calls:
    from calls.large_files.chunked_sums import Reading  # noqa: PLC0415  small files need not wait for it
    from calls.large_files.summed import open_summed  # noqa: PLC0415

    zone_of(selection.timezone)
    reading = Reading(
        frozenset(selection.excluded_columns),
        selection.allow_credits,
        selection.timezone,
        selection.late_after_ms,
    )
    return open_summed(
        file,
        reading,
        whole=lambda: open_calls(file, selection, use_enums=True),
        max_bad_rows=selection.max_bad_rows,
        memory_limit=selection.memory_limit,
        cached=engine.cached,
        verify=engine.verify,
    )
