"""Ctrl-C ends a run with one word, also in the middle of a query and where failures are kept apart."""

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from calls.engine import open_calls
from simulator.core import AICallSimulator
from tests.running import SRC
from tests.simulator.simulated import END

# DuckDB does not always look for a signal before a query ends, so the query has an end.
LONG = "select sum(number.range) as total from range(300000000) as number"
PROGRAM = """
import sys
from pathlib import Path
from calls.engine import open_calls
from foundation.console import run

def main():
    with open_calls(Path(sys.argv[1])) as calls:
        print("asking", flush=True)
        {asked}
    return 0

sys.exit(run(main))
"""
PLAIN = f'calls.sql("{LONG}")'
KEPT_APART = f"""try:
            calls.sql("{LONG}")
        except Exception:
            print("went on")"""
PAST_THE_ENGINE = f'calls._connection.execute("{LONG}").fetchall()'


@pytest.mark.parametrize("asked", [PLAIN, KEPT_APART, PAST_THE_ENGINE])
def test_a_query_is_broken_off(tmp_path: Path, asked: str) -> None:
    path = tmp_path / "calls.csv"
    AICallSimulator(30, 20, end_date=END).write(path)
    command = [sys.executable, "-c", PROGRAM.format(asked=asked), str(path)]
    with subprocess.Popen(
        command, cwd=SRC, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asking\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (130, "", "Stopped.\n")


def test_closing_breaks_off_who_is_still_asking(tmp_path: Path) -> None:
    """So it is after Ctrl-C: reports are still being computed when the calls are closed."""
    path = tmp_path / "calls.csv"
    AICallSimulator(30, 20, end_date=END).write(path)
    with ThreadPoolExecutor(1) as pool:
        with open_calls(path) as calls:
            asked = pool.submit(calls.sql, LONG)
            while not calls._asking and not asked.done():
                time.sleep(0.001)
        assert isinstance(asked.exception(timeout=60), duckdb.InterruptException | duckdb.ConnectionException)
    with pytest.raises(duckdb.ConnectionException, match="is closed"):
        calls.sql("select 1")
