"""Sending mail by SMTP: STARTTLS or TLS, bounded retry, each recipient at most once."""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

ATTEMPTS = 3
PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Server:
    """How to reach the mail server. `security` is "starttls" (required, never skipped), "tls" or "none"."""

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 30.0
    ca_file: str | None = None
    """Certificates to trust instead of the system's, for a server of one's own."""


@dataclass(frozen=True)
class Delivery:
    """What became of one message to one recipient: `error` is empty where the server accepted it."""

    recipient: str
    error: str = ""


def deliver(
    server: Server,
    recipients: Iterable[str],
    message_to: Callable[[str], EmailMessage],
    *,
    attempts: int = ATTEMPTS,
    pause_seconds: float = PAUSE_SECONDS,
    on_delivered: Callable[[str], None] = lambda _recipient: None,
) -> list[Delivery]:
    """Sends one message to each recipient and tells who got it.

    A recipient is tried again, up to `attempts` times, only after a failure that may pass (no connection, a
    4xx answer); one whose message the server accepted is never sent to again. `on_delivered` is called at
    once after each acceptance, so that a caller can remember it before anything else can fail.
    """
    outcome: dict[str, Delivery] = {}
    waiting = list(dict.fromkeys(recipients))
    for attempt in range(attempts):
        if attempt:
            time.sleep(pause_seconds * 2 ** (attempt - 1))
        waiting = _one_attempt(server, waiting, message_to, outcome, on_delivered)
        if not waiting:
            break
    return list(outcome.values())


def _one_attempt(
    server: Server,
    recipients: list[str],
    message_to: Callable[[str], EmailMessage],
    outcome: dict[str, Delivery],
    on_delivered: Callable[[str], None],
) -> list[str]:
    """Tries each recipient once over one connection; returns those worth another attempt."""
    again: list[str] = []
    unserved = list(recipients)
    try:
        with _connected(server) as connection:
            while unserved:
                recipient = unserved[0]
                error, passing = _send_one(connection, recipient, message_to(recipient))
                outcome[recipient] = Delivery(recipient, error)
                unserved.pop(0)
                if not error:
                    on_delivered(recipient)
                elif passing:
                    again.append(recipient)
    except (OSError, smtplib.SMTPException) as problem:
        outcome.update({recipient: Delivery(recipient, _sentence(problem)) for recipient in unserved})
        return again if _is_final(problem) else again + unserved
    return again


def _connected(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=server.ca_file)
    if server.security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.timeout_seconds, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
    try:
        connection.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            connection.starttls(context=context)
            connection.ehlo()
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _send_one(connection: smtplib.SMTP, recipient: str, message: EmailMessage) -> tuple[str, bool]:
    """(error, whether it may pass) of one message.

    A connection lost before the text was sent is raised to the caller. Lost after it, nobody can tell whether
    the server took the message: that counts as a final failure, so that nobody gets it twice.
    """
    connection.rset()
    for code, text in _envelope(connection, recipient, message):
        if code >= 400:
            return f"refused: {code} {_text(text)}", _passes(code)
    try:
        code, text = connection.data(message.as_bytes(policy=SMTP))
    except smtplib.SMTPDataError as refused:
        return f"refused: {refused.smtp_code} {_text(refused.smtp_error)}", _passes(refused.smtp_code)
    except (OSError, smtplib.SMTPServerDisconnected) as lost:
        connection.close()
        return (
            f"the connection broke while the text was sent ({lost}): not sent again, it may be there",
            False,
        )
    return ("", False) if code < 400 else (f"refused: {code} {_text(text)}", _passes(code))


def _envelope(connection: smtplib.SMTP, recipient: str, message: EmailMessage) -> Iterator[tuple[int, bytes]]:
    yield connection.mail(parseaddr(str(message["From"]))[1])
    yield connection.rcpt(recipient)


def _passes(code: int) -> bool:
    return 400 <= code < 500


def _is_final(problem: Exception) -> bool:
    if isinstance(problem, smtplib.SMTPResponseException):
        return not _passes(problem.smtp_code)
    return isinstance(problem, (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError))


def _sentence(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return "the server refused the user name or password"
    if isinstance(problem, smtplib.SMTPNotSupportedError) and "STARTTLS" in str(problem):
        return f"{str(problem).rstrip('.')}: set SMTP_SECURITY=tls, or none for a server on this machine"
    if isinstance(problem, (TimeoutError, socket.gaierror, ConnectionError)):
        return f"no connection: {problem}"
    return str(problem)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
