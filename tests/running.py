"""Runs the project's scripts as a user does."""

import subprocess
import sys
from pathlib import Path

SRC = Path(__file__).resolve().parents[1] / "src"


def run_script(
    name: str, *arguments: object, code: int = 0, **options: object
) -> subprocess.CompletedProcess[str]:
    """Runs a script of src/ and checks its exit code; `options` go to `subprocess.run`."""
    command = [sys.executable, str(SRC / name), *map(str, arguments)]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        **{"cwd": SRC, **options},
    )
    assert done.returncode == code, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return done
