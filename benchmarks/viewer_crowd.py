"""How the viewer fares in a crowd: `python3 benchmarks/viewer_crowd.py`.

Makes small reports, serves them by `viewer/serve.py`, opens 60 connections that never finish a request, lets the
calls change so that the analyzers run, and then sends 500 clients at once, all connected before any asks. Prints
how many answers came whole, the median, 95th percentile and slowest of them, and the slowest of the probes of
/health that were sent all the while; for comparison, the slowest probe without a crowd. Exits with 1 if an answer
is missing, or if a probe took longer than 100 ms and more than 20 times the slowest one without a crowd (the
machine may be busy with other things).
"""

import asyncio
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PORT = 8_766
ADDRESS = f"http://127.0.0.1:{PORT}"
CLIENTS = 500
HALF_OPEN = 60
QUIET_SECONDS = 3
GOAL_SECONDS = 0.1
ALLOWED_RATIO = 20
PATIENCE_SECONDS = 120
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PROBE = b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"


def make_calls(target: Path, customers: int) -> None:
    """A file of calls, put in place at once."""
    staged = target.with_name("staged.csv")
    command = [sys.executable, str(ROOT / "src/simulator/core.py"), "--customers", str(customers)]
    subprocess.run([*command, "--days", "10", "--out", str(staged), "--quiet"], check=True)
    staged.replace(target)


def wait_for(state: str) -> None:
    """Until /status says so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{ADDRESS}/status") as reply:
                if f'"state": "{state}"'.encode() in reply.read():
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.05)
    sys.exit(f"The viewer never came to be {state}: run viewer/serve.py by hand to see why.")


class Probes:
    """Asks for /health again and again, in a process of its own, so that no client delays the clock."""

    def __init__(self) -> None:
        command = [sys.executable, __file__, "--probe"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def end(self) -> tuple[int, float]:
        """How many there were, and the seconds that the slowest took."""
        count, slowest = self._process.communicate("")[0].split()
        return int(count), float(slowest)


def probe() -> None:
    """The process of `Probes`: goes on until its input ends."""
    slowest, count = 0.0, 0
    while not select.select([sys.stdin], [], [], 0.005)[0]:
        began = time.perf_counter()
        with socket.create_connection(("127.0.0.1", PORT)) as sock:
            sock.sendall(PROBE)
            while sock.recv(4_096):
                pass
        slowest, count = max(slowest, time.perf_counter() - began), count + 1
    print(count, slowest)


async def answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, began: float
) -> tuple[float, bool]:
    """Seconds from the beginning to the end of an answer, and whether it is whole."""
    try:
        writer.write(REQUEST)
        reply = await reader.read()
    except ConnectionError:
        return time.perf_counter() - began, False
    finally:
        writer.close()
    head, _, body = reply.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), -1)
    return time.perf_counter() - began, b" 200 " in head and len(body) == length


async def crowd() -> list[tuple[float, bool]]:
    """The answers of all clients."""
    half_open = [await asyncio.open_connection("127.0.0.1", PORT) for _ in range(HALF_OPEN)]
    for _, writer in half_open:
        writer.write(b"GET / HT")
    connections = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", PORT) for _ in range(CLIENTS)))
    began = time.perf_counter()
    answers = await asyncio.gather(*(answer(reader, writer, began) for reader, writer in connections))
    for _, writer in half_open:
        writer.close()
    return answers


def measure(calls: Path) -> bool:
    """Prints the figures; whether they are good enough."""
    wait_for("fresh")
    probes = Probes()
    time.sleep(QUIET_SECONDS)
    _, alone = probes.end()
    make_calls(calls, customers=60)
    wait_for("refreshing")
    probes = Probes()
    answers = asyncio.run(crowd())
    count, meanwhile = probes.end()
    seconds = sorted(spent for spent, _ in answers)
    whole = sum(good for _, good in answers)
    print(
        f"{whole} of {CLIENTS} answers whole; median {statistics.median(seconds):.2f} s, "
        f"95 % within {seconds[int(0.95 * len(seconds))]:.2f} s, slowest {seconds[-1]:.2f} s"
    )
    print(
        f"/health: slowest of {count} probes {meanwhile * 1000:.0f} ms, without a crowd {alone * 1000:.0f} ms"
    )
    print(
        f"Goal: every answer {'met' if whole == CLIENTS else 'missed'}; /health within "
        f"{GOAL_SECONDS * 1000:.0f} ms {'met' if meanwhile <= GOAL_SECONDS else 'missed'}, "
        f"{meanwhile / alone:.0f} times the slowest without a crowd."
    )
    return whole == CLIENTS and meanwhile <= max(GOAL_SECONDS, ALLOWED_RATIO * alone)


def main() -> int:
    """Serves, measures, stops."""
    with tempfile.TemporaryDirectory() as name:
        calls = Path(name) / "calls.csv"
        make_calls(calls, customers=20)
        command = [sys.executable, str(ROOT / "viewer/serve.py"), "--quiet", "--port", str(PORT)]
        with subprocess.Popen([*command, "--data", str(calls), "--reports", name]) as viewer:
            try:
                good = measure(calls)
            finally:
                viewer.terminate()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(probe() if "--probe" in sys.argv else main())
