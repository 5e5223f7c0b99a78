"""HTTP/1.1 as far as a metering endpoint needs it: a request's head, read strictly, and an answer's bytes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

_REQUEST_LINE = re.compile(rb"([A-Z]{1,16}) (/[!-~]{0,2048}) HTTP/1\.([01])")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")
_ONCE = ("content-length", "x-api-key", "idempotency-key", "host")


@dataclass(frozen=True)
class Head:
    """What a request says before its body. Names of headers are in lower case; `path` has no query."""

    method: str
    path: str
    headers: Mapping[str, str]
    keep_alive: bool

    def header(self, name: str) -> str:
        """A header's value; "" where it is missing."""
        return self.headers.get(name, "")

    @property
    def content_length(self) -> int:
        """Bytes of the body; 0 where none is announced."""
        return int(self.header("content-length") or 0)


@dataclass(frozen=True)
class Reply:
    """An answer: status, a JSON object and more headers."""

    status: HTTPStatus
    payload: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self, *, close: bool) -> bytes:
        """The answer as bytes; `close` says that the connection ends with it."""
        body = json.dumps(self.payload).encode()
        lines = [
            f"HTTP/1.1 {self.status.value} {self.status.phrase}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            *(f"{name}: {value}" for name, value in self.headers.items()),
            *(["Connection: close"] if close else []),
        ]
        return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body


class Refused(Exception):
    """A request that ends its connection: what follows it cannot be read."""

    def __init__(self, status: HTTPStatus, message: str, code: str = "bad_request") -> None:
        super().__init__(message)
        self.reply = refusal(status, code, message)


def refusal(status: HTTPStatus, code: str, message: str, retry_after: int = 0) -> Reply:
    """An answer that says what is wrong: `error` for programs, `message` for people."""
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return Reply(status, {"error": code, "message": message}, headers)


def parsed_head(data: bytes) -> Head:
    """A request's head from its bytes, the empty line included.

    Raises:
        Refused: it is no HTTP/1.1, or leaves open where its body ends.
    """
    first, *lines = data.removesuffix(b"\r\n\r\n").split(b"\r\n")
    request = _REQUEST_LINE.fullmatch(first)
    if request is None:
        raise Refused(HTTPStatus.BAD_REQUEST, "this is no HTTP/1.1 request")
    headers: dict[str, str] = {}
    for line in lines:
        found = _HEADER.fullmatch(line)
        if found is None:
            raise Refused(HTTPStatus.BAD_REQUEST, "a header line is malformed")
        name, value = found[1].decode().lower(), found[2].decode("latin-1")
        if name in headers and name in _ONCE:
            raise Refused(HTTPStatus.BAD_REQUEST, f"the header {name} stands twice")
        headers[name] = value
    _check_length(request[1], headers)
    connection = headers.get("connection", "").lower()
    keep_alive = "close" not in connection and (request[3] == b"1" or "keep-alive" in connection)
    return Head(request[1].decode(), request[2].decode().partition("?")[0], headers, keep_alive)


def _check_length(method: bytes, headers: Mapping[str, str]) -> None:
    if "transfer-encoding" in headers or (method == b"POST" and "content-length" not in headers):
        raise Refused(HTTPStatus.LENGTH_REQUIRED, "a body needs a Content-Length", "length_required")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit() and len(length) <= 12):
        raise Refused(HTTPStatus.BAD_REQUEST, "Content-Length takes a whole number")
