"""A stranger with the README alone: its commands, one after the other, in a fresh clone without any environment."""

import email
import email.policy
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT, copy_checkout
from tests.docs.pages import commands
from tests.mail_sink import sinking


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_readme_leads_from_a_clone_to_a_mailed_report_of_ones_own_csv(tmp_path: Path):
    clone = copy_checkout(tmp_path / "clone")
    readme = [block.text for block in commands("runnable") if block.page == ROOT / "README.md"]
    with sinking() as (sink, port):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(readme)],
            check=False, capture_output=True, text=True, cwd=clone, stdin=subprocess.DEVNULL,
            env=outside_any_environment() | {
                "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITY": "none",
                "REPORT_FROM": "reports@example.com",
            },
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    ((recipient, content),) = sink.received
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert recipient == "cfo@example.com"
    assert "3 calls of imported_calls.csv" in message.get_body(("plain",)).get_content()
    assert {part.get_filename() for part in message.iter_attachments()} == {
        "finops_understanding.html",
        "customer_profitability.html",
    }
    assert list((clone / "archives").glob("reports_*/html/index.html"))
    assert (clone / "archives" / "batch" / "imported_calls" / "html" / "index.html").exists()


def outside_any_environment() -> dict[str, str]:
    """The environment of these tests without the virtual environment that they run in."""
    inside = {str(Path(sys.executable).parent), str(Path(sys.prefix) / "bin")}
    path = [folder for folder in os.environ["PATH"].split(":") if folder not in inside]
    kept = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    return kept | {"PATH": ":".join(path)}
