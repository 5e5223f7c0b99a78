"""What the viewer answers to one request: well-formed, may its sender read, which of the answers made ahead."""

import io
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

from foundation.release import NAME
from viewer.access import Access, Guesses, basic_password
from viewer.cross_site import Sender, sender_of
from viewer.metrics import Metrics
from viewer.responses import Answer, Conditions, Headers, Resource, answer, plain_text

MAX_HEAD_BYTES = 65_536
"""A longer head is refused, whether in one line (the limit of http.server) or in many."""
ALLOWED = (("Allow", "GET, HEAD"),)
OPEN_TO_ALL = "/health"
"""The one path that needs neither password nor Host: a probe has neither."""
POLLED = frozenset({"/status", "/metrics"})
"""Paths that are asked every few seconds; only their failures are logged, and of a probe nothing."""
_WANTS_PASSWORD = (("WWW-Authenticate", f'Basic realm="{NAME}", charset="UTF-8"'),)
_WAIT = (("Retry-After", "60"),)
_LOGGED_CHARACTERS = 200


@dataclass(frozen=True)
class Application:
    """What a request is answered from.

    `find` gives the resource of a path, or None; it must be quick and must not fail, for it is called between
    any two bytes of all other clients. `log` gets one line per request, free of control characters.
    """

    find: Callable[[str], Resource | None]
    access: Access
    metrics: Metrics
    log: Callable[[str], None]
    guesses: Guesses = field(default_factory=Guesses)

    def respond(self, head: bytes, client: str) -> Answer:
        """The answer to the request with this head."""
        began = time.perf_counter()
        try:
            handler = Handler(head, (client, 0), self)  # type: ignore[arg-type]  # bytes stand in for a socket
        except Exception as error:  # noqa: BLE001  no request ends the viewer
            self.log(f"{client} per request failed: {printable(repr(error))}")
            self.metrics.requests[HTTPStatus.INTERNAL_SERVER_ERROR] += 1
            return answer(plain_text(HTTPStatus.INTERNAL_SERVER_ERROR, "The viewer failed"), close=True)
        reply = handler.reply
        self.metrics.requests[reply.status] += 1
        path = handler.logged_path
        if path != OPEN_TO_ALL and (path not in POLLED or reply.status >= HTTPStatus.BAD_REQUEST):
            size = sum(len(part) for part in reply.parts[1:])
            spent = (time.perf_counter() - began) * 1000
            request = f"{printable(handler.logged_method)} {path}"
            self.log(f'{client} "{request}" {reply.status.value} {size} {spent:.1f}ms')
        return reply


class Handler(BaseHTTPRequestHandler):
    """Answers one request whose head is there in full; reads and writes no socket."""

    protocol_version = "HTTP/1.1"
    server: Application  # type: ignore[assignment]
    reply: Answer

    def setup(self) -> None:
        """Reads from the head that the server has collected."""
        self.reply = Answer(HTTPStatus.BAD_REQUEST, (), close=True)
        self.rfile = io.BytesIO(self.request)
        self.wfile = io.BytesIO()
        self.path, self.command = "", ""

    def handle(self) -> None:
        """One request; what follows it is a new handler's."""
        self.close_connection = True
        self.handle_one_request()
        if not self.reply.parts:
            self.send_error(HTTPStatus.BAD_REQUEST)

    def finish(self) -> None:
        """Nothing to close: the server sends the reply."""

    @property
    def logged_method(self) -> str:
        """The method, or "-" where the request was too broken to have one."""
        return self.command or "-"

    @property
    def logged_path(self) -> str:
        """The path without its query, which may hold a password."""
        return printable(self.path.partition("?")[0]) or "-"

    def do_GET(self) -> None:
        """Sends the page, or says why not."""
        if self._is_whole() and self._is_known_host() and self._is_of_no_other_site() and self._may_read():
            path = self._target().partition("?")[0]
            found = self.server.find(path)
            self._reply(found or plain_text(HTTPStatus.NOT_FOUND, "Not found"))

    do_HEAD = do_GET  # noqa: N815  the names that http.server looks for

    def refuse_method(self) -> None:
        """There is nothing here to change."""
        self.close_connection = True  # a body may follow
        self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, extra=ALLOWED)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_CONNECT = refuse_method  # noqa: N815

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answers a request that is no good, without repeating any of it."""
        self.close_connection = True
        self._refuse(HTTPStatus(code))

    def handle_expect_100(self) -> bool:
        """Asks for no body: the answer says all there is to say."""
        return True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the application logs."""

    def _is_whole(self) -> bool:
        """Whether the head is complete, of HTTP/1, and its target a path."""
        if len(self.request) > MAX_HEAD_BYTES:
            self.send_error(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif (
            not self.request.endswith((b"\n\r\n", b"\n\n"))
            or self.request_version == "HTTP/0.9"
            or not self._target().startswith("/")
        ):
            self.send_error(HTTPStatus.BAD_REQUEST)
        elif self.headers.defects:
            self.send_error(
                HTTPStatus.BAD_REQUEST
            )  # a line that is no header, and all after it would be lost
        elif self._has_body():
            self.close_connection = True  # it is not read
        return not self.reply.parts

    def _has_body(self) -> bool:
        lengths = self.headers.get_all("Content-Length") or []
        return bool(self.headers.get("Transfer-Encoding")) or any(each.strip() != "0" for each in lengths)

    def _is_known_host(self) -> bool:
        """Guards against a foreign name that was made to point here (DNS rebinding)."""
        if self._target() == OPEN_TO_ALL:
            return True
        hosts = self.headers.get_all("Host") or []
        known = self.server.access.hosts.include(hosts[0]) if len(hosts) == 1 else None
        if known is None:
            self.close_connection = True
            self._refuse(HTTPStatus.BAD_REQUEST)
        elif not known:
            self._refuse(
                HTTPStatus.MISDIRECTED_REQUEST,
                "This viewer does not answer to that host name; --allowed-host NAME makes it",
            )
        return bool(known)

    def _is_of_no_other_site(self) -> bool:
        """Guards against pages of other sites: they could read nothing, but could guess passwords from inside."""
        foreign = self._target() != OPEN_TO_ALL and self._sender() is Sender.FOREIGN
        if foreign:
            self._refuse(HTTPStatus.FORBIDDEN, "Pages of other sites cannot load anything from this viewer")
        return not foreign

    def _sender(self) -> Sender:
        return sender_of(self.headers)  # type: ignore[arg-type]  # a Message finds names in any case

    def _may_read(self) -> bool:
        path, _, query = self._target().partition("?")
        if path == OPEN_TO_ALL:
            return True
        access = self.server.access
        token, given = _token(query), basic_password(self.headers.get("Authorization", ""))
        if access.is_password(token):
            self._reply(_admission(path if self.server.find(path) else "/", access))
        elif not access.knows(self.headers.get("Cookie", "")) and not access.is_password(given):
            self._ask_for_password(wrong=bool(token or given))
        return not self.reply.parts

    def _ask_for_password(self, *, wrong: bool) -> None:
        """Who was wrong too often is told to wait, but nothing keeps the right password out.

        Behind a proxy all clients have one address: with a count that did, anybody could lock out everybody.
        A wrong one behind a link says nothing about who followed it.
        """
        now, client = time.monotonic(), str(self.client_address[0])
        if wrong and self.server.guesses.exhausted(client, now):
            self._refuse(HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong passwords", extra=_WAIT)
            return
        if wrong and self._sender() is Sender.OURS:
            self.server.guesses.wrong(client, now)
        self._refuse(HTTPStatus.UNAUTHORIZED, "This viewer wants a password", extra=_WANTS_PASSWORD)

    def _target(self) -> str:
        """The request's target as it came: `path` has had its slashes mended."""
        return self.requestline.split()[1]

    def _refuse(self, status: HTTPStatus, text: str = "", *, extra: Headers = ()) -> None:
        self._reply(plain_text(status, text or status.phrase, extra=extra))

    def _reply(self, found: Resource) -> None:
        headers: Mapping[str, str] = getattr(self, "headers", None) or {}
        self.reply = answer(
            found,
            head_only=self.command == "HEAD",
            close=self.close_connection,
            conditions=Conditions(
                headers.get("Accept-Encoding", ""),
                headers.get("If-None-Match", ""),
                headers.get("If-Modified-Since", ""),
            ),
        )


def printable(text: str) -> str:
    """Text for a log line: printable ASCII, everything else as an escape, not too long."""
    short = text[:_LOGGED_CHARACTERS]
    shown = "".join(c if " " <= c <= "~" and c not in '\\"' else f"\\x{ord(c):02x}" for c in short)
    return shown + ("..." if len(text) > _LOGGED_CHARACTERS else "")


def _token(query: str) -> str:
    try:
        return parse_qs(query, max_num_fields=10).get("token", [""])[0]
    except ValueError:
        return ""


def _admission(location: str, access: Access) -> Resource:
    """Exchanges a password in the address for a cookie, so that it stays in no history and no log."""
    extra = (("Location", location), ("Set-Cookie", access.cookie()))
    return plain_text(HTTPStatus.SEE_OTHER, "Admitted", extra=extra)
