"""The network side: one thread serves all clients, and none, however slow, keeps another one waiting.

Every wait has an end: for a request's head, for its body, for the client to take the answer. Connections and
the bytes of bodies under way are bounded: a newcomer takes the place of who has been silent longest, and where
all are at work it is asked to come again.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus

from showcase.metering.endpoint import Endpoint
from showcase.metering.messages import Head, Refused, Reply, parsed_head, refusal

END_OF_HEAD = b"\r\n\r\n"
LINGER_BYTES = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What clients may take."""

    connections: int = 512
    head_bytes: int = 32_768
    body_bytes: int = 1 << 20
    bodies_bytes: int = 64 << 20
    """Bytes of all bodies that are being received or stored at one time."""
    idle_seconds: float = 75.0
    """Between two requests of a connection."""
    head_seconds: float = 10.0
    body_seconds: float = 20.0
    send_seconds: float = 10.0
    linger_seconds: float = 2.0
    drain_seconds: float = 10.0
    """From the signal to stop to the last answer."""


class Server:
    """Serves an endpoint on a listening socket until it is stopped."""

    def __init__(self, listener: socket.socket, endpoint: Endpoint, limits: Limits | None = None) -> None:
        self._listener = listener
        self._endpoint = endpoint
        self._limits = limits or Limits()
        self._connections: set[asyncio.Task[None]] = set()
        self._idle: dict[asyncio.Task[None], None] = {}
        """Those that wait for a request, the longest wait first."""
        self._bodies_bytes = 0
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Asks the server to answer what is under way and to end; from its own loop."""
        self._stopping.set()

    async def serve(self) -> None:
        """Serves until `stop`; answers that are under way are given to their end."""
        server = await asyncio.start_server(
            self._connected, sock=self._listener, limit=self._limits.head_bytes, backlog=1_024
        )
        await self._stopping.wait()
        server.close()
        for task in list(self._idle):
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections, timeout=self._limits.drain_seconds)
        for task in list(self._connections):
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._connections.add(task)
        try:
            if len(self._connections) > self._limits.connections and not self._end_an_idle_one():
                await self._turn_away(reader, writer)
            else:
                await self._converse(task, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client is gone, or the server ends
        finally:
            self._connections.discard(task)
            self._idle.pop(task, None)
            writer.close()

    def _end_an_idle_one(self) -> bool:
        """Gives the place of the connection that has been silent longest to a newcomer, if one is silent."""
        for task in self._idle:
            del self._idle[task]
            task.cancel()
            return True
        return False

    async def _turn_away(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._send(writer, _busy("too many connections"), close=True)
        await self._linger(reader, writer)

    async def _converse(
        self, task: "asyncio.Task[None]", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answers one request after another, until either side ends it."""
        keep_alive, head_only = True, False
        while keep_alive and not self._stopping.is_set():
            try:
                head = await self._head(task, reader)
                if head is None:
                    return
                head_only = head.method == "HEAD"
                reply, keep_alive = await self._answered(head, reader, writer)
            except Refused as refused:
                reply, keep_alive = refused.reply, False
            keep_alive = keep_alive and not self._stopping.is_set()
            await self._send(writer, reply, close=not keep_alive, head_only=head_only)
        await self._linger(reader, writer)

    async def _head(self, task: "asyncio.Task[None]", reader: asyncio.StreamReader) -> Head | None:
        """The next request's head; None where the client has ended or stays silent."""
        self._idle[task] = None
        try:
            async with asyncio.timeout(self._limits.idle_seconds):
                first = await reader.read(1)
        except TimeoutError:
            return None
        finally:
            self._idle.pop(task, None)
        if not first:
            return None
        try:
            async with asyncio.timeout(self._limits.head_seconds):
                return parsed_head(first + await reader.readuntil(END_OF_HEAD))
        except TimeoutError:
            raise Refused(HTTPStatus.REQUEST_TIMEOUT, "the request came too slowly", "timeout") from None
        except asyncio.LimitOverrunError:
            raise Refused(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the head of the request is too long"
            ) from None

    async def _answered(
        self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[Reply, bool]:
        """The answer, and whether the connection can go on."""
        early = self._endpoint.before_body(head)
        if early is not None:
            return early, head.keep_alive and not head.content_length
        if head.content_length > self._limits.body_bytes:
            raise Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"a body may have up to {self._limits.body_bytes} bytes",
                "body_too_large",
            )
        async with self._room_for(head.content_length) as room:
            if not room:
                return _busy("too many bodies at one time"), False
            body = await self._body(head, reader, writer)
            return await self._endpoint.answer(head, body), head.keep_alive

    @contextlib.asynccontextmanager
    async def _room_for(self, size: int) -> AsyncIterator[bool]:
        room = self._bodies_bytes + size <= self._limits.bodies_bytes
        self._bodies_bytes += size if room else 0
        try:
            yield room
        finally:
            self._bodies_bytes -= size if room else 0

    async def _body(self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        if head.header("expect").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                return await reader.readexactly(head.content_length)
        except TimeoutError:
            raise Refused(HTTPStatus.REQUEST_TIMEOUT, "the body came too slowly", "timeout") from None

    async def _send(
        self, writer: asyncio.StreamWriter, reply: Reply, *, close: bool, head_only: bool = False
    ) -> None:
        data = reply.encoded(close=close)
        writer.write(data[: data.index(END_OF_HEAD) + len(END_OF_HEAD)] if head_only else data)
        try:
            async with asyncio.timeout(self._limits.send_seconds):
                await writer.drain()
        except TimeoutError:
            writer.transport.abort()

    async def _linger(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Reads on for a moment, so that a client that is still sending can read its answer."""
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(self._limits.linger_seconds):
                writer.write_eof()
                left = LINGER_BYTES
                while left > 0 and (chunk := await reader.read(65_536)):
                    left -= len(chunk)


def _busy(message: str) -> Reply:
    return refusal(HTTPStatus.SERVICE_UNAVAILABLE, "busy", f"{message}: come again", 1)
