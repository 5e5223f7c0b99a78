"""The quick start as cron runs it for a user of its own: another folder, an empty environment, no rights elsewhere."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import copy_checkout, give_environment

NOBODY = 65_534
AS_NOBODY = (
    "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env", "-i", "PATH=/usr/bin:/bin"
)  # fmt: skip
pytestmark = [
    pytest.mark.script,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user"),
]


@pytest.fixture
def clone() -> Iterator[Path]:
    """A checkout where every user can look; the folders that pytest makes are closed to others."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        checkout = copy_checkout(Path(folder) / "clone")
        give_environment(checkout)
        if said("true", code=None).returncode or said(sys.executable, "-c", "", code=None).returncode:
            pytest.skip("no setpriv here, or a Python that only root can run")
        yield checkout


def said(*command: object, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Runs a command as that user, from the root folder."""
    done = subprocess.run(
        [*AS_NOBODY, *map(str, command)],
        cwd="/", check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert code is None or done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_a_user_of_its_own_simulates_analyzes_and_archives(clone: Path) -> None:
    subprocess.run(["chown", "-R", str(NOBODY), str(clone)], check=True)
    src = clone / "src"
    said("python3", src / "simulator/core.py", "--customers", 5, "--days", 7, "--quiet")
    said("python3", src / "analyzers/ubr/profitability.py", "--quiet")
    said("bash", src / "ops/daily_reports.sh", "--data", src / "data/simulated_calls.csv")
    assert (src / "reports/html/finops_understanding.html").stat().st_uid == NOBODY
    assert list((clone / "archives").glob("reports_*/html/index.html"))


def test_a_user_without_rights_is_told_so_and_can_write_elsewhere(clone: Path, tmp_path: Path) -> None:
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
