"""Service level objectives: how much of the error budget is used, and how fast.

Source: Beyer, Murphy, Rensin, Kawahara and Thorne (editors), The Site Reliability Workbook (2018), chapter 5.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ErrorBudget:
    """Calls that may be bad at an objective (a share of good calls, below 1) and those that were."""

    calls: int
    bad: int
    objective: float

    @property
    def compliance(self) -> float | None:
        """Share of good calls; None without calls."""
        return 1 - self.bad / self.calls if self.calls else None

    @property
    def allowed(self) -> float:
        """Bad calls that the objective allows."""
        return (1 - self.objective) * self.calls

    @property
    def remaining(self) -> float | None:
        """Share of the allowance that is left; negative when overspent, None without an allowance."""
        return 1 - self.bad / self.allowed if self.allowed else None

    @property
    def burn_rate(self) -> float | None:
        """Bad calls over allowed ones: 1 spends the budget exactly by the end of the period."""
        return self.bad / self.allowed if self.allowed else None


@dataclass(frozen=True)
class BurnHour:
    """An hour and its error budget."""

    hour: datetime
    budget: ErrorBudget


def fastest_burn(
    hours: Iterable[tuple[datetime, int, int]], objective: float, least_calls: int
) -> BurnHour | None:
    """The hour that burned fastest among those with at least `least_calls` calls, the earlier on a tie.

    Args:
        hours: (hour, calls, bad calls).
        objective: share of calls that must be good, below 1.
        least_calls: calls without which an hour is not judged.

    Returns:
        The hour, or None when no hour qualifies or none had a bad call.
    """
    judged = [
        BurnHour(hour, ErrorBudget(calls, bad, objective))
        for hour, calls, bad in hours
        if calls >= max(least_calls, 1) and bad
    ]
    return min(judged, key=lambda each: (-(each.budget.burn_rate or 0.0), each.hour), default=None)
