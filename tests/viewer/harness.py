"""Starts real viewers on free ports and talks to them in raw bytes."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SERVE = ROOT / "viewer" / "serve.py"
QUICK = {"look": 0.05, "settle": 0.3, "first_retry": 0.3, "last_retry": 1.0}
PATIENCE_SECONDS = 120.0


@dataclass
class Reply:
    """An answer as it came."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Viewer:
    """A running viewer and its folders."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "calls.csv"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    @property
    def log(self) -> str:
        return (self.folder / "stderr").read_text()

    @property
    def said(self) -> str:
        return (self.folder / "stdout").read_text()

    @property
    def runs(self) -> list[str]:
        """One entry for each start of the analyzers: the process id."""
        journal = self.folder / "journal"
        return journal.read_text().split() if journal.exists() else []

    def get(self, path: str = "/", method: str = "GET", **headers: str) -> Reply:
        """One request on a connection of its own; header names are given with underscores."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(
                method, path, headers={key.replace("_", "-"): value for key, value in headers.items()}
            )
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)

    def raw(self, request: bytes) -> bytes:
        """Everything that comes back for these bytes until the server closes."""
        with self.connect() as sock:
            sock.sendall(request)
            return read_all(sock)

    def status(self) -> dict[str, Any]:
        return json.loads(self.get("/status").body)

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Waits until something is so."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert self.process.poll() is None, f"the viewer ended: {self.log}"
            assert time.monotonic() < deadline, f"never came: {what}; {self.log}"
            time.sleep(0.02)

    def until_state(self, state: str) -> None:
        self.until(lambda: self.status()["state"] == state, f"state {state}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


def read_all(sock: socket.socket) -> bytes:
    """What a socket still gives; a reset ends it too."""
    chunks = []
    try:
        while chunk := sock.recv(1 << 16):
            chunks.append(chunk)
    except ConnectionError:
        pass
    return b"".join(chunks)


def parsed(stream: bytes) -> list[Reply]:
    """The answers in a stream; the last one's body may be cut short, and then its length differs."""
    replies = []
    while stream:
        head, _, rest = stream.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        length = int(headers.get("Content-Length", 0))
        replies.append(Reply(int(first.split()[1]), headers, rest[:length]))
        stream = rest[length:]
    return replies


def complete(reply: Reply) -> bool:
    """Whether a body is as long as its header says."""
    return len(reply.body) == int(reply.headers["Content-Length"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def viewer(
    folder: Path,
    *arguments: str,
    calls: str | None = "first",
    schedule: dict[str, float] | None = None,
    limits: dict[str, float] | None = None,
    environment: dict[str, str] | None = None,
    fresh: bool = True,
    prefix: Sequence[str] = (),
) -> Iterator[Viewer]:
    """A viewer over `folder` with the quick analyzers, stopped at the end.

    `calls` is the content of its data file, None for no file; with `fresh` its reports are waited for.
    """
    if calls is not None:
        (folder / "calls.csv").write_text(calls)
    command = [*prefix, sys.executable, str(HERE / "serve_fake.py")]
    command += [json.dumps(QUICK | (schedule or {})), json.dumps(limits or {}), str(folder / "journal")]
    command += ["--data", str(folder / "calls.csv"), "--reports", str(folder / "reports"), *arguments]
    port = free_port()
    command += ["--port", str(port)]
    with started(command, folder, environment, port=port) as running:
        if fresh and calls is not None:
            running.until(lambda: running.get("/health").status == 200, "reports")
            running.until_state("fresh")
        yield running


@contextmanager
def started(
    command: Sequence[str], folder: Path, environment: dict[str, str] | None = None, *, port: int
) -> Iterator[Viewer]:
    """A viewer started by this command; its output goes to files in `folder`."""
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )
    running = Viewer(process, port, folder)
    try:
        running.until(lambda: _listens(port), "a socket that listens")
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(PATIENCE_SECONDS)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS).close()
    except ConnectionRefusedError:
        return False
    return True
