"""A session of Spark for a query of a test, with PySpark's own Java, which ends with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def one_session() -> Iterator[Any]:
    """A session on one core; a Java left behind would serve later tests, and be found running when memory is freed."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.timestampType", "TIMESTAMP_NTZ")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .getOrCreate()
    )
    gateway: Any = SparkContext._gateway
    try:
        yield session
    finally:
        session.stop()
        gateway.shutdown()
        SparkContext._gateway = SparkContext._jvm = None
        gateway.proc.stdin.close()
        gateway.proc.wait(timeout=60)
