"""What the metering endpoint answers: completions and tool events are stored, everything else is explained."""

import asyncio
import hashlib
import hmac
import json
import re
from collections import Counter
from datetime import UTC, datetime
from http import HTTPStatus

from foundation.host_names import HostNames
from foundation.outcome import UserError
from settings.pricing import Pricing
from showcase.metering.body import BadBody, Body
from showcase.metering.counts import Conventions
from showcase.metering.intake import Busy, Intake
from showcase.metering.ledger import Ledger
from showcase.metering.line_log import LineLog
from showcase.metering.messages import Head, Reply, refusal
from showcase.metering.record import row_of
from showcase.metering.submission import Kind, Mismatch, Submission, of_call, of_tool_event
from showcase.metering.tool_event import checked_event

COMPLETIONS = "/meter/v2/ai/completions"
TOOL_EVENTS = "/meter/v2/tool/events"
PATHS = {COMPLETIONS: Kind.CALL, TOOL_EVENTS: Kind.TOOL_EVENT}
STORING_SECONDS = 60.0
REFUSED_BYTES_LIMIT = 16 << 20
"""Refused bodies are kept aside up to this size; beyond it they are counted only."""
_KEY = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")


class Endpoint:
    """Answers requests; stored is what was answered with 201."""

    def __init__(
        self,
        ledger: Ledger,
        intake: Intake,
        pricing: Pricing,
        api_keys: frozenset[str],
        refused: LineLog,
        hosts: HostNames,
        stated: Conventions,
    ) -> None:
        self._ledger = ledger
        self._intake = intake
        self._pricing = pricing
        self._api_keys = [_digest(key) for key in api_keys]
        self._refused = refused
        self._hosts = hosts
        self._stated = stated
        self._answers: Counter[HTTPStatus] = Counter()

    def before_body(self, head: Head) -> Reply | None:
        """The answer to a request whose body need not be read; None where it has to be."""
        if "host" in head.headers and not self._hosts.include(head.header("host")):
            # A page whose name was made to point here could read the answer (DNS rebinding); browsers always name it.
            named = "this server does not answer to that host name; --allowed-host NAME makes it"
            return refusal(HTTPStatus.MISDIRECTED_REQUEST, "unknown_host", named)
        if head.path == "/health":
            return self._health() if head.method in {"GET", "HEAD"} else _only("GET, HEAD")
        if head.path not in PATHS:
            places = f"POST {COMPLETIONS}, POST {TOOL_EVENTS} or GET /health"
            return refusal(HTTPStatus.NOT_FOUND, "not_found", f"there is {places}")
        if head.method != "POST":
            return _only("POST")
        if "origin" in head.headers:
            # Browsers name the page that sends; without it any page could fill the file of who opens it.
            return refusal(HTTPStatus.FORBIDDEN, "from_a_page", "pages in browsers cannot meter calls")
        if not self._allowed(head.header("x-api-key")):
            return refusal(
                HTTPStatus.UNAUTHORIZED, "unauthorized", "the header x-api-key is missing or unknown"
            )
        key = head.header("idempotency-key")
        if "idempotency-key" in head.headers and not _KEY.fullmatch(key):
            return refusal(
                HTTPStatus.BAD_REQUEST,
                "invalid_idempotency_key",
                "Idempotency-Key takes 1 to 255 printable ASCII characters",
            )
        return None

    async def answer(self, head: Head, body: bytes) -> Reply:
        """The answer to a request that `before_body` let pass."""
        reply = await self._stored(head, body)
        self._answers[reply.status] += 1
        return reply

    async def _stored(self, head: Head, body: bytes) -> Reply:
        try:
            submission = self._submission(head, body)
        except BadBody as bad:
            self._keep_aside(head.path, body, str(bad))
            return refusal(HTTPStatus.BAD_REQUEST, "bad_body", str(bad))
        try:
            future = self._intake.submit(submission)
            stored = await asyncio.wait_for(asyncio.wrap_future(future), STORING_SECONDS)
        except Busy:
            return refusal(
                HTTPStatus.SERVICE_UNAVAILABLE, "busy", "too many calls wait to be stored: come again", 1
            )
        except Mismatch as mismatch:
            self._keep_aside(head.path, body, str(mismatch))
            return refusal(HTTPStatus.CONFLICT, mismatch.code, str(mismatch))
        except (UserError, OSError, TimeoutError):
            return refusal(
                HTTPStatus.SERVICE_UNAVAILABLE, "not_stored", "not stored: /health says why; come again", 5
            )
        label = "repeated" if stored.repeated else "stored"
        return Reply(
            HTTPStatus.CREATED, {"id": stored.id, "resourceType": submission.kind.value, "label": label}
        )

    def _submission(self, head: Head, body: bytes) -> Submission:
        key = head.header("idempotency-key")
        parsed = Body.parsed(body)
        if PATHS[head.path] is Kind.CALL:
            return of_call(row_of(parsed, self._pricing, self._stated), parsed.fields, key)
        return of_tool_event(checked_event(parsed), key)

    def _health(self) -> Reply:
        trouble = self._intake.trouble or ("" if self._intake.working else "nothing is being stored any more")
        return Reply(
            HTTPStatus.SERVICE_UNAVAILABLE if trouble else HTTPStatus.OK,
            {
                "status": "failing" if trouble else "ok",
                "trouble": trouble,
                "calls": self._ledger.count(Kind.CALL),
                "tool_events": self._ledger.count(Kind.TOOL_EVENT),
                "waiting": self._intake.waiting,
                "answers": {str(status.value): count for status, count in sorted(self._answers.items())},
            },
        )

    def _allowed(self, given: str) -> bool:
        found = [hmac.compare_digest(_digest(given), key) for key in self._api_keys]
        return any(found) or not found

    def _keep_aside(self, path: str, body: bytes, reason: str) -> None:
        """Writes down what was refused, so that its sender's mistake can be mended."""
        line = json.dumps(
            {
                "received": datetime.now(UTC).isoformat(timespec="seconds"),
                "path": path,
                "reason": reason,
                "body": body.decode("utf-8", "replace"),
            }
        ).encode()
        if self._refused.size_bytes + len(line) > REFUSED_BYTES_LIMIT:
            return
        try:
            self._refused.append([line], sync=False)
        except OSError:
            return  # the disk that keeps calls has said so in /health


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _only(methods: str) -> Reply:
    reply = refusal(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", f"only {methods} is answered here")
    return Reply(reply.status, reply.payload, {"Allow": methods})
