"""The second engine: the same relation and the same verbs on Apache Spark, for data that outgrow one machine.

A CSV is read, checked and filtered by the embedded engine, which hands its calls over as Parquet; calls in Parquet
files Spark reads itself, on this machine or on a cluster.
"""

import os
import shutil
import tempfile
import threading
import warnings
from collections import namedtuple
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from calls.duckdb_calls import DuckDBCalls
from calls.protocol import Calls
from calls.rollups import shared as rollups
from calls.source import Source
from calls.spark import gateway
from calls.spark.gateway import NEXT_STEP, Gateway
from calls.spark.java_errors import in_one_line
from foundation.outcome import UsageError, UserError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

OPTIONS: Mapping[str, str] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.catalogImplementation": "in-memory",
    # Its cost doubles with each column that a filter names: the test of a row of Parquet fills 1 GB of plans.
    "spark.sql.constraintPropagation.enabled": "false",
    # Its web page is off, but what that would show is kept nevertheless: the plans of the last thousand queries.
    "spark.sql.ui.retainedExecutions": "1",
    "spark.ui.retainedJobs": "1",
    "spark.ui.retainedStages": "1",
    "spark.ui.retainedTasks": "1",
}
"""Spark's configuration on any master."""
LOCAL_OPTIONS: Mapping[str, str] = {
    "spark.sql.shuffle.partitions": "4",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
"""What is added where all of Spark runs in one process here."""
LOCAL = "local[*]"
NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
"""How Spark's names of numeric types begin."""


class Spark:
    """A Spark: the Java process of its driver and a session, for any number of `SparkCalls` one after the other.

    Args:
        options: Spark's configuration, which goes before `OPTIONS` and `LOCAL_OPTIONS`.
        master: where it computes: all in the driver's process (`local[*]`), or on a cluster.
        memory: of the driver's process.
        java: the Java to use; found by `gateway.java_program` if left out.

    Raises:
        UsageError: pyspark, sqlglot or a Java is missing.
        UserError: Java did not come up.
    """

    def __init__(
        self,
        options: Mapping[str, str] | None = None,
        *,
        master: str = LOCAL,
        memory: str = "2g",
        java: Path | None = None,
    ) -> None:
        check_installed()
        self.is_local = master.startswith("local")
        chosen = {**OPTIONS, **(LOCAL_OPTIONS if self.is_local else {}), **(options or {})}
        self.folder = Path(tempfile.mkdtemp(prefix="spark-"))
        self._gateway: Gateway | None = None
        try:
            self._gateway = gateway.start(
                self.folder, chosen.get("spark.driver.memory", memory), chosen, java
            )
            self.session = _session(self._gateway, master, chosen, self.folder)
        except BaseException:
            self._end_java()
            raise

    def close(self) -> None:
        """Ends the session and its Java, and removes what they wrote."""
        self.session.stop()
        self._end_java()

    def _end_java(self) -> None:
        """Ends Java, if it came up, with what PySpark knows of it, which a next session would take for its own."""
        if self._gateway:
            from pyspark import SparkContext  # noqa: PLC0415

            if SparkContext._gateway:
                SparkContext._gateway.shutdown()
            SparkContext._gateway = SparkContext._jvm = None
            self._gateway.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class SparkRelations:
    """How calls are asked on Spark; what becomes of them in the end is a matter of where they come from.

    Args:
        session: where the relation `calls` is.
        source: what was read.
        late_after_ms: the latency beyond which a call is late.
    """

    def __init__(self, session: "SparkSession", source: Source, late_after_ms: int) -> None:
        self._session, self.source, self.late_after_ms = session, source, late_after_ms
        self._rollups: dict[str, DataFrame] = {}
        self._building = threading.Lock()

    def sql(self, query: str, **values: Any) -> list[Any]:
        """The rows of `query` as named tuples. `$name` in the query takes the value given for it."""
        self._build_rollups(query)
        found = ask(self._session, query, values)
        row = namedtuple("Row", found.columns)  # type: ignore[misc]
        return [row(*entry) for entry in found.collect()]

    def columns(self, query: str, **values: Any) -> dict[str, NDArray[Any]]:
        """The columns of `query` by name; see `Calls.columns`."""
        self._build_rollups(query)
        found = ask(self._session, query, values)
        rows = found.collect()
        return {
            name: _column([row[place] for row in rows], kind)
            for place, (name, kind) in enumerate(found.dtypes)
        }

    def divide_threads(self, askers: int) -> None:
        """Nothing: Spark divides its processors among those that ask."""

    def build(self, *names: str) -> None:
        """Builds rollups, and those that they are made of, before a query names them."""
        self._build_rollups(" ".join(names))

    def interrupt(self) -> None:
        """Breaks off what other threads are asking."""
        self._session.sparkContext.cancelAllJobs()

    def close(self) -> None:
        """Gives memory and disk space back; `source` stays."""
        self._session.catalog.dropTempView("calls")
        for name, built in self._rollups.items():
            self._session.catalog.dropTempView(name)
            built.unpersist()
        self._rollups.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _build_rollups(self, query: str) -> None:
        with self._building:
            for name in rollups.named_in(query):
                if name not in self._rollups:
                    built = ask(self._session, rollups.ROLLUPS[name].sql, {}).cache()
                    built.createOrReplaceTempView(name)
                    self._rollups[name] = built


class SparkCalls(SparkRelations):
    """The calls that the embedded engine loaded and filtered, on Spark.

    Args:
        calls: closed together with this.
        spark: where to ask; closed together with this if `owns_spark`.
        owns_spark: whether this is the only one that asks it.
    """

    def __init__(self, calls: DuckDBCalls, spark: Spark, *, owns_spark: bool = False) -> None:
        self._calls, self._spark, self._owns_spark = calls, spark, owns_spark
        super().__init__(self._spark.session, calls.source, calls.late_after_ms)
        self._parquet = self._spark.folder / f"calls-{id(self):x}.parquet"
        calls.write_parquet(self._parquet, derived=True)
        self._session.read.parquet(str(self._parquet)).createOrReplaceTempView("calls")

    @property
    def before(self) -> Calls | None:
        """The calls of the equal period before; the embedded engine answers for them."""
        return self._calls.before

    def write_parquet(self, path: Path | str, *, derived: bool = False) -> None:
        """Writes the calls, as filtered, to one Parquet file; see `Calls.write_parquet`."""
        self._calls.write_parquet(path, derived=derived)

    def write_rejects(self, path: Path | str) -> None:
        """Writes every rejected line to a CSV file; see `Calls.write_rejects`."""
        self._calls.write_rejects(path)

    def close(self) -> None:
        """Gives memory and disk space back, and ends a Spark of its own."""
        super().close()
        self._calls.close()
        self._parquet.unlink(missing_ok=True)
        if self._owns_spark:
            self._spark.close()


def ask(session: "SparkSession", query: str, values: Mapping[str, Any]) -> "DataFrame":
    """The answer of Spark to a query of the portable SQL; `$name` in it takes the value given for it."""
    from calls.spark.dialect import to_spark  # noqa: PLC0415  sqlglot is an extra

    return session.sql(to_spark(query), args=dict(values) or None)


def _column(values: list[Any], kind: str) -> NDArray[Any]:
    """A column as `Calls.columns` promises it; `kind` is Spark's name of its type."""
    return np.array(values, dtype=np.float64 if kind.startswith(NUMBERS) else object)


def check_installed() -> None:
    """Refuses to begin without the Python packages that Spark needs.

    Raises:
        UsageError: naming what is missing.
    """
    missing = [name for name in ("pyspark", "sqlglot") if find_spec(name) is None]
    if missing:
        raise UsageError(f"--engine spark needs {' and '.join(missing)}: {NEXT_STEP}.")


def _session(gateway: Gateway, master: str, options: Mapping[str, str], folder: Path) -> "SparkSession":
    """A session on a gateway; PySpark learns of the gateway by its environment.

    Raises:
        UserError: it does not begin, and what Spark says of that.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from py4j.protocol import Py4JError  # noqa: PLC0415  comes with the extra
        from pyspark.errors import PySparkException  # noqa: PLC0415
        from pyspark.sql import SparkSession  # noqa: PLC0415  an extra

        told = {"PYSPARK_GATEWAY_PORT": str(gateway.port), "PYSPARK_GATEWAY_SECRET": gateway.secret}
        os.environ.update(told)
        try:
            builder = SparkSession.builder.master(master).appName("reports")
            for name, value in {**options, "spark.sql.warehouse.dir": str(folder)}.items():
                builder = builder.config(name, value)
            session = builder.getOrCreate()
        except (PySparkException, Py4JError) as error:
            raise UserError(f"Spark did not start ({in_one_line(error)}).") from None
        finally:
            for name in told:
                os.environ.pop(name, None)
    session.sparkContext.setLogLevel("ERROR")
    return session
