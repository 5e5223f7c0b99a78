"""The viewer with the real analyzers on simulated calls: `viewer/serve.py` as a user starts it."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest

from calls.engine import open_calls
from interchange.exporters.export_run import Order, export
from settings.loader import load_settings
from tests.viewer.harness import SERVE, Viewer, free_port, started


def start(folder: Path) -> list[str]:
    port = free_port()
    return [
        sys.executable, str(SERVE), "--port", str(port),
        "--data", str(folder / "calls.csv"), "--reports", str(folder / "reports"),
    ]  # fmt: skip


def listed(running: Viewer) -> dict[str, str]:
    """The digest of every file by its address, as the served manifest has it."""
    manifest = json.loads(running.get("/manifest.json").body)
    files = {f"/{page['filename']}": page["file"]["sha256"] for page in manifest["pages"]}
    files |= {
        f"/json/{page['id']}.json": page["json_report"]["sha256"]
        for page in manifest["pages"]
        if page["json_report"]
    }
    return files | {"/index.html": manifest["index"]["sha256"], "/": manifest["index"]["sha256"]}


@pytest.mark.slow
def test_reports_are_made_served_as_listed_and_renewed(tmp_path: Path, small_csv: Path) -> None:
    data = tmp_path / "calls.csv"
    shutil.copy(small_csv, data)
    command = start(tmp_path)
    with started(command, tmp_path, port=int(command[3])) as running:
        running.until(lambda: running.get("/health").status == 200, "reports")
        running.until_state("fresh")
        first = running.status()["run_id"]
        for path, digest in listed(running).items():
            reply = running.get(path)
            assert reply.status == 200
            assert hashlib.sha256(reply.body).hexdigest() == digest
        lines = data.read_bytes().splitlines(keepends=True)
        data.write_bytes(b"".join(lines[: len(lines) // 2]))
        running.until(lambda: running.status()["run_id"] != first, "the new run")
        running.until_state("fresh")
        used = json.loads(running.get("/manifest.json").body)["source"]["used"]
        assert used == len(lines) // 2 - 1
        second = running.status()["run_id"]
    with started(command, tmp_path, port=int(command[3])) as again:
        assert again.get("/health").status == 200
        assert again.status()["state"] == "fresh"
        assert again.status()["run_id"] == second


@pytest.mark.slow
def test_a_folder_of_parquet_is_served_and_watched(tmp_path: Path, small_csv: Path) -> None:
    with open_calls(small_csv) as calls:
        export(calls, Order("parquet", tmp_path / "days", load_settings(), by_day=True))
        whole = calls.source.used
    days = sorted((tmp_path / "days").iterdir())
    days[-1].rename(tmp_path / "later")
    command = start(tmp_path)
    command[command.index("--data") + 1] = str(tmp_path / "days")
    with started(command, tmp_path, port=int(command[3])) as running:
        running.until(lambda: running.get("/health").status == 200, "reports")
        running.until_state("fresh")
        first = running.status()["run_id"]
        assert json.loads(running.get("/manifest.json").body)["source"]["used"] < whole
        (tmp_path / "later").rename(days[-1])
        running.until(lambda: running.status()["run_id"] != first, "the new run")
        running.until_state("fresh")
        assert json.loads(running.get("/manifest.json").body)["source"]["used"] == whole


@pytest.mark.slow
def test_c14_calls_without_one_good_row_leave_the_old_reports_and_a_banner(
    tmp_path: Path, small_csv: Path
) -> None:
    data = tmp_path / "calls.csv"
    shutil.copy(small_csv, data)
    command = start(tmp_path)
    with started(command, tmp_path, port=int(command[3])) as running:
        running.until_state("fresh")
        run = running.status()["run_id"]
        data.write_bytes(data.read_bytes().splitlines(keepends=True)[0])
        running.until_state("failed")
        assert running.status()["run_id"] == run
        assert 'id="viewer-notice"' in running.get("/").text
        assert (running.get("/health").status, running.get("/health").text) == (503, "No data")


def test_a_file_that_is_not_there_is_named_with_what_makes_it(tmp_path: Path) -> None:
    command = start(tmp_path)
    with started(command, tmp_path, port=int(command[3])) as running:
        running.until(lambda: "Press Ctrl+C" in running.said, "the last line")
        assert f"There is no file {tmp_path}/calls.csv: check its name." in running.said
        assert f"import_usage.py --out {tmp_path}/calls.csv FILE`" in running.said
        assert (running.get("/health").status, running.get("/health").text) == (503, "No data")
