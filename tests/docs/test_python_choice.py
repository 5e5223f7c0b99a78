"""Which Python `make` sets up with: the newest, one built with optimisations before others."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.checkout import ROOT


def chosen(folder: Path, answers: Mapping[str, str], *flags: str) -> str:
    """The first line of what would be done where these programs stand on the path before all others."""
    folder.mkdir()
    for name, answer in answers.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{answer}\n")
        program.chmod(0o755)
    outside_make = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "--dry-run", "setup", f"VENV={folder}/none", *flags],
        cwd=ROOT, check=True, capture_output=True, text=True,
        env=outside_make | {"PATH": f"{folder}:{os.environ['PATH']}"},
    ).stdout.splitlines()[0]  # fmt: skip


MISSING = "exit 1"


@pytest.mark.parametrize(
    ("newer", "older", "expected"),
    [
        ("echo fast /newer", "echo fast /older", "/newer"),
        ("echo plain /newer", "echo fast /older", "/older"),
        ("echo fast /newer", "echo plain /older", "/newer"),
        (MISSING, "echo fast /older", "/older"),
        ("true  # too old", "echo fast /older", "/older"),
    ],
)
def test_the_newest_of_the_fast_ones(tmp_path: Path, newer: str, older: str, expected: str) -> None:
    answers = {"python3.14": newer, "python3.13": older}
    assert f'python="{expected}"' in chosen(tmp_path / "bin", answers)


def test_one_that_is_named_is_taken(tmp_path: Path) -> None:
    assert 'python="mine"' in chosen(tmp_path / "bin", {"python3.14": "echo fast /newer"}, "PYTHON=mine")


def test_what_is_asked_of_a_real_one(tmp_path: Path) -> None:
    """The probe is a program: this Python answers it with itself."""
    base = Path(sys.base_prefix) / "bin" / "python3"
    line = chosen(tmp_path / "bin", {"python3.14": f'exec {base} "$@"', "python3.13": "echo plain /older"})
    assert '"/older"' not in line
    assert "python3" in line
