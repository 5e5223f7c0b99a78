"""Notices of `--notify` to a webhook: `{"text": "..."}`, as Slack, Mattermost, Teams and Google Chat take it.

A webhook's address is a secret of its own (who has it can post), so that messages name its host only. It is
asked for nothing: redirects are not followed, and what it answers is not read beyond the status.
"""

import base64
import json
import re
import threading
import time
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException
from typing import IO
from urllib.parse import unquote, urlsplit

from foundation.outcome import UsageError

ATTEMPTS = 3
PAUSE_SECONDS = 1.0
ANSWER_SECONDS = 10.0
TEXT_LIMIT = 4_000
"""Characters: what chat programs show of a message at most."""
_CONTROL = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_APART = "\u2060"
"""WORD JOINER: has no width, and breaks no line."""
_ACTIVE = re.compile(r"@|\](?=\()|:(?=//)|www(?=\.)", re.IGNORECASE)
_MAY_PASS = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Webhook:
    """Where notices go. `url` is not shown by `repr`."""

    url: str = field(repr=False)
    authorization: str = field(default="", repr=False)
    """The header that the user and password of the address, if it has them, are sent in."""

    @property
    def host(self) -> str:
        """What messages call it: the host, with its port if it has one."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


class _NotPassing(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect as the answer that it is: the notice goes to the URL that was given, and nowhere else."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """No request follows."""


def webhook(url: str, flag: str) -> Webhook:
    """The webhook of a URL.

    Raises:
        UsageError: it is no http or https URL with a host.
    """
    wrong = f"{flag} takes the address of a webhook, like https://hooks.example.com/services/..."
    if not url.isprintable() or " " in url or not url.isascii():
        raise UsageError(f"{wrong}; this one holds a space or another character that must be encoded.")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"{wrong}.")
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return Webhook(plain, _authorization(parts.username, parts.password))


def _authorization(user: str | None, password: str | None) -> str:
    if user is None:
        return ""
    pair = f"{unquote(user)}:{unquote(password or '')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def post(
    to: Webhook,
    text: str,
    *,
    attempts: int = ATTEMPTS,
    pause_seconds: float = PAUSE_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
) -> str:
    """Posts the text and returns what went wrong, "" if the webhook took it.

    Tried again, up to `attempts` times in all, only where the notice surely was not taken: no connection, or
    an answer such as 429 or 503. Takes at most `attempts` times `answer_seconds`, and the pauses between.
    """
    body = json.dumps({"text": plain_text(_cut(text))}).encode()
    error = ""
    for attempt in range(attempts):
        if attempt:
            time.sleep(pause_seconds * 2 ** (attempt - 1))
        error, may_pass = _within(answer_seconds, lambda: _once(to, body, answer_seconds))
        if not may_pass:
            break
    return error


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def plain_text(text: str) -> str:
    """Text that chat programs show as it stands: names in it call nobody, and lead nowhere.

    Slack's signs are escaped as it asks for (`<!channel>`, `<https://...|name>`). Elsewhere an invisible sign keeps
    apart what would be a mention (`@all`), a link in Markdown or an address; other control signs are left out.
    """
    shown = "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in _CONTROL)
    for sign, escape in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        shown = shown.replace(sign, escape)
    return _ACTIVE.sub(lambda found: f"{found[0]}{_APART}", shown)


def _within(seconds: float, ask: Callable[[], tuple[str, bool]]) -> tuple[str, bool]:
    """The answer, or that there was none in time: a server that drips bytes never meets a socket's own limit."""
    found: list[tuple[str, bool]] = []
    asking = threading.Thread(target=lambda: found.append(ask()), daemon=True)
    asking.start()
    asking.join(seconds)
    return found[0] if found else (f"no answer within {seconds:g} s", False)


def _once(to: Webhook, body: bytes, seconds: float) -> tuple[str, bool]:
    """(error, whether it is worth another attempt) of one request."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if to.authorization:
        headers["Authorization"] = to.authorization
    request = urllib.request.Request(  # noqa: S310  webhook() has let in http and https alone
        to.url, body, headers, method="POST"
    )
    try:
        with urllib.request.build_opener(_NotPassing).open(request, timeout=seconds):
            return "", False
    except urllib.error.HTTPError as answer:
        with answer:
            return f"answered {answer.code}", answer.code in _MAY_PASS
    except urllib.error.URLError as problem:
        return f"no connection: {_reason(problem)}", True
    except (OSError, HTTPException) as problem:
        return f"the connection broke after the notice was sent: {_reason(problem)}", False


def _reason(problem: Exception) -> str:
    inner = getattr(problem, "reason", None) or problem
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
