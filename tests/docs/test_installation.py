"""What pip makes of the project: an editable install, and one sentence in place of anything else."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import copy_checkout

SENTENCE = "This project runs from its checkout: use `pip install -e .` (editable), or `make setup`."


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("installed") / "checkout")


def pip(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pip", *arguments], cwd=checkout, check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize("command", ["install", "wheel", "download"])
def test_what_is_not_editable_is_refused_in_one_sentence(checkout: Path, tmp_path: Path, command: str):
    target = {"install": "--target", "wheel": "--wheel-dir", "download": "--dest"}[command]
    done = pip(checkout, command, "--no-build-isolation", "--no-deps", target, str(tmp_path), ".")
    assert done.returncode != 0
    assert SENTENCE in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["build_wheel", "build_sdist", "get_requires_for_build_sdist"])
def test_other_builders_are_refused_too(checkout: Path, tmp_path: Path, kind: str):
    done = subprocess.run(
        [sys.executable, "-c", f"import checkout_backend; checkout_backend.{kind}({str(tmp_path)!r})"],
        cwd=checkout, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, f"{SENTENCE}\n")


def test_an_editable_install_is_made(checkout: Path, tmp_path: Path):
    program = f"import checkout_backend; print(checkout_backend.build_editable({str(tmp_path)!r}))"
    subprocess.run([sys.executable, "-c", program], cwd=checkout, check=True, capture_output=True)
    (wheel,) = tmp_path.iterdir()
    assert wheel.name.startswith("revenium_finops_showcase-")
