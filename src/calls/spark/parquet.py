"""Calls in Parquet files on Spark: on this machine or on a cluster, from disks or from object storage."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calls.duckdb_calls import written_columns
from calls.engine import refuse_bad
from calls.filters import wanted_filters
from calls.parquet.files import ParquetFiles, is_remote, local_files
from calls.parquet.relation import CUSTOMERS, make_calls
from calls.parquet.rows import ROWS
from calls.protocol import Calls, Reopen, opened_before
from calls.reading import customers_file
from calls.reading.rejects import Rejects
from calls.selection import ALL_CALLS, Selection
from calls.source import Source
from calls.spark.java_errors import in_one_line
from calls.spark.spark_calls import Spark, SparkRelations, ask
from foundation.outcome import NoUsableData, UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LISTED = """
select c.customer_id, c.subscription_tier, cast(c.tier_price_usd as decimal(18,9)) as tier_price_usd, c.organization_id
from (select explode(from_json(:listed, 'array<struct<customer_id:string,subscription_tier:string,\
tier_price_usd:string,organization_id:string>>')) as c)
"""
"""Customers out of a parameter: rows of Python's would need a Python beside each of Spark's processes."""

_PATTERN_SIGN = re.compile(r"[\\*?\[\]{},]")


class SparkFiles:
    """Spark as what `calls.parquet.relation` asks.

    Args:
        session: whose relations are made; no other calls may have made any in it.
        name: one file, a folder, a pattern, or an address such as s3a://bucket/calls.
    """

    def __init__(self, session: "SparkSession", name: str) -> None:
        self._session = session
        local = None if is_remote(name) else local_files(name)
        paths = [_as_it_is(path) for path in local.paths] if local else [name]
        found = session.read.option("mergeSchema", "true").parquet(*paths)
        self.files = local or _described(session, name, found.inputFiles())
        self._types = dict(found.dtypes)
        found.createOrReplaceTempView(ROWS)

    def types(self) -> Mapping[str, str]:
        """The columns of the relation `parquet_rows` and their types."""
        return self._types

    def make(self, name: str, sql: str, values: Mapping[str, Any] | None = None) -> None:
        """Makes a relation of a query."""
        ask(self._session, sql, values or {}).createOrReplaceTempView(name)

    def rows(self, sql: str) -> list[Any]:
        """The rows of a query."""
        collected: list[Any] = ask(self._session, sql, {}).collect()
        return collected

    def make_customers(self, customers: Iterable[customers_file.Customer]) -> None:
        """Makes the relation `listed_customers`."""
        listed = json.dumps([each._asdict() for each in customers], default=str)
        self._session.sql(_LISTED, args={"listed": listed}).createOrReplaceTempView(CUSTOMERS)


class SparkParquetCalls(SparkRelations):
    """The calls of Parquet files, as Spark reads them.

    Args:
        spark: where to ask; closed together with this if `owns_spark`.
        source: what was read.
        rejects: rows that are no calls.
        late_after_ms: the latency beyond which a call is late.
        reopen: opens the same files for another period.
        owns_spark: whether this is the only one that asks.
    """

    def __init__(
        self,
        spark: Spark,
        session: "SparkSession",
        source: Source,
        rejects: Rejects,
        late_after_ms: int,
        reopen: Reopen,
        *,
        owns_spark: bool,
    ) -> None:
        super().__init__(session, source, late_after_ms)
        self._spark, self._owns_spark = spark, owns_spark
        self._rejects, self._reopen = rejects, reopen

    @cached_property
    def before(self) -> Calls | None:
        """The calls of the equal period before, by the same filters, or None; closed together with this."""
        return opened_before(self.source, self._reopen)

    def write_parquet(self, path: Path | str, *, derived: bool = False) -> None:
        """Writes the calls, as filtered, to a folder of Parquet files; see `Calls.write_parquet`."""
        columns = written_columns(derived=derived)
        self._session.table("calls").select(*columns).write.parquet(str(path))

    def write_rejects(self, path: Path | str) -> None:
        """Writes the rejected rows to a CSV file; see `Calls.write_rejects`."""
        self._rejects.write(Path(path))

    def close(self) -> None:
        """Gives disk space back, and ends a Spark of its own."""
        if before := vars(self).get("before"):
            before.close()
        super().close()
        self._rejects.close()
        if self._owns_spark:
            self._spark.close()


def open_spark_parquet(
    name: str,
    spark: Spark,
    selection: Selection = ALL_CALLS,
    *,
    owns_spark: bool = True,
) -> SparkParquetCalls:
    """The calls of Parquet files on Spark, which is closed together with them if they own it.

    Raises:
        NoUsableData: there is no file, it cannot be read, its columns are others, or no call is left.
        UsageError: a filter that cannot be understood.
        TooManyBadRows: the share of rows that are no calls is above `max_bad_rows`.
    """
    wanted = wanted_filters(selection)
    session = spark.session.newSession()
    with _read_errors(name):
        source, rejects = make_calls(SparkFiles(session, name), wanted, selection.late_after_ms)
    refuse_bad(source, selection.max_bad_rows)

    def reopen(since: str, until: str) -> Calls:
        return open_spark_parquet(name, spark, selection.of_period(since, until), owns_spark=False)

    return SparkParquetCalls(
        spark, session, source, rejects, selection.late_after_ms, reopen, owns_spark=owns_spark
    )


def _as_it_is(path: str) -> str:
    """A path in which Spark sees no pattern.

    Raises:
        UsageError: it is not UTF-8, or holds a colon, which Spark takes for the end of a scheme.
    """
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{path}: the name is not UTF-8, and Spark opens no such file; rename it, or leave out --engine spark."
        ) from error
    if ":" in path:
        raise UsageError(
            f"{path}: Spark reads no path with a colon in it; rename it, or leave out --engine spark."
        )
    return _PATTERN_SIGN.sub(r"\\\g<0>", str(Path(path).absolute()))


@contextmanager
def _read_errors(name: str) -> Iterator[None]:
    """Says what Spark says in one line."""
    from py4j.protocol import Py4JError  # noqa: PLC0415  comes with the extra
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise NoUsableData(f"{name} cannot be read as Parquet ({in_one_line(error)}).") from error


def _described(session: "SparkSession", name: str, paths: list[str]) -> ParquetFiles:
    """Sizes and times of files that are not on this machine, as Hadoop's file systems tell them."""
    java = session._jvm
    assert java is not None  # noqa: S101  only Spark Connect has none
    hadoop = session._jsc.hadoopConfiguration()
    states = []
    for path in sorted(paths):
        place = java.org.apache.hadoop.fs.Path(path)
        status = place.getFileSystem(hadoop).getFileStatus(place)
        states.append((path, int(status.getLen()), int(status.getModificationTime())))
    listing = sha256(repr(states).encode()).hexdigest()
    return ParquetFiles(
        name,
        tuple(paths),
        sum(size for _, size, _ in states),
        max((changed for _, _, changed in states), default=0) * 1_000_000,
        f"sha256:{listing}",
    )
