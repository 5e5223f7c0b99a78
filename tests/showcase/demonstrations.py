"""Runs a script of the showcase as a reader does, from its own folder, where nothing may leave the machine."""

import os
import subprocess
import sys
from pathlib import Path

SHOWCASE = Path(__file__).resolve().parents[2] / "showcase"
GUARD = Path(__file__).parent / "guard"


def demonstrated(
    script: str, *arguments: object, code: int = 0, blocked: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """What a script of the showcase says; `blocked` packages cannot be imported, `environment` is added.

    No key and no address of a metering service are in the environment unless given.
    """
    path = SHOWCASE / script
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("REVENIUM_")}
    done = subprocess.run(
        [sys.executable, path.name, *map(str, arguments)],
        cwd=path.parent,
        env={**inherited, "PYTHONPATH": str(GUARD), "GUARD_BLOCKED": blocked, **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=300,
    )
    assert done.returncode == code, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return done
