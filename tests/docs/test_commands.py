"""Every command of the documentation, run as it stands in a copy of the checkout."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.checkout import ROOT, copy_checkout, give_environment
from tests.docs.pages import Block, commands
from tests.mail_sink import Sink, free_port, sinking

SETS_UP = "make "
"""Blocks that make an environment of their own are run by the test of a fresh clone."""


class Taker(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def webhook() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def mail() -> Iterator[tuple[Sink, int]]:
    with sinking() as sink_and_port:
        yield sink_and_port


@pytest.fixture(scope="module")
def checkout(small_csv: Path, small_reports: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with a small file of calls and its reports."""
    copied = copy_checkout(tmp_path_factory.mktemp("documentation") / "checkout")
    give_environment(copied)
    shutil.copy(small_csv, copied / "data" / "simulated_calls.csv")
    shutil.copytree(small_reports, copied / "reports", dirs_exist_ok=True)
    return copied


@pytest.fixture(scope="module")
def environment(checkout: Path, mail: tuple[Sink, int], webhook: str) -> dict[str, str]:
    """What a user has set: the environment is activated, the mail server and the webhook are known."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(checkout),
        "VIRTUAL_ENV": sys.prefix,
        # The environment has the real checkout installed; what runs here must use, and write to, the copy.
        "PYTHONPATH": f"{checkout / 'src'}:{checkout}",
        "NO_COLOR": "1",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mail[1]),
        "SMTP_SECURITY": "none",
        "REPORT_FROM": "reports@example.com",
        "WEBHOOK": webhook,
    }


@pytest.mark.parametrize(
    "block", [block for block in commands("runnable") if SETS_UP not in block.text], ids=str
)
def test_a_command_block_runs(block: Block, checkout: Path, environment: dict[str, str]):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        check=False, capture_output=True, text=True, cwd=checkout, env=environment, timeout=580, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, f"{block}: {done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("block", commands("serves"), ids=str)
def test_a_block_that_serves_answers_and_stops(block: Block, checkout: Path, environment: dict[str, str]):
    port = free_port()
    *lines, last = block.text.rstrip().splitlines()
    server = subprocess.Popen(
        ["bash", "-euc", "\n".join([*lines, f"exec {last}"])],
        cwd=checkout, env=environment | {"VIEWER_PORT": str(port)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert health(port) == (200, "OK")
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) == 0


def health(port: int, seconds: float = 60) -> tuple[int, str]:
    """What /health answers, as soon as somebody listens."""
    until = time.monotonic() + seconds
    while True:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
                connection.request("GET", "/health")
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def test_the_mail_of_the_documentation_arrived_with_its_pages(checkout, environment, mail):
    """Depends on no other test: sends once more."""
    sink, _ = mail
    before = len(sink.received)
    (block,) = (
        block
        for block in commands("runnable")
        if block.page == ROOT / "docs" / "operations.md" and "email_reports" in block.text
    )
    subprocess.run(
        ["bash", "-euc", block.text.rstrip() + " --again"],
        check=True,
        cwd=checkout,
        env=environment,
        timeout=300,
    )
    assert b"customer_profitability.html" in sink.received[-1][1]
    assert len(sink.received) == before + 1
