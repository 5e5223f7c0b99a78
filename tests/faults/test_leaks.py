"""What must not get out: data by way of temporary files, secrets by way of messages, control signs by way of names."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from calls.file.spill import PREFIX
from tests.checkout import ROOT
from tests.showcase.metering.harness import completion, connected
from tests.showcase.metering.harness import process as metering
from tests.viewer.harness import viewer
from viewer.options import parse_options

SPILL = """
import sys
from calls.engine import connect

connection = connect("40MB")
connection.execute("set threads = 1")
connection.execute("create table a as select range as n, md5(range::varchar) as t from range(1000000)")
print("spilt", flush=True)
sys.stdin.read()
"""
"""Holds more than its memory, until its input ends."""


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder for temporary files that others can read, as /tmp is."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


def spilling(shared: Path, prefix: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
    """A process that has put data on disk."""
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", SPILL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(shared)},
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == "spilt\n"
    return process


def end(process: "subprocess.Popen[str]") -> None:
    process.communicate("")
    assert process.returncode == 0


def test_what_the_engine_puts_on_disk_only_its_owner_can_reach(shared: Path) -> None:
    process = spilling(shared, prefix=("sh", "-c", 'umask 0 && exec "$@"', "sh"))
    (folder,) = shared.iterdir()
    assert folder.name.startswith(PREFIX)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sum(file.stat().st_size for file in folder.iterdir()) > 1_000_000
    end(process)
    assert list(shared.iterdir()) == []


def test_links_that_wait_for_the_engine_are_not_followed(shared: Path, tmp_path: Path) -> None:
    """Its files have names with a process id, which others can guess: here by being started by one that knows it."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    link = (
        'for name in DEFAULT S32K S64K S96K S128K S160K S192K S224K; do '
        'ln -s "$0" "$TMPDIR/duckdb_temp_$$_0_storage_$name-0.tmp"; done; exec "$@"'
    )  # fmt: skip
    end(spilling(shared, prefix=("sh", "-c", link, str(victim))))
    assert victim.read_text() == "precious"
    assert all(path.is_symlink() for path in shared.iterdir())


def test_what_a_killed_engine_left_goes_with_the_next_one(shared: Path) -> None:
    killed = spilling(shared)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    (left,) = shared.iterdir()
    alive = spilling(shared)
    assert not left.exists()
    another = spilling(shared)
    assert len(list(shared.iterdir())) == 2
    end(another)
    end(alive)
    assert list(shared.iterdir()) == []


def test_a_folder_for_temporary_files_may_have_any_name(tmp_path: Path) -> None:
    odd = tmp_path / "it's; --"
    odd.mkdir()
    end(spilling(odd))


HOSTILE = "a\x1b[31m\x07\x08\x9b2J\r\u202egnp.csv"
"""A file name that colours, rings, erases, and turns the line around."""
NAMED = [
    "src/run_all_analyzers.py --only customer_profitability --out OUT --data",
    "src/analyzers/ubr/profitability.py --out OUT --pricing",
    "src/simulator/core.py --days 3 --customers 3 --out",
    "src/import_usage.py --out OUT/imported.csv",
    "src/reprice.py --data",
    "src/export_data.py --format json --out OUT/calls.json --data",
    "src/compare_scenarios.py --out OUT --data",
    "src/reconcile.py --data",
    "src/verify_reports.py --out",
    "src/email_reports.py --to a@example.com --out",
    "src/run_all_analyzers.py --out OUT --fail-on critical --notify-file",
    "showcase/metering_server.py --port 0 --data",
    "showcase/metering_server.py --port 0 --data OUT/calls.csv --keys-file",
    "showcase/queries/cost_allocation.py --data",
    "showcase/scenarios/scenario_unprofitable_customers.py --out OUT --data",
    "viewer/serve.py --port 0 --data OUT/none.csv --reports OUT --auth-file",
    "viewer/serve.py --port 0 --reports OUT --data",
    "src/ops/daily_reports.sh --archives OUT --reports OUT/reports --data",
    "src/ops/batch_process.sh",
    "src/ops/daily_reports.sh",
    "src/ops/watch_and_process.sh",
]


@pytest.mark.parametrize("command", NAMED)
def test_control_signs_of_a_file_name_do_not_reach_the_terminal(
    command: str, tmp_path: Path, small_csv: Path
) -> None:
    """As a file that is there, in a folder of that name, and as one that is not there."""
    folder = tmp_path / HOSTILE
    folder.mkdir()
    (folder / HOSTILE).write_bytes(small_csv.read_bytes())
    (tmp_path / "out").mkdir()
    script, *words = command.replace("OUT", str(tmp_path / "out")).split()
    starts = ["bash"] if script.endswith(".sh") else [sys.executable]
    for path in (folder / HOSTILE, folder / f"not {HOSTILE}"):
        done = subprocess.run(
            ["timeout", "--signal=INT", "8", *starts, str(ROOT / script), *words, str(path)],
            check=False, capture_output=True, cwd=tmp_path, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        said = (done.stdout + done.stderr).decode()
        assert not [sign for sign in said if sign != "\n" and (sign < " " or "\x7f" <= sign < "\xa0")], said
        assert "\u202e" not in said
        assert "Traceback" not in said


BOM = "\ufeff"


def test_a_byte_order_mark_is_no_part_of_a_password(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{BOM}a long password\r\nsecond line", encoding="utf-8")
    secret.chmod(0o600)
    assert parse_options(["--auth-file", str(secret)], {}).password == "a long password"
    with viewer(tmp_path, "--auth-file", str(secret), fresh=False) as running:
        assert running.get("/?token=a+long+password").status == 303
        assert "chmod" not in running.log


def test_a_byte_order_mark_is_no_part_of_a_key(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"{BOM}hak_first\n\nhak_second\n", encoding="utf-8")
    with metering(tmp_path / "calls.csv", "--keys-file", keys) as server:
        for key in ("hak_first", "hak_second"):
            with connected(server.url, key) as client:
                assert client.post(completion())[0] == 201
