"""Incidents: what was found at one time in several series is one, and its dollars count once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from methods.anomaly import Excess

TOGETHER = timedelta(days=1)
"""Falls that begin no further apart than this are one incident."""
CURRENT = timedelta(days=14)
"""What ended, or what stopped, longer before the end of the last day is earlier, not current."""


@dataclass(frozen=True)
class Found(Excess):
    """A run of hours, or of days, of one series with far more calls than the past explains, or of days with far fewer.

    `start` is its first hour and `end` the end of its last, by the clock of the reporting zone. `peak_z` is that of the
    most extreme slot, None for calls that `stopped` and have not come again.
    """

    kind: str
    name: str
    by: str
    start: datetime
    end: datetime
    peak_z: float | None
    stopped: bool = False

    @property
    def who(self) -> str:
        """What it is about, in words."""
        return "all calls" if self.kind == "total" else f"{self.kind} {self.name}"

    @property
    def is_fall(self) -> bool:
        """Whether calls are missing."""
        return self.calls < self.expected_calls

    def meets(self, other: "Found") -> bool:
        """Whether the two share any time."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Event:
    """An incident: findings at one time, since a burst of all calls shows again in its models, features, customers.

    `lead` is the one of most dollars off expectation, `parts` are the others, most dollars first.
    """

    lead: Found
    parts: tuple[Found, ...]

    @property
    def most_in(self) -> tuple[Found, ...]:
        """The part of most dollars of each kind."""
        first: dict[str, Found] = {}
        for part in self.parts:
            first.setdefault(part.kind, part)
        return tuple(first.values())

    @property
    def is_fall(self) -> bool:
        """Whether calls are missing."""
        return self.lead.is_fall

    def is_current(self, last_day: date) -> bool:
        """Whether it ended within two weeks before the end of `last_day`; calls that stopped: whether they did then.

        Silence lasts to the end of the data, so its age counts from its first day.
        """
        since = self.lead.start if self.lead.stopped else self.lead.end
        return since > datetime.combine(last_day, time()) + timedelta(days=1) - CURRENT

    @property
    def excess_usd(self) -> float:
        """Dollars over expectation, below zero for a fall, no call counted twice.

        A burst has those of its lead. Series of one kind share no call, so a fall has the sum over the kind that misses
        most: several customers whose calls stop together add up, and show in the total once.
        """
        if not self.is_fall:
            return self.lead.excess_usd
        sums: dict[str, float] = {}
        for found in (self.lead, *self.parts):
            sums[found.kind] = sums.get(found.kind, 0.0) + found.excess_usd
        return min(sums.values())


def bursts(ranked: Iterable[Found]) -> tuple[Event, ...]:
    """Incidents of findings with too many calls, which come ordered by dollars: what shares time is one."""
    parts: dict[Found, list[Found]] = {}
    for found in ranked:
        lead = next((lead for lead in parts if lead.meets(found)), None)
        parts.setdefault(lead or found, []).extend([found] if lead else [])
    return tuple(Event(lead, tuple(others)) for lead, others in parts.items())


def falls(ranked: Iterable[Found]) -> tuple[Event, ...]:
    """Incidents of findings with too few calls, which come ordered by dollars: what begins together is one."""
    parts: dict[Found, list[Found]] = {}
    for found in ranked:
        lead = next((lead for lead in parts if abs(lead.start - found.start) <= TOGETHER), None)
        parts.setdefault(lead or found, []).extend([found] if lead else [])
    return tuple(Event(lead, tuple(others)) for lead, others in parts.items())
