"""Which connections hold a slot of the server, and which give way in a crowd, so that `/health` answers.

Connections wait in queues, the longest wait first. Every operation takes constant time, so that thousands of
connections do not slow down the next one.
"""

from collections.abc import Iterator
from enum import Enum, auto

from viewer.connection import Connection, Phase


class Queue(Enum):
    """What a connection is waiting for."""

    ASKING = auto()
    """It holds a slot; its request has not arrived whole."""
    IDLE = auto()
    """It holds a slot; it was answered, and asks for nothing."""
    TAKING = auto()
    """It holds a slot; its answer is on the way."""
    OVER = auto()
    """It came when all slots were taken, and is told so once its request has arrived."""
    LEAVING = auto()
    """It was answered for the last time and has not closed yet."""


_WITH_SLOT = (Queue.ASKING, Queue.IDLE, Queue.TAKING)


class Slots:
    """The open connections in their queues."""

    def __init__(self, number: int, welcome_seconds: float) -> None:
        """`number` slots; a connection that sent no request gives way to newcomers after `welcome_seconds`."""
        self._number = number
        self._welcome_seconds = welcome_seconds
        self._queues: dict[Queue, dict[Connection, None]] = {queue: {} for queue in Queue}
        self._queue_of: dict[Connection, Queue] = {}

    def __len__(self) -> int:
        return len(self._queue_of)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._queue_of))

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._queue_of

    @property
    def all_taken(self) -> bool:
        """Whether no slot is free."""
        return sum(len(self._queues[queue]) for queue in _WITH_SLOT) >= self._number

    def enqueue(self, connection: Connection) -> None:
        """Puts a connection at the end of the queue of its state; one that is there already keeps its position."""
        queue = _queue_for(connection)
        if self._queue_of.get(connection) is not queue:
            self.leave(connection)
            self._queue_of[connection] = queue
            self._queues[queue][connection] = None

    def leave(self, connection: Connection) -> None:
        """Forgets a connection."""
        queue = self._queue_of.pop(connection, None)
        if queue is not None:
            del self._queues[queue][connection]

    def first(self, queue: Queue, beyond: int = 0) -> Connection | None:
        """The longest waiting of a queue, if more than `beyond` wait there."""
        return next(iter(self._queues[queue])) if len(self._queues[queue]) > beyond else None

    def silent(self, now: float) -> Connection | None:
        """The longest waiting of the idle and of those that sent no request in their time."""
        found = [self.first(Queue.IDLE), self._overstaying(now)]
        return min(filter(None, found), key=lambda connection: connection.waiting_since, default=None)

    def least_needed(self) -> Connection | None:
        """The one to close where the system has no descriptor left for a newcomer."""
        queues = (Queue.LEAVING, Queue.OVER, Queue.IDLE, Queue.ASKING)
        return next(filter(None, map(self.first, queues)), None)

    def _overstaying(self, now: float) -> Connection | None:
        longest = self.first(Queue.ASKING)
        return longest if longest and now - longest.waiting_since >= self._welcome_seconds else None


def _queue_for(connection: Connection) -> Queue:
    if connection.phase is Phase.LINGERING:
        return Queue.LEAVING
    if connection.over:
        return Queue.OVER
    if connection.phase is Phase.SENDING:
        return Queue.TAKING
    return Queue.IDLE if connection.idle else Queue.ASKING
