"""The period of a result, its days, and how its dollars become dollars per month."""

from datetime import date
from decimal import Decimal

MONTH_DAYS = 30


class PeriodResult:
    """A result over whole days, `first_day` and `last_day` both counted; for dataclasses that have the two."""

    first_day: date
    last_day: date

    @property
    def period_days(self) -> int:
        """Days of the period."""
        return (self.last_day - self.first_day).days + 1

    @property
    def month_factor(self) -> Decimal:
        """What turns dollars of the period into dollars per month of 30 days."""
        return Decimal(MONTH_DAYS) / self.period_days
