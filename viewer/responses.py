"""What goes over the wire: answers made ahead as bytes, and which of them a request gets."""

import gzip
import hashlib
import time
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus

HTML = "text/html; charset=utf-8"
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"

NOTHING_ALLOWED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of an answer that is no page: it loads and runs nothing."""

_SECURITY = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
_SERVER = "finops-viewer"
_WORTH_COMPRESSING = 512

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Variant:
    """One representation of a resource: plain or compressed, with the headers that belong to it alone."""

    body: bytes
    etag: str
    headers: bytes
    unchanged_headers: bytes
    """The headers of a 304 about it."""


@dataclass(frozen=True)
class Resource:
    """An answer made ahead. `since` is when it became what it is, in seconds of the epoch."""

    status: HTTPStatus
    plain: Variant
    compressed: Variant | None
    since: float
    cacheable: bool


@dataclass(frozen=True)
class Conditions:
    """What a request says about what it accepts and already has; an absent header is ''."""

    accept_encoding: str = ""
    if_none_match: str = ""
    if_modified_since: str = ""


@dataclass(frozen=True)
class Answer:
    """The bytes to send, and whether the connection ends with them."""

    status: HTTPStatus
    parts: tuple[bytes, ...]
    close: bool


def resource(
    body: bytes,
    content_type: str,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    policy: str = NOTHING_ALLOWED,
    cacheable: bool = False,
    extra: Headers = (),
) -> Resource:
    """An answer with every header it needs, compressed too where that saves something.

    Args:
        body: what a GET receives.
        content_type: with its charset.
        status: of a plain answer; a 304 is made from a 200 where a request allows it.
        policy: the Content-Security-Policy.
        cacheable: whether a client may keep it and ask again with its ETag.
        extra: more headers (Allow, Location, Retry-After, Set-Cookie, WWW-Authenticate).
    """
    common = (*_SECURITY, ("Content-Security-Policy", policy), ("Cache-Control", _caching(cacheable)), *extra)
    digest = hashlib.sha256(body).hexdigest()[:32] if cacheable else ""
    plain = _variant(body, content_type, digest, common)
    packed = gzip.compress(body, 6, mtime=0) if len(body) >= _WORTH_COMPRESSING else body
    compressed = None
    if len(packed) < len(body):
        coding = (*common, ("Content-Encoding", "gzip"))
        compressed = _variant(packed, content_type, digest and f"{digest}-gzip", coding)
    return Resource(status, plain, compressed, time.time(), cacheable)


def plain_text(status: HTTPStatus, text: str, *, extra: Headers = ()) -> Resource:
    """A short answer in words, never cached."""
    return resource(text.encode(), TEXT, status=status, extra=extra)


def answer(
    wanted: Resource, *, head_only: bool = False, close: bool = False, conditions: Conditions | None = None
) -> Answer:
    """The answer to one request for `wanted`: whole, only its headers, or "304 Not Modified"."""
    asked = conditions or Conditions()
    packed = wanted.compressed if accepts_gzip(asked.accept_encoding) else None
    chosen = packed or wanted.plain
    if wanted.cacheable and _unchanged(wanted, chosen, asked):
        head = _head(HTTPStatus.NOT_MODIFIED, chosen.unchanged_headers, wanted, close=close)
        return Answer(HTTPStatus.NOT_MODIFIED, (head,), close)
    head = _head(wanted.status, chosen.headers, wanted, close=close)
    return Answer(wanted.status, (head,) if head_only else (head, chosen.body), close)


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding allows gzip: named, or by `*`, and not with a weight of zero."""
    weights = {name: weight for name, weight in map(_coding, header.lower().split(",")) if name}
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _coding(entry: str) -> tuple[str, float]:
    name, _, parameter = entry.partition(";")
    key, _, value = parameter.partition("=")
    try:
        weight = float(value) if key.strip() == "q" else 1.0
    except ValueError:
        weight = 0.0
    return name.strip(), weight


def _variant(body: bytes, content_type: str, digest: str, headers: Headers) -> Variant:
    etag = f'"{digest}"' if digest else ""
    lasting = (*headers, ("Vary", "Accept-Encoding"), *((("ETag", etag),) if etag else ()))
    own = (("Content-Type", content_type), ("Content-Length", str(len(body))))
    unchanged = tuple(entry for entry in lasting if entry[0] != "Content-Encoding")
    return Variant(body, etag, _lines(own + lasting), _lines(unchanged))


def _lines(headers: Headers) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("latin-1")


def _caching(cacheable: bool) -> str:
    return "private, no-cache" if cacheable else "no-store"


def _head(status: HTTPStatus, headers: bytes, wanted: Resource, *, close: bool) -> bytes:
    now = time.time()
    first = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nServer: {_SERVER}\r\n"
        f"Date: {formatdate(now, usegmt=True)}\r\nConnection: {'close' if close else 'keep-alive'}\r\n"
    )
    # A time of whole seconds tells two contents apart only once its second is over.
    if wanted.cacheable and int(now) > int(wanted.since):
        first += f"Last-Modified: {formatdate(wanted.since, usegmt=True)}\r\n"
    return first.encode("latin-1") + headers + b"\r\n"


def _unchanged(wanted: Resource, chosen: Variant, asked: Conditions) -> bool:
    if asked.if_none_match:
        tags = [tag.strip().removeprefix("W/") for tag in asked.if_none_match.split(",")]
        return chosen.etag in tags or tags == ["*"]
    return bool(asked.if_modified_since) and _not_since(wanted.since, asked.if_modified_since)


def _not_since(since: float, header: str) -> bool:
    try:
        known = parsedate_to_datetime(header).timestamp()
    except (ValueError, OverflowError, OSError):
        return False
    return int(since) <= known <= time.time()
