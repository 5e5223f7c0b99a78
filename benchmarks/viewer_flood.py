"""How fast /health answers while a crowd does its worst: `python3 benchmarks/viewer_flood.py`.

Makes small reports and serves them by `viewer/serve.py`. First 1,400 connections of five kinds come at once: silent
ones, heads and bodies that drip, ones closed by half, and rubbish; each comes again a second after it was ended.
Then 600 connections of rubbish a second come, none of which its sender closes. All the while another process asks
for /health on a connection of its own, every 5 ms. Prints the share of the probes
within 100 ms, the median, the 99th percentile and the slowest, for each part and, for comparison, without a crowd.
Exits with 1 if less than 99 of 100 probes came within 100 ms, or if one was not answered. Everything stays on
this machine, and ends by itself.
"""

import asyncio
import contextlib
import itertools
import json
import random
import resource
import select
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PORT = 8_768
CROWD = 1_400
RUBBISH_A_SECOND = 600
PART_SECONDS = 12
QUIET_SECONDS = 3
REST_SECONDS = 1.0
HELD_SECONDS = 5.0
GOAL_SECONDS, GOAL_SHARE = 0.1, 0.99
PATIENCE_SECONDS = 120
DESCRIPTORS = 8_192
PROBE = b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
BODY = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n"
KINDS = ("idle", "slow head", "slow body", "closed by half", "rubbish")


def rubbish(luck: random.Random) -> bytes:
    """What is no request: another protocol, random bytes, a broken head."""
    return luck.choice(
        (
            b"\x16\x03\x01\x02\x00" + luck.randbytes(200),
            luck.randbytes(300),
            b"GET\r\n\r\n",
            b"EHLO a\r\n" * 9,
        )
    )


async def ended(reader: asyncio.StreamReader) -> None:
    """Until the server closes."""
    with contextlib.suppress(ConnectionError):
        while await reader.read(65_536):
            pass


async def drip(writer: asyncio.StreamWriter, begin: bytes, chunk: bytes) -> None:
    """Sends a beginning, then a chunk every half second."""
    with contextlib.suppress(ConnectionError):
        writer.write(begin)
        while not writer.is_closing():
            await asyncio.sleep(0.5)
            writer.write(chunk)
            await writer.drain()


async def visit(kind: str, luck: random.Random) -> None:
    """One connection of a kind, until the server ends it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    dripping = None
    try:
        if kind == "slow head":
            dripping = asyncio.create_task(drip(writer, HEAD, b"X-Drip: d\r\n"))
        elif kind == "slow body":
            dripping = asyncio.create_task(drip(writer, BODY, b"b" * 100))
        elif kind == "closed by half":
            writer.write(HEAD + (b"\r\n" if luck.random() < 0.5 else b""))
            writer.write_eof()
        elif kind == "rubbish":
            writer.write(rubbish(luck))
        await ended(reader)
    finally:
        if dripping:
            dripping.cancel()
        writer.close()


async def come_again(kind: str, luck: random.Random, until: float) -> None:
    """Visits of a kind, one after another."""
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            async with asyncio.timeout_at(until):
                await visit(kind, luck)
        await asyncio.sleep(REST_SECONDS)


async def crowd(seconds: float) -> None:
    """All connections of five kinds at once."""
    luck, until = random.Random(1), time.monotonic() + seconds
    kinds = itertools.islice(itertools.cycle(KINDS), CROWD)
    await asyncio.gather(*(come_again(kind, luck, until) for kind in kinds), return_exceptions=True)


async def flood(seconds: float) -> None:
    """Rubbish at a steady rate; each connection is held until the server ends it, for some seconds at most."""
    luck, began = random.Random(2), time.monotonic()
    visits: set[asyncio.Task[None]] = set()
    for number in range(int(RUBBISH_A_SECOND * seconds)):
        await asyncio.sleep(max(0.0, began + number / RUBBISH_A_SECOND - time.monotonic()))
        task = asyncio.create_task(held(luck))
        visits.add(task)
        task.add_done_callback(visits.discard)
    await asyncio.gather(*visits, return_exceptions=True)


async def held(luck: random.Random) -> None:
    """One connection of rubbish, kept open by its sender."""
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        writer.write(rubbish(luck))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HELD_SECONDS):
                await ended(reader)
                await asyncio.sleep(HELD_SECONDS)
        writer.close()


def ask(request: bytes) -> tuple[float, bool]:
    """Seconds that an answer took, and whether it was the one wanted."""
    began, reply = time.perf_counter(), b""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", PORT), timeout=10) as sock:
        sock.sendall(request)
        while chunk := sock.recv(65_536):
            reply += chunk
    return time.perf_counter() - began, reply.startswith(b"HTTP/1.1 200 ")


def probe() -> None:
    """The process that asks: goes on until its input ends, then prints what it found."""
    times, answered = [], 0
    while not select.select([sys.stdin], [], [], 0.005)[0]:
        seconds, good = ask(PROBE)
        times.append(seconds)
        answered += good
    print(json.dumps([times, answered]))


def measured(name: str, *part: str, seconds: float) -> bool:
    """Prints how the probes fared during one part; whether well enough."""
    asking = subprocess.Popen(
        [sys.executable, __file__, "probe"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    time.sleep(0.5)
    doing = subprocess.Popen([sys.executable, __file__, *part, str(seconds)]) if part else None
    time.sleep(seconds)
    times, answered = json.loads(asking.communicate("")[0])
    if doing:
        doing.wait(PATIENCE_SECONDS)
    times.sort()
    within = sum(spent <= GOAL_SECONDS for spent in times) / len(times)
    print(
        f"{name}: {answered} of {len(times)} probes answered, {within:.2%} within {GOAL_SECONDS * 1000:.0f} ms; "
        f"median {times[len(times) // 2] * 1000:.1f} ms, 99 % within {times[int(0.99 * len(times))] * 1000:.1f} ms, "
        f"slowest {times[-1] * 1000:.0f} ms",
        flush=True,
    )
    return answered == len(times) and within >= GOAL_SHARE


def wait_until_served() -> None:
    """Until the viewer has reports."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{PORT}/status") as reply:
            if json.loads(reply.read())["state"] == "fresh":
                return
        time.sleep(0.1)
    sys.exit("The viewer never came up: run viewer/serve.py by hand to see why.")


def main() -> int:
    """Serves, measures, stops."""
    with tempfile.TemporaryDirectory() as name:
        calls = Path(name) / "calls.csv"
        simulate = [sys.executable, str(ROOT / "src/simulator/core.py"), "--customers", "20", "--days", "10"]
        subprocess.run([*simulate, "--out", str(calls), "--quiet"], check=True)
        command = [sys.executable, str(ROOT / "viewer/serve.py"), "--quiet", "--port", str(PORT)]
        with (
            (Path(name) / "log").open("wb") as log,
            subprocess.Popen([*command, "--data", str(calls), "--reports", name], stderr=log) as viewer,
        ):
            try:
                wait_until_served()
                measured("without a crowd", seconds=QUIET_SECONDS)
                good = measured(f"{CROWD:,} connections of five kinds", "crowd", seconds=PART_SECONDS)
                good &= measured(f"{RUBBISH_A_SECOND} of rubbish a second", "flood", seconds=PART_SECONDS)
            finally:
                viewer.terminate()
    print(f"Goal: {GOAL_SHARE:.0%} within {GOAL_SECONDS * 1000:.0f} ms {'met' if good else 'missed'}.")
    return 0 if good else 1


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if sys.argv[1:2] == ["probe"]:
        probe()
    elif sys.argv[1:2] == ["crowd"]:
        asyncio.run(crowd(float(sys.argv[2])))
    elif sys.argv[1:2] == ["flood"]:
        asyncio.run(flood(float(sys.argv[2])))
    else:
        sys.exit(main())
