"""What set-up leaves compiled: every module, so that no run compiles them, even where Python may write nothing."""

import os
import subprocess
import sys
import time
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from tests.checkout import copy_checkout, give_environment


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose packages are installed already."""
    made = copy_checkout(tmp_path / "clone")
    give_environment(made)
    (made / ".venv" / ".installed").write_text("{}.{}\n".format(*sys.version_info))
    return made


def set_up(clone: Path) -> str:
    """What setting up says where Python may not keep what it compiles."""
    outside_make = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "setup"], cwd=clone, check=True, capture_output=True, text=True,
        env=outside_make | {"PYTHONDONTWRITEBYTECODE": "1"},
    ).stdout  # fmt: skip


def compiled(module: Path) -> Path:
    return Path(cache_from_source(str(module)))


def test_every_module_is_compiled_once_and_again_when_it_changes(clone: Path) -> None:
    assert set_up(clone) == ""
    modules = [*(clone / "src").rglob("*.py"), *(clone / "viewer").rglob("*.py")]
    assert len(modules) > 100
    assert [module for module in modules if not compiled(module).exists()] == []
    assert "Nothing to be done" in set_up(clone)
    console = clone / "src" / "foundation" / "console.py"
    before = compiled(console).read_bytes()
    console.write_text("CHANGED = True\n")
    os.utime(console, (time.time() + 2, time.time() + 2))
    assert set_up(clone) == ""
    assert compiled(console).read_bytes() != before


def test_a_module_that_cannot_be_compiled_is_left_to_whoever_runs_it(clone: Path) -> None:
    (clone / "src" / "foundation" / "console.py").write_text("def main(:\n")
    assert set_up(clone) == ""
    assert compiled(clone / "src" / "foundation" / "outcome.py").exists()
