"""Long work shows that it goes on: a bar on a terminal, a line in a pipe, nothing when quiet."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from foundation import progress as room
from foundation.console import Console
from tests.running import SRC

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
WORKING = """
import sys, time
from foundation import console, progress as room
room.BAR_AFTER_SECONDS = 0.1
with console.Console().progress("Counting sheep", {total}) as advance:
    for _ in range(4):
        time.sleep(0.3)
        advance(25)
print("done")
"""


def on_terminal(*command: object, columns: int = 80, code: int = 0, **environment: str) -> str:
    """What a command writes to a terminal of so many columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS"}}
    process = subprocess.Popen(
        [sys.executable, *map(str, command)],
        cwd=SRC, stdin=slave, stdout=slave, stderr=slave, env={**variables, "TERM": "xterm-256color", **environment},
    )  # fmt: skip
    os.close(slave)
    said = b""
    while chunk := _read(master):
        said += chunk
    os.close(master)
    assert process.wait(300) == code, said.decode()
    return said.decode().replace("\r\n", "\n")


def _read(master: int) -> bytes:
    try:
        return os.read(master, 1 << 16)
    except OSError:  # the other side has closed
        return b""


def remains(said: str) -> list[str]:
    """The lines that stand on the terminal in the end: what was drawn over is gone."""
    lines: list[str] = [""]
    row = 0
    for part in re.split(r"(\n|\r|\x1b\[[0-9;?]*[A-Za-z])", said):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part == "\x1b[2K":
            lines[row] = ""
        elif re.fullmatch(r"\x1b\[\d+A", part):
            row -= int(part[2:-1])
        elif not part.startswith("\x1b") and part != "\r":
            lines[row] += part
    return lines


@pytest.mark.parametrize("total", [100, None])
def test_a_terminal_shows_a_bar_that_goes_away_and_has_no_colours(total: int | None) -> None:
    said = on_terminal("-c", WORKING.format(total=total))
    assert "Counting sheep" in said
    assert ("75 %" in said) == (total is not None)
    assert not COLOURS.search(said)
    assert [line for line in remains(said) if line] == ["done"]


def test_short_work_has_no_bar() -> None:
    said = on_terminal("-c", WORKING.format(total=100).replace("0.1", "30"))
    assert said == "done\n"


def test_a_pipe_gets_one_line_from_long_work_and_none_from_short(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Console().progress("Counting sheep", 3) as advance:
        advance(1)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(room, "LINE_AFTER_SECONDS", 0.0)
    with Console().progress("Counting sheep"):
        pass_time(capsys)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    for console in (Console(quiet=True), Console(json_output=True)):
        with console.progress("Counting sheep", 3) as advance:
            advance(3)
        assert capsys.readouterr().out == ""


def pass_time(capsys: pytest.CaptureFixture[str]) -> None:
    """Until the one line is there; nothing follows it."""
    import time

    said = ""
    while "\n" not in said:
        time.sleep(0.01)
        said += capsys.readouterr().out
    time.sleep(0.1)
    assert said + capsys.readouterr().out == "   Counting sheep...\n"


@pytest.mark.slow
def test_scripts_show_what_they_are_at_and_nothing_wraps(tmp_path: Path) -> None:
    data, reports = tmp_path / "calls.csv", tmp_path / "r"
    said = on_terminal("simulator/core.py", "--customers", 700, "--days", 90, "--out", data)
    assert "Writing calls" in said
    said = on_terminal("run_all_analyzers.py", "--data", data, "--out", reports)
    assert "Analyzing" in said
    plain = [COLOURS.sub("", line) for line in remains(said)]
    assert not any(
        re.search(r"(Analyzing|Reading the calls|Writing the pages)\b.*\d:\d\d:\d\d", line) for line in plain
    )
    assert max(len(line) for line in plain if str(tmp_path) not in line) <= 80
    assert set(COLOURS.findall(said)) <= {"\x1b[1m", "\x1b[0m"}
    assert "📊 Running: FinOps: Understanding Usage & Cost" in plain
    for script, doing, *flags in (
        ("export_data.py", "Writing focus", "--format", "focus"),
        ("export_data.py", "Reading the calls", "--format", "csv"),
        ("import_usage.py", "Importing 1 file", data),
    ):
        given = ("--data", data) if script == "export_data.py" else ()
        said = on_terminal(script, *flags, *given, "--out", tmp_path / f"{flags[-1]}-{len(doing)}.csv")
        assert doing in said, said
    quiet = on_terminal("run_all_analyzers.py", "--data", data, "--out", reports, "--quiet")
    assert quiet == ""
