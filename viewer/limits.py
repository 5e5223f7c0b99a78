"""What the clients of the viewer may take: numbers of connections, and seconds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Numbers of connections, and times."""

    connections: int = 1024
    """More are turned away with 503, but for who asks whether the viewer lives."""
    turned_away: int = 256
    """So many of those may take their time to ask; with more, the first is told to come back before it has."""
    lingering: int = 256
    """So many may take their time to close after their last answer; with more, the first is closed."""
    backlog: int = 4096
    head_seconds: float = 10.0
    """From the first moment of waiting to the end of a request's head, however it drips."""
    welcome_seconds: float = 2.0
    """So long a connection that has asked for nothing yet keeps its place when others want it."""
    send_seconds: float = 10.0
    send_bytes_second: int = 32_768
    """A large answer may take longer: so many bytes per second."""
    linger_seconds: float = 2.0
    drain_seconds: float = 4.0
    """From the signal to stop to the last byte of answers under way."""
    drain_head_seconds: float = 0.5
    """For requests that were on their way when the signal came."""
