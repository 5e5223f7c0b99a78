"""Each printed hint goes on with what was done: the pages of an import stay those of the import."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.calls.call_files import rows, write
from tests.checkout import copy_checkout
from tests.viewer.harness import Viewer, free_port, started


class Checkout:
    """A copy whose commands are typed literally; `python3` is this Python with the copy's modules."""

    def __init__(self, folder: Path) -> None:
        self.root = copy_checkout(folder / "checkout")
        self.src = self.root / "src"
        self.reports = self.root / "reports"
        programs = folder / "bin"
        programs.mkdir()
        (programs / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (programs / "python3").chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": f"{self.src}:{self.root}",
        }

    def typed(self, command: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.src, env=self.environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == code, f"{command}: {done.stdout}{done.stderr}"
        return done

    @contextmanager
    def viewing(self, command: str) -> Iterator[Viewer]:
        port = free_port()
        shell = ["bash", "-c", f"cd {self.src} && {command.replace('&& python3', '&& exec python3')}"]
        with started(shell, self.root, {**self.environment, "VIEWER_PORT": str(port)}, port=port) as running:
            yield running

    def pages(self, reports: Path | None = None) -> tuple[str, str]:
        """The file that the pages are of, and the run that made them."""
        manifest = json.loads(((reports or self.reports) / "html" / "manifest.json").read_text())
        return manifest["source"]["path"], manifest["run_id"]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path)
    write(made.root / "data" / "simulated_calls.csv", rows(80, customer_id="simulated"))
    shutil.copy(write(tmp_path / "usage.csv", rows(60, customer_id="imported")), made.root / "usage.csv")
    return made


def hint(said: str) -> str:
    (command,) = re.findall(r"^Next: (.*)$", said, re.MULTILINE)
    return str(command)


def settled(running: Viewer) -> dict[str, str]:
    """The status after the viewer has looked a few times."""
    time.sleep(3)
    return running.status()


def test_the_pages_of_an_import_stay_those_of_the_import(checkout: Checkout) -> None:
    analyze = hint(checkout.typed("python3 import_usage.py ../usage.csv").stdout)
    assert analyze == "python3 run_all_analyzers.py --data ../data/imported_calls.csv"
    view = hint(checkout.typed(analyze).stdout)
    assert view == "cd ../viewer && python3 serve.py --data ../data/imported_calls.csv"
    made = checkout.pages()
    assert made[0] == str(checkout.root / "data" / "imported_calls.csv")
    for command in (view, "cd ../viewer && python3 serve.py"):
        with checkout.viewing(command) as running:
            assert settled(running)["state"] == "fresh"
            assert "✅ Reports are up to date" in running.said
            assert "kept fresh from data/imported_calls.csv" in running.said
            assert b"imported" in running.get("/json/customer_profitability.json").body
        assert checkout.pages() == made


def test_new_calls_of_the_import_make_its_pages_anew(checkout: Checkout) -> None:
    checkout.typed("python3 import_usage.py ../usage.csv --quiet")
    checkout.typed("python3 run_all_analyzers.py --data ../data/imported_calls.csv --quiet")
    _, run = checkout.pages()
    with checkout.viewing("cd ../viewer && python3 serve.py") as running:
        later = write(checkout.root / "later.csv", rows(5, customer_id="later"))
        later.write_text(later.read_text().replace("call_", "more_"))
        checkout.typed("python3 import_usage.py ../later.csv --quiet")
        running.until(lambda: checkout.pages()[1] != run, "another run")
        running.until_state("fresh")
    assert checkout.pages()[0] == str(checkout.root / "data" / "imported_calls.csv")
    assert "later" in (checkout.reports / "json" / "customer_profitability.json").read_text()


def test_a_file_that_is_gone_is_said_and_its_pages_are_served(checkout: Checkout) -> None:
    checkout.typed("python3 import_usage.py ../usage.csv --quiet")
    checkout.typed("python3 run_all_analyzers.py --data ../data/imported_calls.csv --quiet")
    made = checkout.pages()
    (checkout.root / "data" / "imported_calls.csv").unlink()
    with checkout.viewing("cd ../viewer && python3 serve.py") as running:
        assert settled(running)["error"] == "There are no calls: imported_calls.csv does not exist."
        assert "data/imported_calls.csv is not there any more" in running.said
        assert b"imported" in running.get("/json/customer_profitability.json").body
    assert checkout.pages() == made


def test_settings_and_another_folder_are_kept_too(checkout: Checkout, tmp_path: Path) -> None:
    settings = tmp_path / "my settings.toml"
    settings.write_text("[service_levels]\nlatency_ms = 1234\n")
    done = checkout.typed(
        f"python3 run_all_analyzers.py --data ../usage.csv --out ../other --settings '{settings}'"
    )
    view = hint(done.stdout)
    assert (
        view == f"cd ../viewer && python3 serve.py --data ../usage.csv --out ../other --settings '{settings}'"
    )
    made = checkout.pages(checkout.root / "other")
    for command in (view, "cd ../viewer && python3 serve.py --out ../other"):
        with checkout.viewing(command) as running:
            assert settled(running)["state"] == "fresh"
        assert checkout.pages(checkout.root / "other") == made
    assert not (checkout.reports / "html" / "manifest.json").exists()


def test_a_run_on_another_file_replaces_the_pages_and_says_so(checkout: Checkout) -> None:
    checkout.typed("python3 run_all_analyzers.py --data ../usage.csv --quiet")
    replaced = "🔁 The pages of usage.csv were here before; these have replaced them.\n"
    assert replaced in checkout.typed("python3 run_all_analyzers.py").stdout
    assert replaced not in checkout.typed("python3 run_all_analyzers.py").stdout
    said = checkout.typed("python3 analyzers/ubr/profitability.py --data ../usage.csv").stdout
    assert "🔁 7 of the pages are still those of data/simulated_calls.csv.\n" in said


def test_a_viewer_that_runs_follows_the_run_that_was_asked_for(checkout: Checkout) -> None:
    checkout.typed("python3 run_all_analyzers.py --quiet")
    with checkout.viewing("cd ../viewer && python3 serve.py") as running:
        running.until_state("fresh")
        checkout.typed("python3 run_all_analyzers.py --data ../usage.csv --quiet")
        made = checkout.pages()
        running.until(lambda: running.status()["run_id"] == made[1], "the pages of the other file")
        assert settled(running)["state"] == "fresh"
    assert checkout.pages() == made


def test_whole_pages_are_asked_for_with_the_same_file_and_folder(checkout: Checkout) -> None:
    checkout.typed("python3 run_all_analyzers.py --data ../usage.csv --out ../other --quiet")
    (checkout.root / "other" / "html" / "index.html").write_text("torn")
    said = checkout.typed("python3 verify_reports.py --out ../other", code=1).stderr
    assert "run `python3 run_all_analyzers.py --data ../usage.csv --out ../other` again" in said
