"""Where a session of Spark does not begin, its Java ends, and the next session has one of its own."""

import subprocess

import pytest

from calls.spark.spark_calls import Spark
from foundation.outcome import UserError


def running() -> str:
    return subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout


def test_a_session_that_does_not_begin_leaves_no_java() -> None:
    from pyspark import SparkContext

    with pytest.raises(UserError, match=r"^Spark did not start \([^\n]*no-such-master[^\n]*\)\.$"):
        Spark({"spark.app.id": "never-begins"}, master="no-such-master")
    assert "spark.app.id=never-begins" not in running()
    assert SparkContext._gateway is None
