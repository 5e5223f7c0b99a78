"""A metering server as a process of its own or in this one, a client that speaks plain HTTP, and what is stored."""

import asyncio
import csv
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from foundation.host_names import HostNames
from settings.loader import load_settings
from showcase.metering.counts import Conventions
from showcase.metering.endpoint import Endpoint
from showcase.metering.intake import Intake
from showcase.metering.ledger import Ledger
from showcase.metering.line_log import LineLog
from showcase.metering.service import listening
from showcase.metering.serving import Limits, Server

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "showcase/metering_server.py"
COMPLETIONS = "/meter/v2/ai/completions"
TOOL_EVENTS = "/meter/v2/tool/events"
PRICING = load_settings().pricing


def completion(number: int = 1, **changes: object) -> dict[str, Any]:
    """The body of a completion; a change to `None` leaves the field out."""
    body: dict[str, Any] = {
        "completionStartTime": "2026-03-01T12:00:01.234Z",
        "costType": "AI",
        "inputTokenCount": 1200,
        "isStreamed": False,
        "model": "gpt-4o-mini",
        "outputTokenCount": 340,
        "provider": "OPENAI",
        "requestDuration": 1234,
        "requestTime": "2026-03-01T12:00:00.000Z",
        "responseTime": "2026-03-01T12:00:01.234Z",
        "stopReason": "END",
        "totalTokenCount": 1540,
        "transactionId": f"call-{number}",
        "subscriber": {"id": "cust_1"},
        "productName": "assistant",
        "taskType": "qa",
        "totalCost": 0.0064,
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


class Client:
    """One connection to a metering server."""

    def __init__(self, url: str, key: str = "hak_test") -> None:
        host, port = url.removeprefix("http://").split(":")
        self.connection = http.client.HTTPConnection(host, int(port), timeout=60)
        self.key = key

    def post(self, body: object, path: str = COMPLETIONS, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of a body, which is sent as JSON unless it is bytes already."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", path, data, {"x-api-key": self.key, **names})

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        text = answer.read()
        self.headers = answer.headers
        return answer.status, json.loads(text) if text else {}

    def close(self) -> None:
        self.connection.close()


@contextmanager
def connected(url: str, key: str = "hak_test") -> Iterator[Client]:
    client = Client(url, key)
    try:
        yield client
    finally:
        client.close()


def raw(url: str, data: bytes) -> bytes:
    """All that comes back for some bytes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as sock:
        sock.sendall(data)
        return b"".join(iter(lambda: sock.recv(65_536), b""))


def stored(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV, read by a reader that is not ours."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@contextmanager
def serving(
    path: Path, *, limits: Limits | None = None, keys: tuple[str, ...] = (), waiting: int = 10_000
) -> Iterator[str]:
    """A server in this process, with limits that a test can reach; yields its URL."""
    listener = listening("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with Ledger(path) as ledger:
        refused = LineLog(path.with_name(f"{path.name}.refused.jsonl"))
        intake = Intake(ledger, waiting)
        server = Server(
            listener,
            Endpoint(ledger, intake, PRICING, frozenset(keys), refused, HostNames(), Conventions()),
            limits,
        )
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),))
        thread.start()
        try:
            yield url
        finally:
            loop.call_soon_threadsafe(server.stop)
            thread.join()
            loop.close()
            intake.close()
            refused.close()
            listener.close()


class Process:
    """The script, started as a user starts it; `port` 0 takes a free one and keeps it over restarts."""

    def __init__(
        self, path: Path, *arguments: object, environment: dict[str, str] | None = None, **options: Any
    ) -> None:
        self.path, self.arguments, self.options = path, arguments, options
        self.environment = {**os.environ, **(environment or {})}
        self.port = 0
        self.start()

    def start(self) -> None:
        command = [sys.executable, SCRIPT, "--data", self.path, "--port", self.port, *self.arguments]
        self.process = subprocess.Popen(
            list(map(str, command)), stdout=subprocess.PIPE, text=True, env=self.environment, **self.options
        )
        said = self.process.stdout.readline()  # type: ignore[union-attr]
        assert said.startswith("Metering at "), said
        self.url = said.split()[2].rstrip(",")
        self.port = int(self.url.rsplit(":", 1)[1])

    def kill(self) -> None:
        """Ends the process at once, as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Asks the process to end; its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """The exit code, once the process has ended."""
        code = self.process.wait(60)
        self.process.stdout.close()  # type: ignore[union-attr]
        return code


@contextmanager
def process(path: Path, *arguments: object, **options: Any) -> Iterator[Process]:
    """A server process, which is gone afterwards."""
    started = Process(path, *arguments, **options)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.kill()
        started.wait()
