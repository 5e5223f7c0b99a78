"""The metering server under clients that are hostile, slow, many, or send the same thing twice."""

import io
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from calls.file.journal import note
from calls.file.locking import exclusive
from calls.writing.store import append_rows
from foundation.outcome import UsageError
from showcase.metering.keys import Keys
from showcase.metering.line_log import LineLog
from showcase.metering.serving import Limits
from showcase.metering.submission import Kind, Submission
from tests.showcase.metering.harness import (
    COMPLETIONS,
    SCRIPT,
    TOOL_EVENTS,
    completion,
    connected,
    process,
    raw,
    serving,
    stored,
)

EVENT = {"transactionId": "t-1", "toolId": "crm", "operation": "lookup", "durationMs": 12, "success": True}


def ids(path):
    return [row["call_id"] for row in stored(path)]


def head(body: bytes, *, path: str = COMPLETIONS, extra: str = "") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode()


def test_a_page_in_a_browser_cannot_meter_calls(tmp_path):
    path = tmp_path / "calls.csv"
    with serving(path) as url, connected(url) as client:
        for where, body in ((COMPLETIONS, completion()), (TOOL_EVENTS, EVENT)):
            for origin in ("http://evil.example", "null", url):
                status, answer = client.post(body, where, Origin=origin, Content_Type="text/plain")
                assert (status, answer["error"]) == (403, "from_a_page")
        assert client.post(completion(2))[0] == 201
    assert ids(path) == ["call-2"]


@pytest.mark.parametrize("asked", [f"POST {COMPLETIONS}", "GET /health", "GET /"])
@pytest.mark.parametrize(
    ("named", "known"),
    [("evil.example", False), ("evil.example:8100", False), ("10.0.0.7", False), ("a b", False), ("", False),
     ("localhost", True), ("127.0.0.1:8100", True), ("[::1]:8100", True)],
)  # fmt: skip
def test_a_name_that_was_made_to_point_here_is_not_answered(tmp_path, asked, named, known):
    body = json.dumps(completion()).encode() if asked.startswith("POST") else b""
    request = f"{asked} HTTP/1.1\r\nHost: {named}\r\nx-api-key: hak_1\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    with serving(tmp_path / "calls.csv") as url:
        answer = raw(url, request.encode() + body)
    assert (b" 421 " in answer.partition(b"\r\n")[0]) is not known
    assert (b"--allowed-host" in answer) is not known
    assert (tmp_path / "calls.csv").exists() == (known and bool(body))


def test_another_name_is_answered_where_its_user_allows_it(tmp_path):
    flags = ("--allowed-host", "Metering.internal")
    with process(tmp_path / "calls.csv", *flags) as server:
        for named, status in (("metering.internal:80", b"200"), ("other.internal", b"421")):
            request = f"GET /health HTTP/1.1\r\nHost: {named}\r\nConnection: close\r\n\r\n"
            assert raw(server.url, request.encode()).split()[1] == status


def test_a_probe_that_names_no_host_is_answered(tmp_path):
    with serving(tmp_path / "calls.csv") as url:
        assert raw(url, b"GET /health HTTP/1.0\r\n\r\n").split()[1] == b"200"


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_what_is_no_file_in_the_place_of_a_log_is_refused_and_stays(tmp_path, kind):
    treasure, place = tmp_path / "treasure", tmp_path / "calls.csv.tool_events.jsonl"
    treasure.write_text("mine, without a line end")
    {"link": lambda: place.symlink_to(treasure), "fifo": lambda: os.mkfifo(place), "folder": place.mkdir}[
        kind
    ]()
    with pytest.raises(UsageError, match="is not a regular file"):
        LineLog(place)
    assert treasure.read_text() == "mine, without a line end"


# What is taken, and once.


def test_a_completion_is_in_the_file_when_it_is_acknowledged(tmp_path):
    path = tmp_path / "calls.csv"
    with serving(path) as url, connected(url) as client:
        assert client.post(completion()) == (201, {"id": "call-1", "resourceType": "call", "label": "stored"})
        (row,) = stored(path)
    assert (row["call_id"], row["customer_id"], row["product_id"], row["task_type"]) == (
        "call-1", "cust_1", "assistant", "qa",
    )  # fmt: skip
    assert Decimal(row["cost_usd"]) == Decimal("0.0064")


def test_the_same_call_sent_again_is_acknowledged_and_stored_once(tmp_path):
    path = tmp_path / "calls.csv"
    with serving(path) as url, connected(url) as client:
        assert client.post(completion())[1]["label"] == "stored"
        assert client.post(completion())[1]["label"] == "repeated"
        assert client.post(completion(), Idempotency_Key="k")[1]["label"] == "repeated"
    assert ids(path) == ["call-1"]


def test_a_transaction_id_with_other_content_is_refused_not_swallowed(tmp_path):
    path = tmp_path / "calls.csv"
    with serving(path) as url, connected(url) as client:
        client.post(completion())
        status, answer = client.post(completion(outputTokenCount=341))
    assert (status, answer["error"]) == (409, "transaction_id_mismatch")
    assert ids(path) == ["call-1"]


def test_an_idempotency_key_stands_for_one_body(tmp_path):
    path = tmp_path / "calls.csv"
    with serving(path) as url, connected(url) as client:
        assert client.post(completion(1), Idempotency_Key="order 17")[0] == 201
        assert client.post(completion(1), Idempotency_Key="order 17")[1]["label"] == "repeated"
        status, answer = client.post(completion(2), Idempotency_Key="order 17")
        assert (status, answer["error"]) == (409, "idempotency_key_mismatch")
        assert client.post(EVENT, TOOL_EVENTS, Idempotency_Key="order 17")[0] == 409
        assert client.post(completion(2), Idempotency_Key="order 18")[0] == 201
    assert ids(path) == ["call-1", "call-2"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "Schlüssel"], ids=["empty", "256", "tab", "umlaut"])
def test_a_malformed_key_is_refused(tmp_path, key):
    with serving(tmp_path / "calls.csv") as url, connected(url) as client:
        assert client.post(completion(), Idempotency_Key=key)[1]["error"] == "invalid_idempotency_key"
        assert client.post(completion(), Idempotency_Key="x" * 255)[0] == 201


def test_keys_and_calls_are_known_again_after_a_kill(tmp_path):
    path = tmp_path / "calls.csv"
    with process(path) as server:
        with connected(server.url) as client:
            assert client.post(completion(1), Idempotency_Key="k1")[0] == 201
            assert client.post(completion(2))[0] == 201
            assert client.post(EVENT, TOOL_EVENTS, Idempotency_Key="e1")[0] == 201
        server.kill()
        server.start()
        with connected(server.url) as client:
            assert client.post(completion(1), Idempotency_Key="k1")[1]["label"] == "repeated"
            assert client.post(completion(3), Idempotency_Key="k1")[1]["error"] == "idempotency_key_mismatch"
            assert client.post(completion(2))[1]["label"] == "repeated"
            assert client.post(completion(2, inputTokenCount=7))[1]["error"] == "transaction_id_mismatch"
            assert client.post(EVENT, TOOL_EVENTS, Idempotency_Key="e1")[1]["label"] == "repeated"
            assert client.post(EVENT, TOOL_EVENTS)[1]["label"] == "repeated"
    assert ids(path) == ["call-1", "call-2"]


def test_a_key_whose_call_was_never_stored_says_nothing(tmp_path):
    path = tmp_path / "calls.csv"
    log = LineLog(tmp_path / "calls.csv.keys.jsonl")
    log.append([json.dumps(["k1", "call", "call-1", "digest of a body that was never stored"]).encode()])
    log.close()
    with serving(path) as url, connected(url) as client:
        assert client.post(completion(1), Idempotency_Key="k1")[1]["label"] == "stored"
    assert ids(path) == ["call-1"]


def test_rows_of_an_append_that_died_are_not_taken_for_stored(tmp_path):
    path = tmp_path / "calls.csv"
    with serving(path) as url, connected(url) as client:
        client.post(completion(1))
        before = path.stat()
        client.post(completion(2))
    second = io.BytesIO(path.read_bytes()[before.st_size :])
    note(
        path, before, second, b"\n"
    )  # as if the writer had died before it could say that the second row is whole
    with serving(path) as url, connected(url) as client:
        assert client.post(completion(2))[1]["label"] == "stored"
    assert ids(path) == ["call-1", "call-2"]


def test_a_hundred_clients_with_the_same_call_and_a_hundred_with_their_own(tmp_path):
    path = tmp_path / "calls.csv"

    def send(number: int) -> list[str]:
        with connected(url) as client:
            answers = [client.post(completion(0), Idempotency_Key="same"), client.post(completion(number))]
        assert [status for status, _ in answers] == [201, 201], answers
        return [answer["label"] for _, answer in answers]

    with serving(path) as url, ThreadPoolExecutor(100) as pool:
        labels = list(pool.map(send, range(1, 101)))
    assert sorted(first for first, _ in labels) == ["repeated"] * 99 + ["stored"]
    assert [second for _, second in labels] == ["stored"] * 100
    assert sorted(ids(path)) == sorted(f"call-{number}" for number in range(101))


def test_other_programs_may_append_to_the_same_file(tmp_path):
    path = tmp_path / "calls.csv"
    other = {
        "timestamp": "2026-03-01T00:00:00Z",
        "call_id": "theirs",
        "input_tokens": "1",
        "output_tokens": "1",
    }
    append_rows(path, [other])
    with serving(path) as url, connected(url) as client:
        client.post(completion(1))
        append_rows(path, [other | {"call_id": "theirs too"}])
        client.post(completion(2))
    assert ids(path) == ["theirs", "call-1", "theirs too", "call-2"]


def test_tool_events_are_kept_beside_the_calls(tmp_path):
    path = tmp_path / "calls.csv"
    with serving(path) as url, connected(url) as client:
        assert client.post(EVENT, TOOL_EVENTS)[0] == 201
        assert client.post(EVENT | {"durationMs": 13}, TOOL_EVENTS)[1]["label"] == "stored"
        assert client.post(EVENT | {"success": "yes"}, TOOL_EVENTS)[0] == 400
        assert client.post({"transactionId": "t"}, TOOL_EVENTS)[1]["message"] == "toolId is missing"
        assert client.request("GET", "/health")[1]["tool_events"] == 2
    lines = (tmp_path / "calls.csv.tool_events.jsonl").read_text().splitlines()
    assert [json.loads(line)["durationMs"] for line in lines] == [12, 13]
    assert not path.exists()


def test_a_torn_line_of_a_log_was_never_acknowledged_and_goes(tmp_path):
    log_path = tmp_path / "log"
    log_path.write_bytes(b'{"whole": 1}\n{"torn')
    log = LineLog(log_path)
    log.append([b'{"next": 2}'])
    log.close()
    assert log_path.read_bytes() == b'{"whole": 1}\n{"next": 2}\n'


def test_the_newest_keys_are_remembered_and_the_file_stays_bounded(tmp_path):
    def entry(number: int) -> Submission:
        return Submission(Kind.CALL, f"call-{number}", "", f"body {number}", f"key-{number}")

    keys = Keys(tmp_path / "keys", remembered=3)
    for number in range(20):
        keys.note([entry(number)])
        assert len((tmp_path / "keys").read_bytes().splitlines()) <= 7
    keys.close()
    again = Keys(tmp_path / "keys", remembered=3)
    assert [number for number in range(20) if again.use(f"key-{number}")] == [17, 18, 19]
    again.close()


def test_a_line_of_the_keys_that_is_none_is_passed_over(tmp_path):
    (tmp_path / "keys").write_text(
        '{"no": "key"}\n["k", "unknown kind", "id", "body"]\n\n["k1", "call", "c1", "b1"]\n'
    )
    keys = Keys(tmp_path / "keys")
    assert keys.use("k") is None
    assert keys.use("k1").id == "c1"
    keys.close()


# What is refused.


def test_refused_bodies_are_kept_aside_with_the_reason(tmp_path):
    path = tmp_path / "calls.csv"
    with serving(path) as url, connected(url) as client:
        for body, field in [
            (completion(inputTokenCount=-5), "inputTokenCount"),
            (b"{", "JSON"),
            (b"\xff\xfe", "JSON"),
        ]:
            status, answer = client.post(body)
            assert (status, answer["error"]) == (400, "bad_body")
            assert field in answer["message"]
        assert client.post(completion(2))[0] == 201
        assert client.request("GET", "/health")[1]["answers"] == {"201": 1, "400": 3}
    lines = [json.loads(line) for line in (tmp_path / "calls.csv.refused.jsonl").read_text().splitlines()]
    assert json.loads(lines[0]["body"])["inputTokenCount"] == -5
    assert "inputTokenCount" in lines[0]["reason"]
    assert len(lines) == 3
    assert ids(path) == ["call-2"]


def test_a_body_may_have_its_limit_and_not_a_byte_more(tmp_path):
    limits = Limits(body_bytes=2_000)
    with serving(tmp_path / "calls.csv", limits=limits) as url:
        body = json.dumps(completion()).encode()
        with connected(url) as client:
            assert client.post(body.ljust(2_000))[0] == 201
            assert client.post(body.ljust(2_001))[1]["error"] == "body_too_large"
        huge = raw(
            url, head(b"").replace(b"Content-Length: 0", b"Content-Length: 999999999999") + b"x" * 300_000
        )
        assert huge.startswith(b"HTTP/1.1 413 ")


def test_only_known_keys_are_let_in(tmp_path):
    (tmp_path / "keys").write_text("hak_one\n\n hak_two \n")
    with process(tmp_path / "calls.csv", "--keys-file", tmp_path / "keys") as server:
        for key, status in [
            ("hak_one", 201),
            ("hak_two", 201),
            ("hak_three", 401),
            ("", 401),
            ("hak_one,hak_two", 401),
        ]:
            with connected(server.url, key) as client:
                assert client.post(completion())[0] == status
        with connected(server.url) as client:
            assert client.request("GET", "/health")[0] == 200
    with process(tmp_path / "calls.csv", environment={"METERING_API_KEYS": "hak_a,hak_b"}) as server:
        with connected(server.url, "hak_b") as client:
            assert client.post(completion())[0] == 201
        with connected(server.url, "hak_one") as client:
            assert client.post(completion())[0] == 401


BODY = json.dumps(completion()).encode()
RAW = {
    "no HTTP": (b"hello\r\n\r\n", b"400"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\n", b"400"),
    "no length": (f"POST {COMPLETIONS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), b"411"),
    "chunked": (
        f"POST {COMPLETIONS} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode(),
        b"411",
    ),
    "two lengths": (head(BODY, extra="Content-Length: 5\r\n") + BODY, b"400"),
    "negative length": (head(b"").replace(b": 0", b": -1"), b"400"),
    "length of digits that are none": (head(b"").replace(b": 0", ": ²".encode()), b"400"),
    "two keys": (head(BODY, extra="Idempotency-Key: a\r\nIdempotency-Key: b\r\n") + BODY, b"400"),
    "folded header": (b"GET /health HTTP/1.1\r\nA: b\r\n c\r\n\r\n", b"400"),
    "blank before the colon": (head(BODY).replace(b"Content-Length:", b"Content-Length :") + BODY, b"400"),
    "head too long": (b"GET /health HTTP/1.1\r\n" + b"A: " + b"x" * 40_000 + b"\r\n\r\n", b"431"),
    "head without end": (b"GET /health HTTP/1.1\r\n" + b"A: b\r\n" * 20_000, b"431"),
    "path": (b"GET /../etc/passwd HTTP/1.1\r\nConnection: close\r\n\r\n", b"404"),
    "method": (f"PUT {COMPLETIONS} HTTP/1.1\r\nConnection: close\r\n\r\n".encode(), b"405"),
    "health by POST": (head(b"", path="/health", extra="Connection: close\r\n"), b"405"),
    "HTTP/1.0": (b"GET /health HTTP/1.0\r\n\r\n", b"200"),
    "query": (b"GET /health?x HTTP/1.1\r\nConnection: close\r\n\r\n", b"200"),
}


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    path = tmp_path_factory.mktemp("metering") / "calls.csv"
    with serving(path) as url:
        yield url
    assert not path.exists()


@pytest.mark.parametrize(("data", "status"), RAW.values(), ids=RAW)
def test_what_is_not_understood_is_answered_and_nothing_is_stored(shared_server, data, status):
    assert raw(shared_server, data).startswith(b"HTTP/1.1 " + status + b" ")
    with connected(shared_server) as client:
        assert client.request("GET", "/health")[1]["status"] == "ok"


def test_health_by_head_has_no_body(shared_server):
    answer = raw(shared_server, b"HEAD /health HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n")


def test_requests_may_follow_each_other_without_waiting_and_expect_a_go_ahead(tmp_path):
    path = tmp_path / "calls.csv"
    second = json.dumps(completion(2)).encode()
    with serving(path) as url:
        answer = raw(url, head(BODY) + BODY + head(second, extra="Connection: close\r\n") + second)
        assert answer.count(b"HTTP/1.1 201 ") == 2
        third = json.dumps(completion(3)).encode()
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as sock:
            sock.sendall(head(third, extra="Expect: 100-continue\r\nConnection: close\r\n"))
            assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            sock.sendall(third)
            assert sock.recv(100).startswith(b"HTTP/1.1 201 ")
    assert ids(path) == ["call-1", "call-2", "call-3"]


# Slow and many.


def test_slow_clients_are_ended_and_keep_nobody_waiting(tmp_path):
    limits = Limits(head_seconds=0.4, body_seconds=0.4, idle_seconds=0.4, linger_seconds=0.1)
    with serving(tmp_path / "calls.csv", limits=limits) as url:
        host, port = url.removeprefix("http://").split(":")
        slow = [socket.create_connection((host, int(port)), timeout=60) for _ in range(3)]
        slow[0].sendall(b"POST /meter")
        slow[1].sendall(head(BODY) + BODY[:10])
        with connected(url) as client:
            assert client.post(completion(2))[0] == 201
        answers = [b"".join(iter(lambda sock=sock: sock.recv(65_536), b"")) for sock in slow]
        for sock in slow:
            sock.close()
    assert answers[0].startswith(b"HTTP/1.1 408 ")
    assert answers[1].startswith(b"HTTP/1.1 408 ")
    assert answers[2] == b""
    assert ids(tmp_path / "calls.csv") == ["call-2"]


def test_connections_are_bounded_and_who_comes_while_all_are_at_work_is_told_to_come_again(tmp_path):
    with serving(tmp_path / "calls.csv", limits=Limits(connections=2, linger_seconds=0.1)) as url:
        host, port = url.removeprefix("http://").split(":")
        busy = [socket.create_connection((host, int(port)), timeout=60) for _ in range(2)]
        for sock in busy:
            sock.sendall(head(BODY, extra="Expect: 100-continue\r\n") + BODY[:10])
            assert sock.recv(65_536).startswith(b"HTTP/1.1 100 ")
        with connected(url) as third:
            status, answer = third.request("GET", "/health")
            assert (status, answer["error"], third.headers["Retry-After"]) == (503, "busy", "1")
        for sock in busy:
            sock.sendall(BODY[10:])
            assert sock.recv(65_536).startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 201 "))
            sock.close()


def test_a_newcomer_takes_the_place_of_who_has_been_silent_longest(tmp_path):
    with serving(tmp_path / "calls.csv", limits=Limits(connections=3)) as url:
        host, port = url.removeprefix("http://").split(":")
        silent = [socket.create_connection((host, int(port)), timeout=60) for _ in range(20)]
        with connected(url) as client:
            assert client.post(completion(2))[0] == 201
        ended = [sock.recv(1) == b"" for sock in silent[:17]]
        for sock in silent:
            sock.close()
    assert all(ended)
    assert ids(tmp_path / "calls.csv") == ["call-2"]


def test_bodies_under_way_are_bounded(tmp_path):
    with serving(
        tmp_path / "calls.csv", limits=Limits(bodies_bytes=2 * len(BODY) - 1, linger_seconds=0.1)
    ) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as sock:
            sock.sendall(head(BODY, extra="Connection: close\r\nExpect: 100-continue\r\n"))
            assert b"100 Continue" in sock.recv(100)
            with connected(url) as client:
                assert client.post(BODY)[1]["error"] == "busy"
            sock.sendall(BODY)
            assert sock.recv(100).startswith(b"HTTP/1.1 201 ")
        with connected(url) as client:
            assert client.post(BODY)[1]["label"] == "repeated"


def test_back_pressure_begins_when_too_many_wait_and_nothing_that_waited_is_lost(tmp_path):
    path = tmp_path / "calls.csv"
    with serving(path, waiting=4) as url, ThreadPoolExecutor(20) as pool:

        def send(number: int) -> int:
            with connected(url) as client:
                return client.post(completion(number))[0]

        with exclusive(path):  # while another program writes, nothing can be stored
            answers = [pool.submit(send, number) for number in range(20)]
            busy = threading.Event()
            while sum(answer.done() for answer in answers) < 20 - 4 - 4:
                busy.wait(0.01)
            assert {answer.result() for answer in answers if answer.done()} == {503}
        statuses = [answer.result() for answer in answers]
        assert statuses.count(201) >= 4
        with connected(url) as client:
            assert client.request("GET", "/health")[1]["waiting"] == 0
    assert sorted(ids(path)) == sorted(f"call-{n}" for n, status in enumerate(statuses) if status == 201)


def test_a_client_that_hangs_up_stops_nobody(tmp_path):
    path = tmp_path / "calls.csv"
    with serving(path) as url:
        host, port = url.removeprefix("http://").split(":")
        with exclusive(path):
            for _ in range(20):
                with socket.create_connection((host, int(port)), timeout=60) as sock:
                    sock.sendall(head(BODY) + BODY)
        with connected(url) as client:
            assert client.post(completion(2))[0] == 201
    assert set(ids(path)) <= {"call-1", "call-2"}


# Ends.


def test_a_full_disk_is_said_and_heals(tmp_path):
    path = tmp_path / "calls.csv"

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, resource.RLIM_INFINITY))

    with process(path, preexec_fn=small_files) as server, connected(server.url) as client:
        answers = [client.post(completion(number)) for number in range(40)]
        taken = [f"call-{number}" for number, (status, _) in enumerate(answers) if status == 201]
        assert 0 < len(taken) < 40
        assert {status for status, _ in answers} == {201, 503}
        assert client.headers["Retry-After"] == "5"
        assert answers[-1][1]["error"] == "not_stored"
        status, health = client.request("GET", "/health")
        assert (status, health["status"], health["calls"]) == (503, "failing", len(taken))
        assert ids(path) == taken
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        assert client.post(completion(99))[0] == 201
        assert client.request("GET", "/health")[0] == 200
    assert ids(path) == [*taken, "call-99"]


def test_sigterm_lets_the_request_under_way_end_and_closes_idle_connections(tmp_path):
    path = tmp_path / "calls.csv"
    with process(path) as server, connected(server.url) as idle:
        assert idle.request("GET", "/health")[0] == 200
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as sock:
            sock.sendall(head(BODY, extra="Expect: 100-continue\r\n"))
            assert b"100 Continue" in sock.recv(100)
            server.process.send_signal(signal.SIGTERM)
            assert idle.connection.sock.recv(1) == b""  # the server has begun to end
            sock.sendall(BODY)
            answer = b"".join(iter(lambda: sock.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 201 ")
        assert b"Connection: close" in answer
        assert server.wait() == 0
    assert ids(path) == ["call-1"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--host", "0.0.0.0"], 2, "a key is needed"),  # noqa: S104
        (["--keys-file", "EMPTY"], 2, "write one key a line"),
        (["--keys-file", "nowhere"], 2, "--keys-file nowhere does not exist"),
        (["--port", "70000"], 2, "--port"),
        (["--port", "TAKEN"], 2, "name another"),
        (["--data", "OTHER"], 3, "missing from the header"),
        (["--data", "USED"], 2, "Another metering server"),
        (["--data", "nowhere/calls.csv"], 2, "is not a folder"),
    ],
)
def test_misuse_is_one_sentence(tmp_path, arguments, code, message):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with serving(tmp_path / "used.csv") as url:
        names = {
            "EMPTY": tmp_path / "empty", "TAKEN": url.rsplit(":", 1)[1], "OTHER": tmp_path / "other.csv",
            "USED": tmp_path / "used.csv",
        }  # fmt: skip
        command = [
            sys.executable,
            SCRIPT,
            "--data",
            tmp_path / "new.csv",
            "--port",
            0,
            *(names.get(a, a) for a in arguments),
        ]
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("path", [COMPLETIONS, TOOL_EVENTS])
def test_a_body_nested_too_deep_is_answered_and_the_connection_goes_on(tmp_path, path):
    with serving(tmp_path / "calls.csv") as url, connected(url) as client:
        for number, depth in enumerate([100, *range(300, 1_200, 20), 5_000]):
            body = json.dumps(completion(number) | {"toolId": "t", "eventId": f"e{number}"})
            nested = body[:-1] + ', "extra": ' + '{"a": [' * (depth // 2) + "1" + "]}" * (depth // 2) + "}"
            status, answer = client.post(nested.encode(), path)
            assert status in {201, 400}, (depth, answer)
            if depth == 5_000:
                assert status == 400
        assert client.post(completion(9_999))[0] == 201
