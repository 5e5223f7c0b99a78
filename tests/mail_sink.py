"""A real mail server that keeps what it gets."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """Takes mail; `answers` holds what a recipient is told, one answer an attempt."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.attempts: list[str] = []
        self.answers: dict[str, list[str]] = {}

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.attempts.append(address)
        answer = self.answers.get(address, []).pop(0) if self.answers.get(address) else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.received += [(address, envelope.content) for address in envelope.rcpt_tos]
        return "250 taken"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def sinking(**secured: Any) -> Iterator[tuple[Sink, int]]:
    """A sink and its port, on 127.0.0.1; `secured` goes to the controller."""
    handler, port = Sink(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port, **secured)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()
