"""Two files of unequal length are compared over the days that both have had: the first so many of each."""

from dataclasses import dataclass
from datetime import date, timedelta

from calls.source import Source


@dataclass(frozen=True)
class FilePeriod:
    """The days that a file has, before it is cut to the length of the other, both counted."""

    first_day: date
    last_day: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last_day - self.first_day).days + 1


def file_period(source: Source) -> FilePeriod:
    """The days of a file."""
    return FilePeriod(source.period.first_day, source.period.last_day)


def shared_days(one: Source, other: Source) -> int:
    """How many days both files have, counted from the first of each."""
    return min(one.period.days, other.period.days)


def cut_to(source: Source, days: int) -> tuple[str, str] | None:
    """From when until when a file is read to have so many days; None where it has no more."""
    period = source.period
    if period.days <= days:
        return None
    return period.first_day.isoformat(), (period.first_day + timedelta(days=days - 1)).isoformat()
