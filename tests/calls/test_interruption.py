"""Ctrl-C ends a run with one word, also in the middle of a query and where failures are kept apart."""

import os
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

FEW_PARTS = (
    "select sum(one.range * other.range) as total from range(1000000) as one, range(100000000) as other"
)
"""For years; while other threads work at the parts, DuckDB does not look for signals in the one that asked."""
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
ALONE = f'calls.sql("{FEW_PARTS}")'
PAST_THE_ENGINE = f'calls._connection.execute("{LONG}").fetchall()'

PAST_THE_CURSOR = f'calls._connection.execute("{FEW_PARTS}").fetchall()'


@pytest.mark.parametrize("asked", [PLAIN, KEPT_APART, ALONE, PAST_THE_ENGINE, PAST_THE_CURSOR])
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
    assert (process.returncode, out, err) == (-signal.SIGINT, "", "Stopped.\n")


def test_every_engine_hears_ctrl_c() -> None:
    """Engines are made in one place, which tells Ctrl-C of them."""
    made = [path.name for path in SRC.rglob("*.py") if "duckdb.connect(" in path.read_text(encoding="utf-8")]
    assert made == ["spill.py"]


def test_one_ctrl_c_ends_the_loop_of_a_shell_too(tmp_path: Path) -> None:
    """A shell goes on after a program that says 130 by itself; it ends after one that the signal has ended."""
    path = tmp_path / "calls.csv"
    AICallSimulator(30, 20, end_date=END).write(path)
    (tmp_path / "script.py").write_text(PROGRAM.format(asked=PLAIN))
    loop = f"while true; do {sys.executable} {tmp_path}/script.py {path}; echo once more; done"
    variables = os.environ | {"PYTHONPATH": str(SRC)}
    with subprocess.Popen(
        ["bash", "-c", loop], cwd=SRC, env=variables, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as shell:  # fmt: skip
        assert shell.stdout is not None
        assert shell.stdout.readline() == "asking\n"
        os.killpg(shell.pid, signal.SIGINT)  # as a terminal does: the shell gets it too
        try:
            out, err = shell.communicate(timeout=120)
        finally:
            if shell.poll() is None:
                os.killpg(shell.pid, signal.SIGKILL)
    assert (shell.returncode, out, err) == (-signal.SIGINT, "", "Stopped.\n")


def test_a_shell_sees_130() -> None:
    program = "from foundation.interrupt import end_by_signal; end_by_signal(); raise KeyboardInterrupt"
    shell = f'{sys.executable} -c "{program}"; echo $?'
    done = subprocess.run(["bash", "-c", shell], cwd=SRC, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("130\n", "Stopped.\n")


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
