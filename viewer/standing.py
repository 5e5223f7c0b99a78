"""Which connections hold a place at the server, and which give way when more come than there are places.

Connections stand in lines, the longest wait first. Whatever the server asks here takes equally long for ten
connections and for thousands: a crowd costs each newcomer nothing.
"""

from collections.abc import Iterator
from enum import Enum, auto

from viewer.connection import Connection, Phase


class Line(Enum):
    """Where a connection stands."""

    ASKING = auto()
    """It holds a place; its request has not arrived whole."""
    IDLE = auto()
    """It holds a place; it was answered, and asks for nothing."""
    TAKING = auto()
    """It holds a place; its answer is on the way."""
    OVER = auto()
    """It came when all places were taken, and is told so once it asks."""
    LEAVING = auto()
    """It was answered for the last time and has not closed yet."""


_PLACES = (Line.ASKING, Line.IDLE, Line.TAKING)


class Places:
    """The open connections in their lines."""

    def __init__(self, number: int, welcome_seconds: float) -> None:
        """So many places, and how long one that has asked for nothing keeps its own when others want it."""
        self._number = number
        self._welcome_seconds = welcome_seconds
        self._lines: dict[Line, dict[Connection, None]] = {line: {} for line in Line}
        self._line_of: dict[Connection, Line] = {}

    def __len__(self) -> int:
        return len(self._line_of)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._line_of))

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._line_of

    @property
    def all_taken(self) -> bool:
        """Whether a newcomer finds no place."""
        return sum(len(self._lines[line]) for line in _PLACES) >= self._number

    def stand(self, connection: Connection) -> None:
        """Puts a connection at the end of the line it belongs in now; one that is there stays where it is."""
        line = _line_for(connection)
        if self._line_of.get(connection) is not line:
            self.leave(connection)
            self._line_of[connection] = line
            self._lines[line][connection] = None

    def leave(self, connection: Connection) -> None:
        """Forgets a connection."""
        line = self._line_of.pop(connection, None)
        if line is not None:
            del self._lines[line][connection]

    def first(self, line: Line, beyond: int = 0) -> Connection | None:
        """Who stands in a line for longest, if more than so many stand there."""
        return next(iter(self._lines[line])) if len(self._lines[line]) > beyond else None

    def silent(self, now: float) -> Connection | None:
        """Who only holds a place: of the idle and of those that asked for nothing in their time, the longest so."""
        found = [self.first(Line.IDLE), self._overstaying(now)]
        return min(filter(None, found), key=lambda connection: connection.waiting_since, default=None)

    def least_needed(self) -> Connection | None:
        """Who is closed where the system has no descriptor left for a newcomer."""
        lines = (Line.LEAVING, Line.OVER, Line.IDLE, Line.ASKING)
        return next(filter(None, map(self.first, lines)), None)

    def _overstaying(self, now: float) -> Connection | None:
        longest = self.first(Line.ASKING)
        return longest if longest and now - longest.waiting_since >= self._welcome_seconds else None


def _line_for(connection: Connection) -> Line:
    if connection.phase is Phase.LINGERING:
        return Line.LEAVING
    if connection.over:
        return Line.OVER
    if connection.phase is Phase.SENDING:
        return Line.TAKING
    return Line.IDLE if connection.idle else Line.ASKING
