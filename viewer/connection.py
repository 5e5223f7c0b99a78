"""One client's connection: what has arrived, what is still to be sent, and until when it may take."""

import contextlib
import re
import socket
import struct
from dataclasses import dataclass, field
from enum import Enum, auto

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_TOKEN_START = re.compile(rb"[A-Za-z]")
_RECEIVE_BYTES = 16_384
_SEND_BYTES_AT_ONCE = 65_536
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Phase(Enum):
    """What a connection waits for."""

    HEAD = auto()
    """The rest of a request's head."""
    SENDING = auto()
    """The client to take the answer."""
    LINGERING = auto()
    """The client to close, so that it can read the answer to the end before the kernel resets it."""


@dataclass(eq=False)
class Connection:
    """A non-blocking socket with its buffers."""

    sock: socket.socket
    client: str
    waiting_since: float
    """When it began to wait for a request: at its opening, or at the end of the answer before."""
    deadline: float
    over: bool = False
    """Whether it came when all places were taken."""
    phase: Phase = Phase.HEAD
    inbox: bytearray = field(default_factory=bytearray)
    outbox: list[memoryview] = field(default_factory=list)
    close_after: bool = False
    answered: int = 0
    _searched: int = 0

    @property
    def idle(self) -> bool:
        """Whether it has been answered and nothing of another request has arrived."""
        return self.phase is Phase.HEAD and not self.inbox and self.answered > 0

    def receive(self) -> bool:
        """Reads what is there; False when the client has closed.

        Raises:
            OSError: the connection is broken.
        """
        try:
            chunk = self.sock.recv(_RECEIVE_BYTES)
        except (BlockingIOError, InterruptedError):
            return True
        if self.phase is Phase.HEAD:
            self.inbox += chunk
            if not self.inbox.strip(b"\r\n"):
                self.inbox.clear()  # empty lines before a request are allowed
        return bool(chunk)

    def take_head(self) -> bytes | None:
        """A request's head, if it has arrived whole, or as much as shows that none will come."""
        if self.inbox.startswith((b"\r", b"\n")):
            self.inbox = self.inbox.lstrip(b"\r\n")
        match = _END_OF_HEAD.search(self.inbox, max(0, self._searched - 4))
        self._searched = len(self.inbox)
        if match is not None:
            return self._take(match.end())
        return self._take(len(self.inbox)) if self._hopeless() else None

    def send(self) -> bool:
        """Sends what the client takes now, up to a share that leaves the others their turn; True when nothing is left.

        Raises:
            OSError: the connection is broken.
        """
        share = _SEND_BYTES_AT_ONCE
        while self.outbox and share > 0:
            try:
                sent = self.sock.sendmsg(self._next(share))
            except (BlockingIOError, InterruptedError):
                return False
            share -= sent
            self._drop(sent)
        return not self.outbox

    def _next(self, share: int) -> list[memoryview]:
        """What to send next: at most so many bytes."""
        parts = []
        for part in self.outbox:
            parts.append(part[:share])
            share -= len(parts[-1])
            if share <= 0:
                break
        return parts

    def _drop(self, sent: int) -> None:
        """Forgets bytes that are on their way."""
        while self.outbox and sent >= len(self.outbox[0]):
            sent -= len(self.outbox.pop(0))
        if sent:
            self.outbox[0] = self.outbox[0][sent:]

    def abort(self) -> None:
        """Lets the kernel forget what the client would not take."""
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    def _take(self, size: int) -> bytes:
        head = bytes(self.inbox[:size])
        del self.inbox[:size]
        self._searched = 0
        return head

    def _hopeless(self) -> bool:
        """No request begins like this: another protocol, or a first line without a version of HTTP."""
        if not self.inbox:
            return False
        if not _TOKEN_START.match(self.inbox):
            return True
        line, newline, _ = self.inbox.partition(b"\n")
        return bool(newline) and b" HTTP/" not in line
