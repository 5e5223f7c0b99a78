"""What scripts print: names out of the data cannot command the terminal, and bad ends are one sentence."""

import os
import pstats
import subprocess
import sys
from pathlib import Path

import pytest

from calls.schema import REQUIRED_NAMES
from foundation.console import Console, printable, run
from foundation.outcome import NoUsableData
from tests.calls.call_files import rows, write
from tests.running import SRC, run_script


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ≥\u00a0$1, −2 %, naïve 漢字 🎉 ⚠️ two\nlines", "plain ≥\u00a0$1, −2 %, naïve 漢字 🎉 ⚠️ two\nlines"),
        ("\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"),
        ("over\rwritten\x08\x7f\x9b1m", "over\\rwritten\\x08\\x7f\\x9b1m"),
        ("abc\u202edef\u2066\u2028", "abc\\u202edef\\u2066\\u2028"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("half \ud800", "half \\ud800"),
    ],
)  # fmt: skip
def test_signs_that_command_are_shown_as_escapes(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_everything_a_console_prints_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    console, bad = Console(), "\x1b[2J"
    for say in (
        console.say,
        console.banner,
        console.block,
        console.success,
        console.failure,
        console.warning,
    ):
        say(bad)
    console.closing(bad)
    console.paragraph(bad)
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert (said.out + said.err).count("\\x1b[2J") == 8


def test_a_problem_is_harmless_too(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> int:
        raise NoUsableData("there is no \x1b[2J")

    assert run(fails) == 3
    assert capsys.readouterr().err == "❌ there is no \\x1b[2J\n"


def test_names_out_of_the_calls_do_not_reach_the_terminal_as_they_are(tmp_path: Path) -> None:
    entries = rows(
        60,
        customer_id="\x1b[31mred",
        feature_id="\x07bell",
        model="m\u202em",
        provider="\x9b1m",
        tier_price_usd="99",
    )
    data = write(tmp_path / "x.csv", entries, (*REQUIRED_NAMES, "tier_price_usd"))
    done = run_script("run_all_analyzers.py", "--data", data, "--out", tmp_path)
    summary = (tmp_path / "summary.txt").read_text(encoding="utf-8")
    for sign in "\x1b\x07\x9b\u202e":
        assert sign not in done.stdout + done.stderr + summary
    assert "\\x07bell" in done.stdout


@pytest.mark.parametrize("place", ["/proc/reports", "/dev/null/reports", "/" + "x" * 300])
def test_a_folder_that_cannot_be_is_said_with_the_next_step(small_csv: Path, place: str) -> None:
    done = run_script("run_all_analyzers.py", "--data", small_csv, "--out", place, "--quiet", code=1)
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"❌ {place}")
    assert line.endswith("; name a file or folder that can be there.")


LEAVING = """
import atexit, sys, threading, tempfile
from pathlib import Path
from foundation.console import leave
folder = tempfile.TemporaryDirectory(dir=sys.argv[1])
atexit.register(lambda: Path(sys.argv[1], "ended").write_text("so"))
print("said", end="")
leave(5)
"""


def test_who_leaves_has_said_all_and_tidied_up(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEAVING, tmp_path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (5, "said", "")
    assert [entry.name for entry in tmp_path.iterdir()] == ["ended"]


def test_a_reader_that_went_away_is_no_failure_worth_a_traceback(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as stdout:
        done = subprocess.run(
            [sys.executable, "-c", LEAVING, tmp_path],
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        )
    assert (done.returncode, done.stderr) == (5, b"")
    assert (tmp_path / "ended").exists()


def test_a_profiler_gets_its_figures(tmp_path: Path) -> None:
    data = write(tmp_path / "x.csv", rows(60))
    profile = tmp_path / "run.prof"
    script = ["-m", "cProfile", "-o", profile, "run_all_analyzers.py", "--only", "finops_understanding"]
    subprocess.run(
        [sys.executable, *script, "--data", data, "--out", tmp_path, "--quiet"],
        cwd=SRC,
        check=True,
        timeout=120,
    )
    assert pstats.Stats(str(profile)).total_calls > 10_000  # type: ignore[attr-defined]
