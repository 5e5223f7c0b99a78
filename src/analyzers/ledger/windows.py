"""Windows of budgets: days, weeks, months, quarters and years, with billing cycles and fiscal years."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from reporting.number_format import days_between

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
"""Calendar months in a window that is counted by them."""
DAYS_OF = {"day": 1, "week": 7}
"""Days in a window that is counted by days."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A period of whole days, `first` and `last` both counted."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def title(self) -> str:
        """What a reader calls it: "Nov 2026", "2026", else its days: "15 Oct to 14 Nov 2026"."""
        if self == CALENDAR_MONTHS.around(self.first):
            return f"{self.first:%b %Y}"
        if self == Cycle("year").around(self.first):
            return f"{self.first:%Y}"
        return days_between(self.first, self.last)

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Cycle:
    """How time is divided into windows that adjoin.

    Attributes:
        length: day, week (from Monday), month, quarter or year.
        start_day: The day of the month on which a month, quarter or year begins; the month's last day where it has
            fewer.
        start_month: The month in which a year begins, and with it the first of its quarters.
    """

    length: str
    start_day: int = 1
    start_month: int = 1

    def around(self, day: date) -> Window:
        """The window that holds a day."""
        if self.length in DAYS_OF:
            size = DAYS_OF[self.length]
            first = date.fromordinal(max(day.toordinal() - (day.toordinal() - 1) % size, 1))
            return Window(first, min(first, date.max - (size - 1) * ONE_DAY) + (size - 1) * ONE_DAY)
        size = MONTHS_OF[self.length]
        number = day.year * 12 + day.month - 1
        number -= day < self._begin(number)
        number -= (number - self.start_month + 1) % size
        following = self._begin(number + size)
        return Window(self._begin(number), date.max if following == date.max else following - ONE_DAY)

    def between(self, first: date, last: date) -> Iterator[Window]:
        """The windows from that of the first day to that of the last, in order."""
        window = self.around(first)
        yield window
        while window.last < last:
            window = self.around(window.last + ONE_DAY)
            yield window

    def _begin(self, number: int) -> date:
        """Where the window of a month begins; months are counted from the year 0."""
        year, month = divmod(number, 12)
        if not date.min.year <= year <= date.max.year:
            return date.min if year < date.min.year else date.max
        return date(year, month + 1, min(self.start_day, monthrange(year, month + 1)[1]))


CALENDAR_MONTHS = Cycle("month")
