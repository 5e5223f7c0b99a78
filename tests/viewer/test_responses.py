"""Answers made ahead: codings, conditions, and heads that any byte of a request leaves intact."""

import gzip
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.harness import parsed
from viewer.access import Access
from viewer.handler import Application, printable
from viewer.metrics import Metrics
from viewer.responses import HTML, Conditions, accepts_gzip, answer, plain_text, resource

PAGE = resource(b"<p>words</p>" * 1_000, HTML, cacheable=True)


def application(log: list[str] | None = None) -> Application:
    lines: list[str] = [] if log is None else log
    return Application({"/": PAGE}.get, Access(), Metrics(), lines.append)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", False), ("gzip", True), ("GZIP", True), ("deflate, gzip;q=0.5", True), ("gzip;q=0", False),
        ("gzip; q=0.000", False), ("br, *", True), ("*;q=0", False), ("gzip;q=0, *", False),
        ("identity", False), ("gzip;q=high", False), ("x-gzip-like", False),
    ],
)  # fmt: skip
def test_gzip_is_sent_to_who_accepts_it(header: str, expected: bool) -> None:
    assert accepts_gzip(header) is expected
    reply = parsed(b"".join(answer(PAGE, conditions=Conditions(accept_encoding=header)).parts))[0]
    assert (reply.headers.get("Content-Encoding") == "gzip") is expected
    assert (gzip.decompress(reply.body) if expected else reply.body) == b"<p>words</p>" * 1_000
    assert reply.headers["Vary"] == "Accept-Encoding"


def test_what_gzip_would_not_shrink_is_sent_plain() -> None:
    assert resource(b"OK", HTML).compressed is None


def test_what_must_not_be_kept_has_no_etag_and_is_never_unchanged() -> None:
    live = plain_text(HTTPStatus.OK, "OK")
    reply = answer(live, conditions=Conditions(if_none_match="*"))
    assert reply.status is HTTPStatus.OK
    assert b"ETag" not in reply.parts[0]
    assert b"Cache-Control: no-store" in reply.parts[0]


@given(st.binary(max_size=400))
def test_any_bytes_get_one_whole_answer(head: bytes) -> None:
    log: list[str] = []
    reply = application(log).respond(head, "127.0.0.1")
    assert reply.parts[0].startswith(b"HTTP/1.1 ")
    assert reply.parts[0].count(b"\r\n\r\n") == 1
    assert reply.parts[0].endswith(b"\r\n\r\n")
    assert all(line.isprintable() and line.isascii() for line in log)


@given(
    target=st.text(st.characters(blacklist_characters=" \r\n\t", max_codepoint=255), min_size=1),
    name=st.sampled_from(
        ["If-None-Match", "If-Modified-Since", "Accept-Encoding", "Cookie", "Content-Length"]
    ),
    value=st.text(st.characters(blacklist_characters="\r\n", max_codepoint=255)),
)
def test_any_target_and_header_get_an_answer_that_repeats_neither(target: str, name: str, value: str) -> None:
    head = f"GET /?{target} HTTP/1.1\r\nHost: localhost\r\n{name}: {value}\r\n\r\n".encode("latin-1")
    reply = application().respond(head, "127.0.0.1")
    assert reply.status in {200, 304, 400}
    assert reply.parts[0].count(b"\n") == reply.parts[0].count(b"\r\n")


@given(st.text())
def test_what_is_logged_is_printable_and_short(text: str) -> None:
    shown = printable(text)
    assert shown.isascii()
    assert not shown or shown.isprintable()
    assert len(shown) <= 200 * len("\\x10ffff") + 3
    assert '"' not in shown
