"""Rows V12, V13, V17 and V20: slow clients, many clients, and clients that leave."""

import asyncio
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.viewer.harness import Reply, Viewer, complete, parsed, read_all, viewer

PAGE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST_PAGE = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
RESET = struct.pack("ii", 1, 0)


async def fetch_at_once(port: int, clients: int) -> list[Reply | None]:
    """The answers that so many clients get who all connect before any asks; None for a broken connection."""
    connected = asyncio.Event()
    waiting = 0

    async def one() -> Reply | None:
        nonlocal waiting
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        waiting += 1
        if waiting == clients:
            connected.set()
        await connected.wait()
        try:
            writer.write(LAST_PAGE)
            return parsed(await reader.read())[0]
        except ConnectionError:
            return None
        finally:
            writer.close()

    return await asyncio.gather(*(one() for _ in range(clients)))


def threads(running: Viewer) -> int:
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    return int(status.split("Threads:")[1].split()[0])


def test_v12_a_dripping_head_is_ended_however_short_its_pauses(tmp_path: Path) -> None:
    with viewer(tmp_path, limits={"head_seconds": 0.6}) as running, running.connect() as sock:
        sock.setblocking(False)
        sent = 0
        answered = b""
        for byte in b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Drip: " + b"d" * 160:
            sock.send(bytes([byte]))
            sent += 1
            time.sleep(0.05)
            try:
                answered = sock.recv(1 << 16)
            except BlockingIOError:
                continue
            break
        assert parsed(answered)[0].status == 408
        assert 1 < sent < 160


def test_v12_an_idle_connection_is_closed(tmp_path: Path) -> None:
    with viewer(tmp_path, limits={"head_seconds": 0.3}) as running:
        with running.connect() as silent:
            assert read_all(silent) == b""
        with running.connect() as kept:
            kept.sendall(PAGE)
            assert [reply.status for reply in parsed(read_all(kept))] == [200]


@pytest.mark.parametrize("method", [b"POST", b"GET"])
def test_v12_an_announced_body_is_not_waited_for(tmp_path: Path, method: bytes) -> None:
    with viewer(tmp_path) as running, running.connect() as sock:
        sock.sendall(
            method + b" / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n" + b"b" * 70_000
        )
        replies = parsed(read_all(sock))
        assert [(reply.status, complete(reply)) for reply in replies] == [
            (405 if method == b"POST" else 200, True)
        ]


def test_v12_a_client_that_does_not_read_is_given_up(tmp_path: Path) -> None:
    with viewer(tmp_path, limits={"send_seconds": 0.4, "send_bytes_second": 10**9}) as running:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            sock.settimeout(30)
            sock.connect(("127.0.0.1", running.port))
            sock.sendall(PAGE * 2_000)  # about 80 MB of answers
            running.until(lambda: connections(running) == 1, "the end of the slow connection")
            received = read_all(sock)
        assert len(received) < 40_000_000
        assert running.get("/health").text == "OK"


def connections(running: Viewer) -> int:
    """Open connections as the viewer counts them, the one that asks among them."""
    line = next(
        line
        for line in running.get("/metrics").text.splitlines()
        if line.startswith("finops_viewer_connections ")
    )
    return int(line.split()[1])


def test_v12_v17_health_answers_while_hundreds_of_heads_drip(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        slow = [running.connect() for _ in range(400)]
        for sock in slow:
            sock.sendall(b"GET / HTTP/1.1\r\nX-Drip: ")
        assert running.get("/health").text == "OK"
        assert complete(running.get("/"))
        for sock in slow:
            sock.sendall(b"still here\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert all(complete(parsed(read_all(sock))[0]) for sock in slow)
        for sock in slow:
            sock.close()


def test_v13_five_hundred_clients_at_once(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        before = threads(running)
        replies = asyncio.run(fetch_at_once(running.port, 500))
        assert [reply.status for reply in replies if reply] == [200] * 500
        assert all(reply and complete(reply) for reply in replies)
        assert threads(running) == before


def test_v13_half_open_connections_and_a_refresh_do_not_disturb_five_hundred_clients(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        half_open = [running.connect() for _ in range(60)]
        for sock in half_open:
            sock.sendall(b"GET / HT")
        running.data.write_text("slow 2")
        running.until_state("refreshing")
        replies = asyncio.run(fetch_at_once(running.port, 500))
        assert running.get("/health").text == "OK"
        assert running.status()["state"] == "refreshing"
        assert all(reply and reply.status == 200 and complete(reply) for reply in replies)
        for sock in half_open:
            sock.close()


def test_v13_connections_over_the_limit_are_told_to_come_back(tmp_path: Path) -> None:
    with viewer(tmp_path, limits={"connections": 20}) as running:
        running.until(lambda: connections(running) == 1, "the connections of the start to end")
        replies = asyncio.run(fetch_at_once(running.port, 60))
        statuses = [reply.status for reply in replies if reply]
        assert len(statuses) == 60
        assert set(statuses) == {200, 503}
        assert statuses.count(503) >= 40
        turned_away = next(reply for reply in replies if reply and reply.status == 503)
        assert turned_away.headers["Retry-After"]
        assert running.get("/").status == 200


def test_v13_an_idle_connection_gives_way_to_a_new_one(tmp_path: Path) -> None:
    with viewer(tmp_path, limits={"connections": 5}) as running:
        kept = [running.connect() for _ in range(5)]
        for sock in kept:
            sock.sendall(b"GET /health HTTP/1.1\r\n\r\n")
            assert b"OK" in sock.recv(4_096)
        assert running.get("/").status == 200
        for sock in kept:
            sock.close()


def test_v12_who_only_holds_a_place_gives_way(tmp_path: Path) -> None:
    """As many connections as there are places ask for nothing; whoever asks for a page still gets it."""
    limits = {"connections": 20, "welcome_seconds": 0.2, "head_seconds": 60}
    with viewer(tmp_path, limits=limits) as running:
        running.until(lambda: connections(running) == 1, "the connections of the start to end")
        holders = [running.connect() for _ in range(20)]
        for holder in holders:
            holder.sendall(b"GET / HTTP/1.1\r\nX-Drip: ")
        running.until(lambda: running.get("/").status == 200, "a place")
        assert complete(running.get("/"))
        for holder in holders:
            holder.close()


HOUR = 3_600.0
PATIENT = {"connections": 20, "turned_away": 5, "lingering": 5, "welcome_seconds": HOUR, "head_seconds": HOUR,
           "linger_seconds": HOUR}  # fmt: skip
"""A viewer of few places, whose clients lose none by waiting: only others can make them give way."""


class Crowd:
    """Connections that are kept open."""

    def __init__(self, running: Viewer, stack: ExitStack) -> None:
        self._running = running
        self._stack = stack
        self.members: list[socket.socket] = []

    def grow(self, begin: bytes, count: int = 1) -> socket.socket:
        """Opens so many more, which begin like this; returns the last."""
        new = [self._stack.enter_context(self._running.connect()) for _ in range(count)]
        for sock in new:
            with suppress(ConnectionError):  # it may have had to give way already
                sock.sendall(begin)
        self.members += new
        return new[-1]


@contextmanager
def crowded(folder: Path, **options: Any) -> Iterator[tuple[Viewer, Crowd]]:
    """A viewer without connections, and a crowd that can grow at it."""
    with viewer(folder, **options) as running, ExitStack() as stack:
        running.until(lambda: connections(running) == 1, "the connections of the start to end")
        yield running, Crowd(running, stack)


def test_v12_v17_health_answers_while_every_place_is_taken(tmp_path: Path) -> None:
    with crowded(tmp_path, limits=PATIENT) as (running, crowd):
        crowd.grow(b"GET / HTTP/1.1\r\nX-Drip: ", 60)
        for method in ("GET", "HEAD", "GET"):
            assert running.get("/health", method).status == 200
        refused = running.get("/")
        assert (refused.status, bool(refused.headers["Retry-After"])) == (503, True)
        told = [parsed(read_all(sock)) for sock in crowd.members[20:50]]
        assert [reply.status for (reply,) in told] == [503] * 30


def test_v12_who_was_answered_and_does_not_close_gives_way(tmp_path: Path) -> None:
    with crowded(tmp_path, limits=PATIENT) as (running, crowd):
        crowd.grow(b"\x16\x03\x01 no request", 100)
        assert complete(running.get("/"))
        assert running.get("/health").text == "OK"
        assert connections(running) <= 20 + 5 + 5
        answers = [parsed(read_all(sock))[0].status for sock in crowd.members]
        assert set(answers) <= {400, 503}
        assert answers.count(400) >= 20


def test_v12_v17_health_answers_when_the_system_has_no_descriptor_left(tmp_path: Path) -> None:
    few = ("sh", "-c", 'ulimit -n 64 && exec "$@"', "sh")
    limits = {**PATIENT, "connections": 1_000, "turned_away": 1_000}
    with crowded(tmp_path, limits=limits, prefix=few) as (running, crowd):
        crowd.grow(b"GET / HTTP/1.1\r\nX-Drip: ", 150)
        for _ in range(3):
            assert running.get("/health").text == "OK"
            assert complete(running.get("/"))
        assert "Traceback" not in running.log


CROWD = {
    "idle": b"",
    "slow head": b"GET / HTTP/1.1\r\nX-Drip: ",
    "slow body": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\nb",
    "closed by half": b"GET / HTTP/1.1\r\n",
    "rubbish": b"\x16\x03\x01\x02",
}
"""Five kinds of connections that ask for nothing that can be answered, by how they begin."""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_v12_v17_a_crowd_of_five_kinds_and_a_flood_of_rubbish(tmp_path: Path, seed: int) -> None:
    """The same in full, with times: `benchmarks/viewer_flood.py`."""
    luck = random.Random(seed)
    limits = {"connections": 100, "turned_away": 30, "lingering": 30, "welcome_seconds": 0.5}
    with crowded(tmp_path, limits=limits) as (running, crowd):
        kinds = list(CROWD) * 50
        luck.shuffle(kinds)
        for number, kind in enumerate(kinds):
            last = crowd.grow(CROWD[kind])
            if kind == "closed by half":
                with suppress(OSError):
                    last.shutdown(socket.SHUT_WR)
            if number % 10 == 0:
                assert running.get("/health").text == "OK"
        for number in range(300):
            crowd.grow(luck.randbytes(luck.randrange(1, 300)))
            if number % 10 == 0:
                assert running.get("/health").text == "OK"
        running.until(lambda: running.get("/").status == 200, "a place")
        assert complete(running.get("/"))
        assert "Traceback" not in running.log


def test_v13_a_client_of_very_many_requests_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    line = b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with viewer(tmp_path) as running, running.connect() as greedy, running.connect() as modest:
        greedy.sendall(line % b"greedy" * 1_500)
        modest.sendall(line % b"modest")
        modest.recv(100)
        replies = b""
        while replies.count(b"HTTP/1.1 404") < 1_500:
            replies += greedy.recv(1 << 16)
        lines = [entry for entry in running.log.splitlines() if "GET /" in entry]
        asked = [
            "greedy" if "greedy" in entry else "modest"
            for entry in lines
            if "/greedy" in entry or "/modest" in entry
        ]
        assert asked.count("greedy") == 1_500
        assert asked.index("modest") < 1_499


def test_v17_health_is_exact_and_starts_nothing(tmp_path: Path) -> None:
    with viewer(tmp_path, schedule={"look": 3_600}, fresh=False) as running:
        running.until(lambda: running.get("/health").status == 200, "reports")
        running.data.write_text("changed")
        for _ in range(20):
            reply = running.get("/health")
            assert (reply.status, reply.body) == (200, b"OK")
            assert reply.headers["Content-Type"].startswith("text/plain")
        assert len(running.runs) == 1
        assert running.get("/health", "HEAD").headers["Content-Length"] == "2"


def test_v17_health_without_data(tmp_path: Path) -> None:
    with viewer(tmp_path, calls=None) as running:
        reply = running.get("/health")
        assert (reply.status, reply.body) == (503, b"No data")
        assert reply.headers["Content-Type"].startswith("text/plain")
        assert running.get("/health", "HEAD").status == 503
        assert running.runs == []


def leave_at(port: int, moment: Callable[[socket.socket], None]) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        moment(sock)


def test_v20_a_thousand_clients_that_leave_in_the_middle(tmp_path: Path) -> None:
    def in_the_head(sock: socket.socket) -> None:
        sock.sendall(PAGE[:20])

    def before_the_answer(sock: socket.socket) -> None:
        sock.sendall(PAGE * 50)

    def in_the_body(sock: socket.socket) -> None:
        sock.sendall(PAGE * 50)
        sock.recv(100)

    with viewer(tmp_path, "--quiet") as running:
        leavers = [
            threading.Thread(target=lambda m=moment: [leave_at(running.port, m) for _ in range(334)])  # type: ignore[misc]
            for moment in (in_the_head, before_the_answer, in_the_body)
        ]
        for thread in leavers:
            thread.start()
        for thread in leavers:
            thread.join()
        assert complete(running.get("/"))
        assert "Traceback" not in running.log
        assert running.log.count("\n") <= 10
