"""The GitHub workflows: what they use and allow, and the steps of the users' one, run one by one."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.checkout import ROOT, copy_checkout

WORKFLOWS = ROOT / ".github" / "workflows"
CURRENT = {"actions/checkout": "v7", "actions/setup-python": "v7", "actions/upload-artifact": "v7"}


def workflow(name: str) -> dict[str, Any]:
    return yaml.safe_load((WORKFLOWS / name).read_text(encoding="utf-8"))


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("name", ["reports.yml", "tests.yml"])
def test_a_workflow_uses_current_actions_and_may_only_read(name: str):
    used = [step["uses"].split("@") for step in steps(name) if "uses" in step]
    assert used
    assert all(CURRENT[action] == version for action, version in used)
    assert workflow(name)["permissions"] == {"contents": "read"}


def test_the_projects_own_tests_run_on_every_python_it_supports():
    job = workflow("tests.yml")["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    assert any("make test" in step.get("run", "") for step in job["steps"])


def test_nothing_else_runs_before_the_quick_tests_have_passed():
    jobs = workflow("tests.yml")["jobs"]
    assert any("make quick" in step.get("run", "") for step in jobs["quick"]["steps"])
    assert [job.get("needs") for name, job in jobs.items() if name != "quick"] == ["quick"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_steps_of_the_reports_workflow_leave_the_artifact_that_it_uploads(tmp_path: Path):
    workspace = copy_checkout(tmp_path / "workspace")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "python")], check=True)
    shown = tmp_path / "summary.md"
    environment = {
        "PATH": f"{tmp_path / 'python' / 'bin'}:{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", "/"),
        "GITHUB_STEP_SUMMARY": str(shown),
        "CI": "true",
    } | {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    uploaded = None
    for step in steps("reports.yml"):
        if "run" in step:
            run(step, workspace, environment)
        elif step["uses"].startswith("actions/upload-artifact"):
            uploaded = step["with"]
    assert uploaded is not None
    assert uploaded["if-no-files-found"] == "error"
    artifact = workspace / uploaded["path"]
    manifest = json.loads((artifact / "html" / "manifest.json").read_text(encoding="utf-8"))
    assert {page["status"] for page in manifest["pages"]} == {"ok"}
    assert (artifact / "html" / "index.html").exists()
    assert len(list((artifact / "json").glob("*.json"))) == len(manifest["pages"]) + 1
    said = shown.read_text(encoding="utf-8")
    assert re.search(r"```\nData +[\d,]+ calls", said)
    assert (artifact / "summary.txt").read_text(encoding="utf-8") in said


def run(step: dict[str, Any], workspace: Path, environment: dict[str, str]) -> None:
    """A step as a runner runs it: bash that stops at the first failure, in its working directory."""
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        check=False, capture_output=True, text=True, env=environment,
        cwd=workspace / step.get("working-directory", "."), stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, f"{step['name']}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
