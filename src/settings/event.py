"""Days that the user names: a holiday, a launch."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from settings.constraints import Filled, Key, Means, OneOf

LONGEST = {"yearly": 365, "monthly": 28, "weekly": 6}
"""Days that an event may last that comes so often."""


@dataclass(frozen=True)
class Event:
    """Days that are no anomaly, such as a holiday or a launch: [[event]]."""

    name: Annotated[str, Filled(), Means("what happens")]
    first: Annotated[date, Key("from"), Means("its first day, of any year, month or week if it recurs")]
    until: Annotated[date | None, Means("its last day; the first one if it is not said")] = None
    recurs: Annotated[
        str,
        OneOf("once", "yearly", "monthly", "weekly"),
        Means("how often it comes: every year, month or week"),
    ] = "once"

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return ((self.until or self.first) - self.first).days + 1

    def covers(self, day: date) -> bool:
        """Whether a day is one of the event."""
        if self.recurs == "once":
            return self.first <= day <= (self.until or self.first)
        return any(self._begins(day - timedelta(days=back)) for back in range(self.days))

    def _begins(self, day: date) -> bool:
        """Whether the event begins on a day; on the last of a month that is too short for its day."""
        if self.recurs == "weekly":
            return day.weekday() == self.first.weekday()
        number = min(self.first.day, monthrange(day.year, day.month)[1])
        return day.day == number and (self.recurs == "monthly" or day.month == self.first.month)
