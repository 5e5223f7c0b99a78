"""What a client hands in to be stored: a metered call, or an event of a tool that an assistant used."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SAME_CALL_COLUMNS = (
    "timestamp", "provider", "model", "input_tokens", "output_tokens", "latency_ms", "customer_id",
    "organization_id", "product_id", "feature_id", "task_type", "environment",
)  # fmt: skip
"""Two bodies with one transaction id mean the same call when these agree; what a call costs is not among
them, since a price list may change between a call and its repetition."""
SEPARATOR = "\x1f"


class Kind(StrEnum):
    """What is stored."""

    CALL = "call"
    TOOL_EVENT = "tool_event"


@dataclass(frozen=True)
class Submission:
    """One thing to store.

    `id` says which call or event it is, `content` what it says (a digest), `body` what was sent (a digest),
    `key` is the client's Idempotency-Key or "". A call carries its `row`, a tool event its `line` of JSON.
    """

    kind: Kind
    id: str
    content: str
    body: str
    key: str = ""
    row: Mapping[str, str] | None = None
    line: bytes = b""


@dataclass(frozen=True)
class Use:
    """What an idempotency key was used for: which call or event, and the digest of what was sent."""

    kind: Kind
    id: str
    body: str


class Mismatch(Exception):
    """A key or transaction id that stands for something else already. `code` is the vendor's name for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def is_repetition(submission: Submission, use: Use | None, content: str | None) -> bool:
    """Whether a submission says again what is known.

    `use` is what its key was used for, `content` what is known under its id; None where nothing is.

    Raises:
        Mismatch: its key or its id stands for something else.
    """
    if use is not None:
        if (use.kind, use.body) != (submission.kind, submission.body):
            raise Mismatch(
                "idempotency_key_mismatch",
                f"Idempotency-Key {submission.key!r} was used for another body: give each call its own",
            )
        return True
    if content is not None and content != submission.content:
        raise Mismatch(
            "transaction_id_mismatch",
            f"transactionId {submission.id!r} is stored with other content: give each call its own",
        )
    return content is not None


def of_call(row: Mapping[str, str], body: object, key: str) -> Submission:
    """The submission of a CSV row; its call id says which call it is."""
    said = content_digest([row[name] for name in SAME_CALL_COLUMNS])
    return Submission(Kind.CALL, row["call_id"], said, body_digest(body), key, row=row)


def of_tool_event(event: Mapping[str, object], key: str) -> Submission:
    """The submission of a tool event.

    Applications may give several events one transaction id, so an event is recognised by all that it says.
    """
    return stored_event(_canonical(event), key)


def stored_event(line: bytes, key: str = "") -> Submission:
    """The tool event of a line of JSON that `of_tool_event` made."""
    said = hashlib.sha256(line).hexdigest()
    return Submission(Kind.TOOL_EVENT, said, said, said, key, line=line)


def content_digest(values: list[str]) -> str:
    """The digest of a row's values, in the order of `SAME_CALL_COLUMNS`."""
    return hashlib.md5(SEPARATOR.join(values).encode(), usedforsecurity=False).hexdigest()


def body_digest(body: object) -> str:
    """The digest of a JSON body, whatever the order of its keys."""
    return hashlib.sha256(_canonical(body)).hexdigest()


def _canonical(body: object) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), default=str).encode()
