"""Serves connections from one thread: no client, however slow, keeps another one waiting.

Every answer lies ready in memory, so the only thing there is to wait for is the network; one selector waits
for all of it. Requests are answered by a function from the bytes of a head to the bytes of an answer.
"""

import contextlib
import errno
import selectors
import socket
import time
from collections.abc import Callable
from http import HTTPStatus

from viewer.connection import Connection, Phase
from viewer.connection_slots import Queue, Slots
from viewer.handler import MAX_HEAD_BYTES, OPEN_TO_ALL
from viewer.limits import Limits
from viewer.metrics import Metrics
from viewer.responses import Answer, answer, plain_text

Responder = Callable[[bytes, str], Answer]
"""From a request's head and the client's address to the answer."""

_TICK_SECONDS = 0.25
_RETRY_AFTER_SECONDS = 2
_LISTENER_GONE = {errno.EBADF, errno.EINVAL, errno.ENOTSOCK}
"""After any other error of accepting, such as no descriptor left or a network down, the next try may succeed."""
_NO_DESCRIPTOR = {errno.EMFILE, errno.ENFILE}
_ANSWERS_A_TURN = 32
"""Then whoever has come meanwhile is let in: a probe waits for so many answers, not for all of a crowd."""
_PROBES = (f"GET {OPEN_TO_ALL} ".encode(), f"HEAD {OPEN_TO_ALL} ".encode())
"""They go first, lest a busy viewer be taken for a dead one."""


class Server:
    """Answers the connections of a listening socket until it is stopped."""

    def __init__(
        self, listener: socket.socket, responder: Responder, limits: Limits, metrics: Metrics
    ) -> None:
        self._listener = listener
        self._responder = responder
        self._limits = limits
        self._metrics = metrics
        self._selector = selectors.DefaultSelector()
        self._waker, self._wake = socket.socketpair()
        self._slots = Slots(limits.connections, limits.welcome_seconds)
        self._asking: dict[Connection, None] = {}
        """Those that have sent something that was not looked at, in the order in which it came."""
        self._accepting = False
        self._stop_asked = False
        self._drain_until: float | None = None
        self._next_tick = 0.0
        self._too_busy = plain_text(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Too many connections",
            extra=(("Retry-After", str(_RETRY_AFTER_SECONDS)),),
        )

    def serve(self) -> None:
        """Serves until `stop`, then sends the answers under way to their end and closes everything."""
        self._listener.setblocking(False)
        self._listener.listen(self._limits.backlog)
        self._waker.setblocking(False)
        self._wake.setblocking(False)
        self._selector.register(self._waker, selectors.EVENT_READ, None)
        self._resume_accepting()
        while not self._finished():
            self._turn()
        self._close_all()

    def stop(self) -> None:
        """Asks the server to drain and end; may be called from a signal handler or another thread."""
        self._stop_asked = True
        try:
            self._wake.send(b"\0")
        except OSError:
            return  # already woken, or already ended

    def _turn(self) -> None:
        for key, _ in self._selector.select(0 if self._asking else _TICK_SECONDS):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj is not self._waker:
                self._serve_connection(key.data)
        self._answer_some()
        if self._stop_asked and self._drain_until is None:
            self._begin_drain()
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + _TICK_SECONDS
            self._tick(now)

    def _tick(self, now: float) -> None:
        for connection in self._slots:
            if now >= connection.deadline:
                self._expire(connection)
        if self._drain_until is None and not self._accepting:
            self._resume_accepting()

    # Accepting.

    def _resume_accepting(self) -> None:
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        self._accepting = True

    def _pause_accepting(self) -> None:
        if self._accepting:
            self._selector.unregister(self._listener)
            self._accepting = False

    def _accept(self) -> None:
        """Lets in whoever waits, but no more than wait at one time: the others come first again."""
        for _ in range(self._limits.backlog):
            try:
                sock, address = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno in _LISTENER_GONE:
                    raise
                if error.errno in _NO_DESCRIPTOR and (given_up := self._slots.least_needed()):
                    self._close(given_up)
                    continue
                self._pause_accepting()  # the next tick tries again
                return
            self._admit(sock, str(address[0]))

    def _admit(self, sock: socket.socket, client: str) -> None:
        sock.setblocking(False)
        with contextlib.suppress(OSError):  # some systems refuse it where the client is gone already
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        now = time.monotonic()
        if self._slots.all_taken and (silent := self._slots.silent(now)):
            self._close(silent)
        connection = Connection(sock, client, waiting_since=now, deadline=now, over=self._slots.all_taken)
        self._selector.register(sock, selectors.EVENT_READ, connection)
        self._await_head(connection, now)
        self._metrics.connections = len(self._slots)
        if first := self._slots.first(Queue.OVER, beyond=self._limits.turned_away):
            self._turn_away(first)

    def _turn_away(self, connection: Connection) -> None:
        if connection.phase is Phase.SENDING:
            self._close(connection)  # it does not take the answer that it has
            return
        self._metrics.turned_away += 1
        self._metrics.requests[HTTPStatus.SERVICE_UNAVAILABLE] += 1
        self._send(connection, answer(self._too_busy, close=True))

    # One connection.

    def _serve_connection(self, connection: Connection) -> None:
        if connection in self._asking or connection not in self._slots:
            return  # more of it is read when this has been answered; or it gave way in this turn
        try:
            if connection.phase is Phase.SENDING:
                self._continue_sending(connection)
            elif not connection.receive():
                self._close(connection)
            elif connection.phase is Phase.HEAD:
                self._asking[connection] = None
                self._slots.enqueue(connection)
        except OSError:
            self._close(connection)  # the client is gone

    def _answer_some(self) -> None:
        probes = [connection for connection in self._asking if connection.inbox.startswith(_PROBES)]
        for connection in list(dict.fromkeys([*probes, *self._asking]))[:_ANSWERS_A_TURN]:
            self._asking.pop(connection, None)
            self._answer_next(connection)

    def _answer_next(self, connection: Connection) -> None:
        """Answers the next request of a connection, if it has arrived whole; what follows it waits its turn."""
        head = connection.take_head()
        if head is None and len(connection.inbox) > MAX_HEAD_BYTES:
            head = bytes(connection.inbox)
        if head is None:
            return
        if connection.over and not head.startswith(_PROBES):
            self._turn_away(connection)
        else:
            self._send(connection, self._responder(head, connection.client))

    def _send(self, connection: Connection, reply: Answer) -> None:
        connection.outbox = [memoryview(part) for part in reply.parts]
        connection.close_after = reply.close or self._drain_until is not None
        connection.answered += 1
        connection.phase = Phase.SENDING
        self._slots.enqueue(connection)
        size = sum(len(part) for part in reply.parts)
        allowed = self._limits.send_seconds + size / self._limits.send_bytes_second
        connection.deadline = time.monotonic() + allowed
        self._continue_sending(connection)

    def _continue_sending(self, connection: Connection) -> None:
        try:
            done = connection.send()
        except OSError:
            self._close(connection)
            return
        if not done:
            self._selector.modify(connection.sock, selectors.EVENT_WRITE, connection)
        elif connection.close_after:
            self._linger(connection)
        else:
            self._await_request(connection)

    def _await_head(self, connection: Connection, now: float) -> None:
        limits = self._limits
        connection.phase = Phase.HEAD
        connection.waiting_since = now
        connection.deadline = now + (limits.welcome_seconds if connection.over else limits.head_seconds)
        self._slots.enqueue(connection)

    def _await_request(self, connection: Connection) -> None:
        self._await_head(connection, time.monotonic())
        self._watch_reading(connection)
        if connection.inbox:
            self._asking[connection] = None

    def _linger(self, connection: Connection) -> None:
        connection.phase = Phase.LINGERING
        connection.inbox.clear()
        connection.deadline = time.monotonic() + self._limits.linger_seconds
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(connection)
            return
        self._watch_reading(connection)
        self._slots.enqueue(connection)
        if first := self._slots.first(Queue.LEAVING, beyond=self._limits.lingering):
            self._close(first)

    def _watch_reading(self, connection: Connection) -> None:
        if self._selector.get_key(connection.sock).events != selectors.EVENT_READ:
            self._selector.modify(connection.sock, selectors.EVENT_READ, connection)

    def _expire(self, connection: Connection) -> None:
        if connection.over and connection.phase is Phase.HEAD:
            self._turn_away(connection)
        elif connection.phase is Phase.HEAD and connection.inbox:
            self._send(
                connection, answer(plain_text(HTTPStatus.REQUEST_TIMEOUT, "Request too slow"), close=True)
            )
            self._metrics.requests[HTTPStatus.REQUEST_TIMEOUT] += 1
        else:
            self._close(connection)

    def _close(self, connection: Connection) -> None:
        if connection in self._slots:
            self._slots.leave(connection)
            self._asking.pop(connection, None)
            self._metrics.connections = len(self._slots)
            self._selector.unregister(connection.sock)
            if connection.outbox:
                connection.abort()
            connection.sock.close()

    # Ending.

    def _begin_drain(self) -> None:
        now = time.monotonic()
        self._selector.unregister(self._waker)
        self._accept()
        self._pause_accepting()
        self._listener.close()
        self._drain_until = now + self._limits.drain_seconds
        for connection in self._slots:
            if connection.idle or connection.phase is Phase.LINGERING:
                self._close(connection)
            elif connection.phase is Phase.HEAD:
                connection.deadline = now + self._limits.drain_head_seconds
            else:
                connection.close_after = True
                connection.deadline = min(connection.deadline, self._drain_until)

    def _finished(self) -> bool:
        if self._drain_until is None:
            return False
        return not self._slots or time.monotonic() >= self._drain_until

    def _close_all(self) -> None:
        for connection in self._slots:
            self._close(connection)
        self._selector.close()
        self._listener.close()
        self._waker.close()
        self._wake.close()
