"""The HTTP side of the metering endpoint: what the Revenium SDK sends, and what it is answered."""

import hashlib
import hmac
import json
import threading
from collections import OrderedDict
from concurrent.futures import TimeoutError as StoringTooLong
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from outcome import Problem
from settings.pricing import Pricing
from showcase.metering.intake import Busy, Intake
from showcase.metering.record import BadRecord, row_of

BODY_BYTES_LIMIT = 1_048_576
STORING_SECONDS = 60.0
CONNECTION_SECONDS = 30.0
REMEMBERED_KEYS = 100_000
COMPLETIONS = "/meter/v2/ai/completions"
TOOL_EVENTS = "/meter/v2/tool/events"


class MeteringServer(ThreadingHTTPServer):
    """Accepts completions into an `Intake`, and counts tool events. `api_keys` empty lets everybody in."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(
        self, address: tuple[str, int], intake: Intake, pricing: Pricing, api_keys: frozenset[str]
    ) -> None:
        super().__init__(address, Handler)
        self.intake = intake
        self.pricing = pricing
        self.api_keys = api_keys
        self.keys = Keys()
        self.tool_events = 0


class Keys:
    """The idempotency keys of late: a key that comes again means the same call, whatever its body says."""

    def __init__(self) -> None:
        self._call_ids: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def call_id(self, key: str, call_id: str) -> str:
        """The call that the key stood for first."""
        if not key:
            return call_id
        with self._lock:
            first = self._call_ids.setdefault(key, call_id)
            self._call_ids.move_to_end(key)
            if len(self._call_ids) > REMEMBERED_KEYS:
                self._call_ids.popitem(last=False)
        return first


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    server: MeteringServer
    protocol_version = "HTTP/1.1"
    timeout = CONNECTION_SECONDS
    server_version = "metering"
    sys_version = ""
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """`/health` answers 200 while the server takes calls."""
        if self.path == "/health":
            self._answer(200, {"status": "ok"})
        else:
            self._answer(404, {"error": "there is /health, and POST " + COMPLETIONS})

    def do_POST(self) -> None:
        """A completion or a tool event."""
        body = self._body()
        if body is None:
            return
        if not self._allowed():
            self._answer(401, {"error": "the header x-api-key is missing or unknown"})
        elif self.path == COMPLETIONS:
            self._completion(body)
        elif self.path == TOOL_EVENTS:
            self.server.tool_events += 1
            self._answer(201, {"id": "tool-event", "resourceType": "tool-event"})
        else:
            self._answer(404, {"error": f"POST goes to {COMPLETIONS} or {TOOL_EVENTS}"})

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps quiet: a line a call would cost more than the call."""

    def _completion(self, body: bytes) -> None:
        try:
            row = row_of(json.loads(body), self.server.pricing)
        except (BadRecord, ValueError, RecursionError) as refusal:
            self._answer(400, {"error": str(refusal)})
            return
        row["call_id"] = self.server.keys.call_id(self.headers.get("Idempotency-Key", ""), row["call_id"])
        try:
            stored = self.server.intake.submit(row).result(STORING_SECONDS)
        except Busy:
            self._answer(503, {"error": "too many calls wait to be stored: come again"}, {"Retry-After": "1"})
        except (Problem, OSError, StoringTooLong) as problem:
            self._answer(503, {"error": f"not stored: {problem}"}, {"Retry-After": "5"})
        else:
            self._answer(201, {"id": stored.call_id, "resourceType": "metering", "label": "metering"})

    def _body(self) -> bytes | None:
        """The request's body; None when it was answered already."""
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit():
            self.close_connection = True
            self._answer(411, {"error": "Content-Length is needed"})
            return None
        if int(length) > BODY_BYTES_LIMIT:
            self.close_connection = True
            self._answer(413, {"error": f"a body may have up to {BODY_BYTES_LIMIT} bytes"})
            return None
        return self.rfile.read(int(length))

    def _allowed(self) -> bool:
        given = hashlib.sha256(self.headers.get("x-api-key", "").encode()).digest()
        known = (hashlib.sha256(key.encode()).digest() for key in self.server.api_keys)
        return not self.server.api_keys or any(hmac.compare_digest(given, key) for key in known)

    def _answer(self, status: int, payload: dict[str, object], headers: dict[str, str] | None = None) -> None:
        body = json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
