"""Rows V18 and V19: how the viewer ends, and what it says when it cannot start."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.viewer.harness import SERVE, Viewer, complete, free_port, parsed, read_all, viewer

PAGE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
STOPS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


def serve(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, str(SERVE), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize("number", STOPS)
def test_v18_a_signal_ends_it_with_success_and_frees_the_port(tmp_path: Path, number: int) -> None:
    with viewer(tmp_path) as running:
        kept = running.connect()
        kept.sendall(PAGE)
        kept.recv(1_000)
        assert running.stop(number) == 0
        assert "Traceback" not in running.log
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind(("127.0.0.1", running.port))
        kept.close()


@pytest.mark.parametrize("number", STOPS)
def test_v18_an_answer_under_way_is_sent_to_its_end(tmp_path: Path, number: int) -> None:
    with viewer(tmp_path) as running, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        slow.settimeout(30)
        slow.connect(("127.0.0.1", running.port))
        slow.sendall(PAGE * 500)
        first = slow.recv(1_000)
        running.process.send_signal(number)
        running.until(lambda: not listens(running.port), "the listener to close")
        replies = parsed(first + read_all(slow))
        assert running.process.wait(30) == 0
        assert 0 < len(replies) < 500
        assert all(reply.status == 200 and complete(reply) for reply in replies)


def test_v20_it_serves_on_when_nobody_reads_its_log(tmp_path: Path) -> None:
    """As under `serve.py 2>&1 | head`, whose reader has ended."""
    (tmp_path / "calls.csv").write_text("first")
    port = free_port()
    command = [sys.executable, str(SERVE), "--port", str(port), "--data", str(tmp_path / "calls.csv")]
    with subprocess.Popen(
        [*command, "--reports", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout
        while b"Ctrl+C" not in process.stdout.readline():
            assert process.poll() is None
        process.stdout.close()
        running = Viewer(process, port, tmp_path)
        assert [running.get("/none").status for _ in range(3)] == [404] * 3
        assert running.stop() == 0


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("number", STOPS)
def test_v18_a_refresh_under_way_is_stopped(tmp_path: Path, number: int) -> None:
    with viewer(tmp_path) as running:
        running.data.write_text("hang")
        running.until(lambda: len(running.runs) == 2, "the run that hangs")
        assert running.stop(number) == 0
        with pytest.raises(ProcessLookupError):
            os.kill(int(running.runs[1]), 0)


def gone(pid: int) -> bool:
    """Whether a process has ended; what nobody has waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("order", ["hang", "hang on"])
def test_v18_analyzers_end_with_a_viewer_that_is_killed(tmp_path: Path, order: str) -> None:
    """SIGKILL leaves the viewer no word; "hang on" is a command that SIGTERM does not end, with a child of its own."""
    with viewer(tmp_path) as running:
        running.data.write_text(order)
        running.until(lambda: len(running.runs) >= (2 if order == "hang" else 3), "the run that hangs")
        children = [int(pid) for pid in running.runs[1:]]
        assert not any(map(gone, children))
        running.process.kill()
        running.process.wait()
        until = time.monotonic() + 60
        while not all(map(gone, children)):
            assert time.monotonic() < until, "the analyzers live on"
            time.sleep(0.05)


def test_v18_a_viewer_under_nohup_stays_when_its_terminal_goes(tmp_path: Path) -> None:
    with viewer(tmp_path, prefix=("nohup",)) as running:
        running.process.send_signal(signal.SIGHUP)
        assert running.get("/health").text == "OK"
        assert running.get("/").status == 200


def test_v18_the_signals_are_caught_which_pid_1_needs(tmp_path: Path) -> None:
    """The kernel drops a signal to PID 1 that has no handler."""
    with viewer(tmp_path) as running:
        status = Path(f"/proc/{running.process.pid}/status").read_text()
        caught = int(status.split("SigCgt:")[1].split()[0], 16)
        assert all(caught >> (number - 1) & 1 for number in STOPS)


def can_unshare() -> bool:
    tool = shutil.which("unshare")
    return (
        bool(tool)
        and subprocess.run([tool or "", "-fp", "true"], capture_output=True, check=False).returncode == 0
    )


def test_v18_it_stops_as_pid_1(tmp_path: Path) -> None:
    """In a PID namespace where the system grants one; as an ordinary child elsewhere."""
    prefix = ("unshare", "-fp", "--kill-child") if can_unshare() else ()
    with viewer(tmp_path, prefix=prefix) as running:
        parent = running.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        os.kill(int(children[0]) if prefix else parent, signal.SIGTERM)
        assert running.process.wait(30) == 0


def test_v19_a_port_in_use_is_named_with_the_flag() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = serve("--port", str(port))
    assert ended.returncode == 2
    assert f"Port {port} is in use" in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("\n") == 1


def listening_addresses(port: int) -> list[str]:
    """The local addresses that listen on a port, as the kernel lists them (hexadecimal)."""
    lines = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()
    ]
    return [line[1].split(":")[0] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "0A"]


def test_v19_it_listens_on_this_machine_only_unless_told(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        assert listening_addresses(running.port) == ["0100007F"]


def test_v19_beyond_this_machine_it_warns(tmp_path: Path) -> None:
    with viewer(tmp_path, "--host", "0.0.0.0", "--no-auth") as running:  # noqa: S104
        assert listening_addresses(running.port) == ["00000000"]
        running.until(lambda: "no password" in running.log, "the warning")


@pytest.mark.parametrize(
    ("arguments", "environment", "named"),
    [
        (["--port", "seven"], {}, "--port seven"),
        (["--port", "70000"], {}, "--port 70000"),
        ([], {"VIEWER_PORT": "x"}, "VIEWER_PORT"),
        (["--host", "no.such.host.invalid"], {}, "--host no.such.host.invalid"),
        (["--host", "192.0.2.1"], {}, "--host 192.0.2.1"),
        (["--auth-file", "/no/such/file"], {}, "--auth-file /no/such/file"),
        (["--no-auth", "--auth-file", "x"], {}, "--no-auth"),
        (["--settings", "/no/such.toml"], {}, "/no/such.toml"),
        (["--refresh-timeout", "soon"], {}, "--refresh-timeout soon"),
        (["--sevre"], {}, "--sevre"),
        ([], {"VIEWER_PASSWORD": "short"}, "VIEWER_PASSWORD"),
    ],
)
def test_v19_misuse_is_one_sentence(arguments: list[str], environment: dict[str, str], named: str) -> None:
    port = [] if "--port" in arguments or "VIEWER_PORT" in environment else ["--port", str(free_port())]
    ended = serve(*arguments, *port, **environment)
    assert ended.returncode == 2
    assert named in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""
