"""The quick start as cron runs it for a user of its own: another folder, an empty environment, no rights elsewhere."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.checkout import copy_checkout, give_environment

NOBODY = 65_534
EMPTY = ("env", "-i", "PATH=/usr/bin:/bin")
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *EMPTY)
pytestmark = [pytest.mark.script, pytest.mark.slow]


@cache
def another_user() -> bool:
    """Whether this machine lets the tests be somebody else: they run as root, with a Python that all can run."""
    able = os.geteuid() == 0 and shutil.which("setpriv") is not None
    return (
        able and subprocess.run([*AS_NOBODY, sys.executable, "-c", ""], cwd="/", check=False).returncode == 0
    )


@pytest.fixture
def clone() -> Iterator[Path]:
    """A checkout where every user can look; the folders that pytest makes are closed to others."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        checkout = copy_checkout(Path(folder) / "clone")
        give_environment(checkout)
        yield checkout


def said(*command: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs a command as that user, or as this one where there is no other, from the root folder."""
    done = subprocess.run(
        [*(AS_NOBODY if another_user() else EMPTY), *map(str, command)],
        cwd="/", check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_a_user_of_its_own_simulates_analyzes_and_archives(clone: Path) -> None:
    owner = NOBODY if another_user() else os.geteuid()
    subprocess.run(["chown", "-R", str(owner), str(clone)], check=True)
    src = clone / "src"
    said("python3", src / "simulator/core.py", "--customers", 5, "--days", 7, "--quiet")
    said("python3", src / "analyzers/ubr/profitability.py", "--quiet")
    said("bash", src / "ops/daily_reports.sh", "--data", src / "data/simulated_calls.csv")
    assert (src / "reports/html/finops_understanding.html").stat().st_uid == owner
    assert list((clone / "archives").glob("reports_*/html/index.html"))


def test_a_user_without_rights_is_told_so_and_can_write_elsewhere(clone: Path, tmp_path: Path) -> None:
    if not another_user():
        return  # whoever owns the folders may write there
    src = clone / "src"
    simulate = ("python3", src / "simulator/core.py", "--customers", 5, "--days", 7, "--quiet")
    refused = said(*simulate, code=1).stderr
    assert len(refused.strip().splitlines()) == 1
    assert "Permission denied" in refused
    own = clone.parent / "own"
    own.mkdir()
    os.chown(own, NOBODY, NOBODY)
    said(*simulate, "--out", own / "calls.csv")
    said("python3", src / "run_all_analyzers.py", "--data", own / "calls.csv", "--out", own, "--quiet")
    assert (own / "html" / "index.html").exists()
