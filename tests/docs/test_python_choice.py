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


class TestAnEnvironmentOfAnotherPython:
    """`make setup` over a .venv that is there; nothing is installed in it (PIP=true)."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        self.set_up(tmp_path / "v")
        return tmp_path / "v"

    @staticmethod
    def set_up(folder: Path, *flags: str, packages: bool = True) -> str:
        """What it says; `packages` says that those which were not installed are there."""
        whole = ("LACKING=",) if packages else ()
        outside_make = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        return subprocess.run(
            ["make", "--no-print-directory", "setup", f"VENV={folder}", "PIP=true", f"PYTHON={sys.executable}", *whole, *flags],
            cwd=ROOT, check=True, capture_output=True, text=True, env=outside_make,
        ).stdout  # fmt: skip

    def test_one_that_is_whole_stays(self, folder: Path) -> None:
        (folder / "kept").touch()
        assert "Nothing to be done" in self.set_up(folder)
        assert (folder / "kept").exists()

    def test_one_whose_python_was_removed_is_made_anew(self, folder: Path) -> None:
        (folder / "left").touch()
        for program in (folder / "bin").glob("python*"):
            program.unlink()
            program.symlink_to(folder / "removed")
        assert "Setting up" in self.set_up(folder)
        assert not (folder / "left").exists()
        assert "Nothing to be done" in self.set_up(folder)

    def test_one_of_another_version_is_made_anew(self, folder: Path) -> None:
        """The Python of the machine became a newer one under the environment."""
        (folder / "left").touch()
        (folder / ".installed").write_text("3.10\n")
        python = folder / "bin" / "python"
        python.unlink()
        python.write_text("#!/bin/sh\necho 3.99\n")
        python.chmod(0o755)
        assert "Setting up" in self.set_up(folder)
        assert not (folder / "left").exists()
        assert (folder / ".installed").read_text() == "{}.{}\n".format(*sys.version_info)

    def test_one_that_lost_a_package_is_made_anew(self, folder: Path) -> None:
        (folder / "left").touch()
        assert "Setting up" in self.set_up(folder, packages=False)
        assert not (folder / "left").exists()

    def test_naming_a_python_of_another_version_makes_it_anew(self, folder: Path, tmp_path: Path) -> None:
        (folder / "left").touch()
        other = tmp_path / "python-other"
        other.write_text(f'#!/bin/sh\n[ "$1" = -c ] && echo 3.99 && exit\nexec {sys.executable} "$@"\n')
        other.chmod(0o755)
        assert "Setting up" in self.set_up(folder, f"PYTHON={other}")
        assert not (folder / "left").exists()

    def test_a_folder_that_is_no_environment_is_never_emptied(self, tmp_path: Path) -> None:
        (tmp_path / "mine").touch()
        self.set_up(tmp_path)
        assert (tmp_path / "mine").exists()
