"""Rows C32 to C35: what goes wrong in a first hour gets the sentence that helps, and no traceback."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from calls.engine import open_calls
from calls.filters import zone_of
from calls.selection import Selection
from foundation.outcome import ExitCode, NoUsableData, UsageError
from tests.calls.call_files import row, write
from tests.running import SRC, run_script

RUN = SRC / "run_all_analyzers.py"


def customers(path: Path, encoding: str) -> Path:
    """Ten calls, nine of them of a customer whose name is no ASCII."""
    entries = [row(number, customer_id="Müller" if number else "plain") for number in range(10)]
    path.write_bytes(write(path, entries).read_text(encoding="utf-8").encode(encoding))
    return path


def analyzed(data: Path, out: Path, *flags: object, code: ExitCode) -> str:
    done = run_script(
        "run_all_analyzers.py", "--data", data, "--out", out, "--only", "finops_understanding", "--quiet", *flags, code=code
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.stderr


def test_c32_a_file_that_is_mostly_lost_publishes_nothing(tmp_path: Path) -> None:
    data = customers(tmp_path / "x.csv", "latin-1")
    said = analyzed(data, tmp_path, code=ExitCode.BAD_ROWS)
    assert "9 of 10 lines" in said
    assert "--encoding windows-1252" in said
    assert not (tmp_path / "html").exists()
    analyzed(data, tmp_path, "--max-bad-rows", "0.9", code=ExitCode.OK)


def test_c32_half_of_the_lines_may_be_lost_and_no_more(tmp_path: Path) -> None:
    half = [row(0), row(1), row(2, input_tokens="x"), row(3, input_tokens="x")]
    analyzed(write(tmp_path / "half.csv", half), tmp_path, code=ExitCode.OK)
    more = [*half, row(4, input_tokens="x")]
    assert "bad_number 3" in analyzed(write(tmp_path / "more.csv", more), tmp_path, code=ExitCode.BAD_ROWS)


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16"])
def test_c32_an_import_reads_the_encoding_it_is_told(tmp_path: Path, encoding: str) -> None:
    data, out = customers(tmp_path / "x.csv", encoding), tmp_path / "imported.csv"
    code = ExitCode.USAGE if encoding == "utf-16" else ExitCode.BAD_ROWS
    refused = run_script("import_usage.py", data, "--out", out, "--quiet", code=code)
    assert "UTF-8" in refused.stderr
    assert not out.exists()
    run_script("import_usage.py", data, "--out", out, "--encoding", encoding)
    with open_calls(out) as calls:
        assert calls.sql("select count(*) as n from calls where customer_id = 'Müller'")[0].n == 9


def test_c32_an_encoding_that_there_is_not(tmp_path: Path) -> None:
    data = customers(tmp_path / "x.csv", "latin-1")
    for name in ("no-such", "base64"):
        said = run_script(
            "import_usage.py", data, "--out", tmp_path / "o.csv", "--encoding", name, code=ExitCode.USAGE
        )
        assert "--encoding" in said.stderr
        assert "Traceback" not in said.stderr


def test_c33_files_that_are_no_csv(tmp_path: Path) -> None:
    good = write(tmp_path / "good.csv", [row(0), row(1)]).read_text(encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "book.csv", "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>" * 100)
    (tmp_path / "semicolons.csv").write_text(good.replace(",", ";"), encoding="utf-8")
    (tmp_path / "tabs.csv").write_text(good.replace(",", "\t"), encoding="utf-8")
    (tmp_path / "wide.csv").write_bytes(good.encode("utf-16"))
    (tmp_path / "latin.csv").write_bytes("timestamp,grün\n1,2\n".encode("latin-1"))
    expected = {
        "book": "workbook", "semicolons": "semicolons", "tabs": "tabs", "wide": "UTF-16", "latin": "--encoding windows-1252",
    }  # fmt: skip
    for name, words in expected.items():
        with pytest.raises(NoUsableData, match=words) as refused:
            open_calls(tmp_path / f"{name}.csv")
        assert f"{name}.csv" in str(refused.value)


def test_c34_a_value_in_the_wrong_case_is_named_as_it_is_written(tmp_path: Path) -> None:
    data = write(tmp_path / "x.csv", [row(0, provider="openai"), row(1, provider="anthropic")])
    with pytest.raises(NoUsableData, match="write provider=openai"):
        open_calls(data, Selection(where=(("provider", "OpenAI"),)))
    with pytest.raises(NoUsableData, match="provider=anthropic, openai"):
        open_calls(data, Selection(where=(("provider", "nobody"),)))


def test_c34_since_after_until_is_refused_before_reading(tmp_path: Path) -> None:
    for since, until in (
        ("2026-05-03", "2026-05-01"),
        ("2026-05-03T10:00", "2026-05-03T10:00"),
        ("2d", "7d"),
    ):
        with pytest.raises(UsageError, match="swap them"):
            open_calls(tmp_path / "not there.csv", Selection(since=since, until=until))
    data = write(tmp_path / "x.csv", [row(0, timestamp="2026-05-03T10:00:00Z")])
    with open_calls(data, Selection(since="2026-05-03", until="2026-05-03")) as calls:
        assert calls.source.used == 1


def test_c34_errors_are_json_for_who_asks_for_json(tmp_path: Path) -> None:
    done = run_script(
        "run_all_analyzers.py", "--data", tmp_path / "typo.csv", "--json", code=ExitCode.NO_DATA
    )
    said = json.loads(done.stdout)
    assert said["exit_code"] == 3
    assert "typo.csv" in said["error"]
    assert said["error"] in done.stderr


@pytest.mark.parametrize("name", ["localtime", "posixrules", "posix/Europe/Berlin", "../UTC", "", "Europe"])
def test_c35_zones_that_the_engine_does_not_know(name: str) -> None:
    with pytest.raises(UsageError, match="--timezone"):
        zone_of(name)


def test_c35_the_first_year_and_the_largest_memory(tmp_path: Path) -> None:
    data = write(tmp_path / "x.csv", [row(0), row(1)])
    with open_calls(data, Selection(since="0001-01-02")) as calls:
        assert (calls.source.used, calls.before) == (2, None)
    with pytest.raises(UsageError, match="--where timestamp"):
        open_calls(data, Selection(where=(("timestamp", "0001-01-01T00:00:00+05:00"),)))
    with pytest.raises(UsageError, match="--memory-limit"):
        open_calls(data, Selection(memory_limit="99999999999TB"))


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_c35_standard_streams_may_be_closed(tmp_path: Path, closed: str) -> None:
    data = write(tmp_path / "x.csv", [row(number) for number in range(50)])
    before = data.read_bytes()
    command = f'exec "$0" "$1" --data "$2" --out "$3" --only finops_understanding {closed}'
    done = subprocess.run(
        ["bash", "-c", command, sys.executable, str(RUN), str(data), str(tmp_path)],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert (tmp_path / "html" / "finops_understanding.html").exists()
    assert data.read_bytes() == before


@pytest.mark.parametrize("name", ["run_all_analyzers.py", "import_usage.py", "export_data.py"])
def test_c35_stopped_while_modules_are_imported(tmp_path: Path, name: str) -> None:
    """The import of a module raises SIGINT, as Ctrl-C at that moment does."""
    (tmp_path / "duckdb.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, str(SRC / name), str(tmp_path / "x.csv")],
        env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "Stopped.\n")


def test_c32_more_bad_lines_than_the_engine_keeps_are_all_counted(tmp_path: Path) -> None:
    good = [f"2026-05-01T00:00:00.{number:06}Z,gpt-5,10,1" for number in range(12_500)]
    lines = ["timestamp,model,input_tokens,output_tokens", *good, *["x"] * 12_000]
    data = tmp_path / "x.csv"
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run_script("import_usage.py", data, "--out", tmp_path / "o.csv", "--json")
    report = json.loads(done.stdout)
    assert (report["calls"], report["skipped"]) == (12_500, {"bad_line": 12_000})
