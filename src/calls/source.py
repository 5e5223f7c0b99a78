"""What was read: file, period, filters, lines accepted and rejected, unknown costs; every report carries it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from calls.cost_gaps import Gap

LATE_HOUR = 22
"""The last day of a file is whole when a call lies in its last two hours."""


@dataclass(frozen=True)
class Filters:
    """What narrows the calls: ISO dates or periods back from the last call, column values, the zone of a day.

    With `allow_credits` calls of negative cost are calls, too. `customers` is the path of the customers file that
    fills plan, price and organization, `customers_digest` the SHA-256 of what it held.
    """

    since: str | None = None
    until: str | None = None
    where: tuple[tuple[str, str], ...] = ()
    timezone: str = "UTC"
    allow_credits: bool = False
    customers: str | None = None
    customers_digest: str | None = None


@dataclass(frozen=True)
class Period:
    """From the first to the last call, in whole days of the reporting time zone.

    `first` and `last` are instants in UTC; `first_day` and `last_day` are days of the zone, both inclusive.
    """

    first: datetime
    last: datetime
    first_day: date
    last_day: date

    @property
    def days(self) -> int:
        """Whole days from the first to the last, both counted."""
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True)
class RejectedLine:
    """A line that could not be used: where it stands, why, and its first 200 characters, escaped."""

    line: int
    byte_offset: int
    reason: str
    text: str


@dataclass(frozen=True)
class Unpriced:
    """Calls of one model whose cost is unknown."""

    provider: str
    model: str
    calls: int


@dataclass(frozen=True)
class Source:
    """The file behind a set of calls, and what became of its lines.

    `accepted + sum(rejected) + duplicates = data_lines`; `used` counts the accepted calls that pass the
    filters. `columns` are the columns that the file has.
    """

    path: str
    size_bytes: int
    mtime_ns: int
    fingerprint: str
    data_lines: int
    accepted: int
    used: int
    duplicates: int
    period: Period
    filters: Filters
    columns: frozenset[str]
    rejected: dict[str, int] = field(default_factory=dict)
    flagged: dict[str, int] = field(default_factory=dict)
    rejected_lines: tuple[RejectedLine, ...] = ()
    unpriced: tuple[Unpriced, ...] = ()
    gaps: tuple[Gap, ...] = ()
    """Used calls whose cost lacks a term: unknown, or a lower bound."""
    torn_tail: bool = False
    undated: int = 0
    """Used calls whose time is not plausible: they count in totals, and in nothing over time."""
    period_before: tuple[datetime, datetime] | None = None
    """The equal period before (UTC, the end left out), where `since` begins the period and the file reaches
    back that far."""

    @property
    def rejected_total(self) -> int:
        """Lines rejected for any reason."""
        return sum(self.rejected.values())

    def tail_notice(self) -> str:
        """What to say of bytes after the last whole line; nothing where there are none."""
        return f"{self.path} ends within a line, which may be cut short and is left out." * self.torn_tail

    @property
    def unpriced_calls(self) -> int:
        """Used calls whose cost is unknown."""
        return sum(entry.calls for entry in self.unpriced)

    @property
    def partial_calls(self) -> int:
        """Used calls whose cost is a lower bound."""
        return sum(entry.calls for entry in self.gaps if entry.is_partial)
