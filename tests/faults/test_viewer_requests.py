"""Rows V1 to V5, V7 to V11, V21 and V22: what a request can be, and what comes back."""

import time
from collections.abc import Iterator
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.viewer.harness import Reply, Viewer, complete, parsed, read_all, viewer
from viewer.access import Access
from viewer.handler import Application
from viewer.metrics import Metrics
from viewer.program import log
from viewer.responses import plain_text

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Viewer]:
    folder = tmp_path_factory.mktemp("viewer")
    with viewer(folder) as started:
        yield started


def ask(running: Viewer, target: bytes, method: bytes = b"GET", extra: bytes = b"") -> Reply:
    """One request whose target is sent byte for byte."""
    request = (
        method + b" " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + extra + b"\r\n"
    )
    replies = parsed(running.raw(request))
    assert len(replies) == 1
    return replies[0]


@pytest.mark.parametrize(
    "target",
    [
        b"/../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd", b"/..%2f..%2fetc/passwd",
        b"/%252e%252e/etc/passwd",
        b"/..%5c..%5cetc%5cpasswd", b"//", b"//index.html", b"//evil.example/", b"/./", b"/./index.html",
        b"/index.html/", b"/INDEX.HTML", b"/Index.html", b"/json/../index.html", b"/html/index.html",
        b"/etc/passwd",
        b"/%69ndex.html", b"/\\evil.example", b"/index.html%20", b"/index.html.", b"/index.html::$DATA",
    ],
)  # fmt: skip
def test_v01_only_exact_paths_are_served(running: Viewer, target: bytes) -> None:
    reply = ask(running, target)
    assert reply.status == 404
    assert b"root:" not in reply.body
    assert "Location" not in reply.headers


@pytest.mark.parametrize(
    "target", [b"/%00", b"/index.html%00.png", b"/%0d%0aX:1", b"/%ff", b"/\xff\xfe", b"/" + b"n" * 5_000]
)
def test_v02_odd_names_are_refused_in_words(running: Viewer, target: bytes) -> None:
    reply = ask(running, target)
    assert reply.status in {400, 404}
    assert reply.body
    assert "X" not in reply.headers
    assert "Traceback" not in running.log


def test_v03_symlinks_lead_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    with viewer(tmp_path) as running:
        (running.reports / "html" / "link.html").symlink_to(secret)
        (running.reports / "html" / "passwd").symlink_to("/etc/passwd")
        (running.reports / "html" / "folder").symlink_to("/etc")
        time.sleep(0.3)  # several looks at the folder
        for path in ("/link.html", "/passwd", "/folder/passwd", "/folder/"):
            assert running.get(path).status == 404
        assert running.get("/").status == 200


def test_v03_a_page_that_became_a_symlink_is_not_followed(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        before = running.get("/index.html").body
        (tmp_path / "secret").write_text("the secret")
        (running.data).unlink()  # nothing to make a new set from
        (running.reports / "html" / "index.html").unlink()
        (running.reports / "html" / "index.html").symlink_to(tmp_path / "secret")
        time.sleep(0.5)
        shown = running.get("/index.html")
        assert shown.status == 200
        assert b"the secret" not in shown.body
        assert before.split(b"<h1>")[1] in shown.body


@pytest.mark.parametrize(
    "path",
    ["/data/calls.csv", "/calls.csv", "/.git/config", "/src/", "/viewer/serve.py", "/html/", "/json/",
     "/reports/", "/html/manifest.json", "/favicon.ico"],
)  # fmt: skip
def test_v04_nothing_but_the_reports_is_served(running: Viewer, path: str) -> None:
    reply = running.get(path)
    assert reply.status == 404
    assert b"<a " not in reply.body


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ([b"evil.example"], 421),
        ([b"evil.example:8000"], 421),
        ([b"localhost.evil.example"], 421),
        ([b"10.0.0.1"], 421),
        ([], 400),
        ([b"localhost", b"localhost"], 400),
        ([b"[::1"], 400),
        ([b""], 400),
        ([b"localhost/"], 400),
        ([b"localhost:80:80"], 400),
        ([b"user@localhost"], 400),
        ([b"LOCALHOST:8000"], 200),
        ([b"localhost."], 200),
        ([b"127.0.0.1"], 200),
        ([b"[::1]:8000"], 200),
    ],
)
def test_v05_only_its_own_host_names(running: Viewer, hosts: list[bytes], expected: int) -> None:
    lines = b"".join(b"Host: " + host + b"\r\n" for host in hosts)
    raw = running.raw(b"GET / HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n")
    reply = parsed(raw)[0]
    assert reply.status == expected
    if expected == 200:
        assert b"<h1>index</h1>" in reply.body
    else:
        assert b"<h1>" not in reply.body


def test_v05_more_names_can_be_allowed(tmp_path: Path) -> None:
    with viewer(tmp_path, "--allowed-host", "Reports.example") as running:
        assert running.get(Host="reports.example").status == 200
        assert running.get(Host="other.example").status == 421


def test_v05_health_needs_no_host(running: Viewer) -> None:
    assert parsed(running.raw(b"GET /health HTTP/1.0\r\n\r\n"))[0].text == "OK"
    assert running.get("/health", Host="evil.example").status == 200


LOADED = {"Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"}
LED = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ({}, 200),
        ({"Sec_Fetch_Site": "none", **LED}, 200),
        ({"Sec_Fetch_Site": "same-origin", **LOADED}, 200),
        ({"Sec_Fetch_Site": "same-origin", "Origin": "https://proxy.example"}, 200),
        ({"Sec_Fetch_Site": "cross-site", **LED}, 200),
        ({"Sec_Fetch_Site": "cross-site", **LOADED}, 403),
        ({"Sec_Fetch_Site": "same-site", **LOADED}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[::1"}, 403),
        ({"Host": "localhost", "Origin": "http://localhost:80"}, 200),
        ({"Host": "localhost:8000", "Origin": "http://LOCALHOST:8000"}, 200),
        ({"Referer": "https://evil.example/page"}, 200),
    ],
)  # fmt: skip
def test_v06_pages_of_other_sites_load_nothing(
    running: Viewer, sender: dict[str, str], expected: int
) -> None:
    reply = running.get("/", **sender)
    assert reply.status == expected
    assert (b"<h1>index</h1>" in reply.body) is (expected == 200)
    assert running.get("/health", **sender).status == 200


@pytest.mark.parametrize(
    ("sender", "answered"),
    [
        ({"Sec_Fetch_Site": "cross-site", **LOADED}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec_Fetch_Site": "cross-site", **LED}, 401),
        ({"Referer": "https://evil.example/"}, 401),
    ],
)
def test_v06_pages_of_other_sites_use_up_no_guesses(
    tmp_path: Path, sender: dict[str, str], answered: int
) -> None:
    with viewer(tmp_path, environment={"VIEWER_PASSWORD": "a long password"}, fresh=False) as running:
        tried = [running.get(f"/?token=wrong{count}", **sender).status for count in range(25)]
        assert tried == [answered] * 25
        assert running.get("/?token=wrong").status == 401
        assert running.get("/?token=a+long+password").status == 303


@pytest.mark.parametrize(
    "path", ["/", "/finops_understanding.html", "/manifest.json", "/health", "/status", "/none"]
)
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_v07_head_is_get_without_body(running: Viewer, path: str, coding: str) -> None:
    got, head = (running.get(path, method, Accept_Encoding=coding) for method in ("GET", "HEAD"))
    volatile = {"Date", "Last-Modified"} | ({"Content-Length"} if path == "/status" else set())
    assert head.status == got.status
    assert head.body == b""
    assert {k: v for k, v in head.headers.items() if k not in volatile} == {
        k: v for k, v in got.headers.items() if k not in volatile
    }
    assert complete(got)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"other",W/{}', "*"])
def test_v08_an_unchanged_page_is_not_sent_again(running: Viewer, form: str) -> None:
    etag = running.get("/index.html").headers["ETag"]
    reply = running.get("/index.html", If_None_Match=form.format(etag))
    assert reply.status == 304
    assert reply.body == b""
    assert reply.headers["ETag"] == etag
    assert "Content-Length" not in reply.headers


def test_v08_each_coding_has_an_etag_of_its_own(running: Viewer) -> None:
    plain = running.get("/index.html").headers["ETag"]
    packed = running.get("/index.html", Accept_Encoding="gzip").headers["ETag"]
    assert plain != packed
    assert running.get("/index.html", If_None_Match=packed).status == 200
    assert running.get("/index.html", Accept_Encoding="gzip", If_None_Match=packed).status == 304


def test_v08_dates_work_where_there_is_no_etag(running: Viewer) -> None:
    running.until(lambda: "Last-Modified" in running.get("/").headers, "a second that is over")
    modified = running.get("/").headers["Last-Modified"]
    assert running.get("/", If_Modified_Since=modified).status == 304
    assert running.get("/", If_Modified_Since=formatdate(0, usegmt=True)).status == 200
    assert running.get("/", If_Modified_Since=formatdate(time.time() + 9_000, usegmt=True)).status == 200
    assert running.get("/", If_Modified_Since="yesterday").status == 200
    assert running.get("/", If_None_Match='"other"', If_Modified_Since=modified).status == 200


def test_v08_the_etag_changes_with_the_content(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        before = running.get("/").headers["ETag"]
        running.data.write_text("second")
        running.until(lambda: b"second" in running.get("/").body, "the new page")
        assert running.get("/", If_None_Match=before).status == 200


@pytest.mark.parametrize("asked", ["bytes=0-99", "bytes=0-1,5-9", "bytes=99999999-", "bytes=-0", "lines=1-2"])
def test_v09_ranges_are_answered_whole(running: Viewer, asked: str) -> None:
    reply = running.get("/index.html", Range=asked)
    assert reply.status == 200
    assert reply.body == running.get("/index.html").body
    assert "Accept-Ranges" not in reply.headers


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"CONNECT"])
def test_v10_nothing_can_be_changed(running: Viewer, method: bytes) -> None:
    reply = ask(running, b"/", method)
    assert reply.status == 405
    assert reply.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("method", [b"BREW", b"get", b"PROPFIND"])
def test_v10_unknown_methods_are_not_implemented(running: Viewer, method: bytes) -> None:
    assert ask(running, b"/", method).status == 501


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", {431}),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: 0123456789\r\n" * 5_000 + b"\r\n", {431}),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 200 + b"\r\n", {431}),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + (b"X: " + b"x" * 900 + b"\r\n") * 90 + b"\r\n", {431}),
        (b"GET /" + b"u" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", {414}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)), {400}),
        (b"GET /\r\n", {400}),
        (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", {505}),
        (b"GET / HTTP/1.1.1\r\nHost: localhost\r\n\r\n", {400}),
        (b"GET / HTTP/\xb2.1\r\nHost: localhost\r\n\r\n", {400}),
        (b"GET / extra HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
        (b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
        (b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon in this line\r\nX: y\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length : 40\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", {400}),
        (b"   \r\n\r\n", {400}),
        (b"\x00\x00\x00\r\n\r\n", {400}),
    ],
)
def test_v11_what_is_no_request_is_answered_and_closed(
    running: Viewer, request_bytes: bytes, expected: set[int]
) -> None:
    replies = parsed(running.raw(request_bytes))
    assert {reply.status for reply in replies} == expected
    assert replies[-1].headers["Connection"] == "close"
    assert running.get("/health").text == "OK"
    assert "Traceback" not in running.log


def test_v11_an_empty_request_does_no_harm(running: Viewer) -> None:
    running.connect().close()
    assert running.get("/health").text == "OK"


def test_v11_empty_lines_before_a_request_are_allowed(running: Viewer) -> None:
    raw = running.raw(b"\r\n\r\nGET /health HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert [reply.text for reply in parsed(raw)] == ["OK"]


def test_v11_requests_in_one_packet_are_answered_in_order(running: Viewer) -> None:
    line = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    replies = parsed(running.raw(line % b"/health" * 1_500 + line % b"/" + last))
    assert [reply.status for reply in replies] == [200] * 1_501 + [404]
    assert replies[1_500].body == running.get("/").body


@pytest.mark.parametrize(
    "body",
    [b"Content-Length: 0\r\nContent-Length: 60", b"Content-Length: 60", b"Content-Length: 0, 60", b"Content-Length: +0",
     b"Transfer-Encoding: chunked", b"Content-Length: 0\r\nTransfer-Encoding: identity"],
)  # fmt: skip
def test_v11_what_follows_an_announced_body_is_no_request(running: Viewer, body: bytes) -> None:
    """Else a proxy in front and the viewer could take different bytes for the next request."""
    hidden = b"GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    replies = parsed(running.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + body + b"\r\n\r\n" + hidden))
    assert [(reply.status, reply.headers["Connection"]) for reply in replies] == [(200, "close")]


def answers(head: bytes) -> Reply:
    """What the application answers to these bytes, without a server in between."""
    found = {"/": plain_text(HTTPStatus.OK, "the page")}
    application = Application(found.get, Access(password="correct horse"), Metrics(), lambda _: None)
    (reply,) = parsed(b"".join(application.respond(head, "192.0.2.1").parts))
    return reply


KNOWN = {200, 303, 304, 400, 401, 404, 405, 414, 421, 429, 431, 501, 505}
WORDS = st.sampled_from(
    [b"GET", b"HEAD", b"POST", b" ", b"/", b"/health", b"?token=", b"HTTP/1.1", b"HTTP/1.0", b"\r\n", b"\n", b"\r", b": ",
     b"Host", b"localhost", b"[::1", b"Cookie", b"finops_viewer=", b"Authorization", b"Basic ", b"Content-Length", b"0",
     b"If-None-Match", b"If-Modified-Since", b"Accept-Encoding", b"gzip;q=", b",", b"%", b"\x00", b"\xff", b"\x85", b"\xa0"]
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=1_000, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(WORDS, max_size=40).map(b"".join)))
def test_v11_any_bytes_have_an_answer(head: bytes) -> None:
    reply = answers(head)
    assert reply.status in KNOWN
    assert b"the page" not in reply.body


@pytest.mark.slow
@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.tuples(WORDS, st.one_of(WORDS, st.binary(max_size=40))), max_size=6))
def test_v11_any_headers_have_an_answer(headers: list[tuple[bytes, bytes]]) -> None:
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    reply = answers(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n")
    assert reply.status in KNOWN
    assert b"the page" not in reply.body


def test_v11_a_failure_within_the_viewer_is_an_answer_and_a_line_in_the_log() -> None:
    said: list[str] = []

    def find(_: str) -> None:
        raise RuntimeError("broken\n\x1b[31m")

    application = Application(find, Access(), Metrics(), said.append)
    (reply,) = parsed(
        b"".join(application.respond(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "192.0.2.1").parts)
    )
    assert (reply.status, reply.headers["Connection"]) == (500, "close")
    assert len(said) == 1
    assert "broken" in said[0]
    assert said[0].isascii()
    assert said[0].isprintable()


def test_v21_log_lines_hold_no_control_characters(running: Viewer) -> None:
    running.raw(
        b"GET /\x1b[31mred\x07%0aforged\xe2\x80\xae HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    running.raw(b"G\x1b[2JET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    running.raw(b'GET /quote" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    assert all(line.isascii() and line.isprintable() for line in running.log.splitlines())
    assert "\\x1b[31mred\\x07%0aforged" in running.log
    assert "/quote\\x22" in running.log


def test_v21_reasons_of_failures_stay_on_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    log("The analyzers failed in part: \x1b[2Jdaily: 'a\nb\r\u202ec'.")
    (line,) = capfd.readouterr().err.splitlines()
    assert line.endswith("failed in part: \\x1b[2Jdaily: 'a\\nb\\r\\u202ec'.")


def test_v21_the_query_is_not_logged(running: Viewer) -> None:
    running.get("/index.html?token=open-sesame")
    assert "open-sesame" not in running.log


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 200),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: *\r\nConnection: close\r\n\r\n", 304),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
        (b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
        (b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", 505),
    ],
)
def test_v22_every_status_carries_the_security_headers(
    running: Viewer, request_bytes: bytes, expected: int
) -> None:
    reply = parsed(running.raw(request_bytes))[0]
    assert reply.status == expected
    assert_guarded(reply)


def assert_guarded(reply: Reply) -> None:
    assert {name: reply.headers.get(name) for name in SECURITY} == SECURITY
    policy = reply.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "python" not in str(reply.headers).lower()
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert reply.headers["Cache-Control"] in {"no-store", "private, no-cache"}


@pytest.mark.parametrize(
    "path", ["/health", "/status", "/metrics", "/manifest.json", "/json/data_quality.json"]
)
def test_v22_every_kind_of_answer_carries_them(running: Viewer, path: str) -> None:
    for method in ("GET", "HEAD"):
        reply = running.get(path, method)
        assert reply.status == 200
        assert_guarded(reply)


def test_v22_those_about_passwords_carry_them_too(tmp_path: Path) -> None:
    with viewer(tmp_path, environment={"VIEWER_PASSWORD": "correct horse"}, fresh=False) as guarded:
        guarded.until(lambda: guarded.get("/health").status == 200, "reports")
        replies = [guarded.get("/"), guarded.get("/?token=correct+horse")]
        replies += [guarded.get("/?token=wrong") for _ in range(21)]
        assert {reply.status for reply in replies} == {401, 303, 429}
        for reply in replies:
            assert_guarded(reply)


def test_v22_those_about_time_and_room_carry_them_too(tmp_path: Path) -> None:
    with viewer(tmp_path, calls=None, limits={"head_seconds": 0.4}) as hasty, hasty.connect() as slow:
        assert_guarded(hasty.get("/health"))
        slow.sendall(b"GET / HT")
        late = parsed(read_all(slow))[0]
    with viewer(tmp_path, calls=None, limits={"connections": 0}) as full:
        refused = full.get("/")
    assert (late.status, refused.status) == (408, 503)
    assert_guarded(late)
    assert_guarded(refused)
