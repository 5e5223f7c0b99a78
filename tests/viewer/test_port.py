"""The line PORT of viewer/serve.py can be edited; the environment and the flag go before it."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.checkout import copy_checkout
from tests.running import run_script
from tests.viewer.harness import free_port, started


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "checkout")


def edited(checkout: Path, port: int) -> dict[str, str]:
    """Edits the line as the guide says; the environment in which the copy runs with its own modules."""
    serve = checkout / "viewer" / "serve.py"
    text, times = re.subn(r"^PORT = 8000$", f"PORT = {port}", serve.read_text(), flags=re.MULTILINE)
    assert times == 1
    serve.write_text(text)
    return {"PYTHONPATH": f"{checkout / 'src'}:{checkout}"}


def test_the_edited_port_is_listened_on_and_flags_go_before_it(checkout: Path, tmp_path: Path) -> None:
    by_edit, by_variable, by_flag = (free_port() for _ in range(3))
    environment = edited(checkout, by_edit)
    command = [sys.executable, str(checkout / "viewer" / "serve.py")]
    for port, flags, variables in (
        (by_edit, [], {}),
        (by_variable, [], {"VIEWER_PORT": str(by_variable)}),
        (by_flag, ["--port", str(by_flag)], {"VIEWER_PORT": str(by_variable)}),
    ):
        with started([*command, *flags], tmp_path, {**environment, **variables}, port=port) as running:
            running.until(lambda: "Press Ctrl+C" in running.said, "the last line")
            assert f"🚀 Starting server on port {port}...\n" in running.said
            assert f"📊 Open your browser to: http://localhost:{port}\n" in running.said


def test_an_impossible_port_names_the_line(checkout: Path) -> None:
    environment = {**os.environ, **edited(checkout, 99_999)}
    done = run_script(str(checkout / "viewer" / "serve.py"), code=2, env=environment)
    assert done.stderr.startswith("❌ PORT = 99999 is not a port: give a number from 0 to 65535")
