"""Money spent without need: failures and retries, premium models on short tasks, a more expensive seller."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from analyzers.advice.cheaper_models import GRADES, Switch, Work, repriced
from analyzers.usage.sums import ZERO, share
from calls.engine import Calls
from settings.model_names import without_region
from settings.pricing import Pricing

LEAST_SAVING = Decimal("0.01")

FAILURES = """
select provider, model, sum(calls) as calls, sum(failed) as failed, sum(failed_cost) as known_cost
from hourly_use
group by provider, model
order by provider, model
"""

RETRIES = """
select provider, model, sum(calls) as retries, sum(known_cost) as known_cost
from retried_calls
group by provider, model
order by provider, model
"""

LATE = """
select provider, model, sum(calls) as timed,
       sum(case when latency_ms > $limit then calls else 0 end) as late,
       sum(case when latency_ms > 2 * $limit then calls else 0 end) as very_late,
       sum(case when latency_ms > 5 * $limit then calls else 0 end) as extremely_late
from latency_counts
group by provider, model
order by provider, model
"""


@dataclass(frozen=True)
class Failures:
    """Failed calls of a model, and the retries that it answered.

    A retry is a call within a minute after a failed one of the same customer, session and task, of whatever model: so a
    fallback to another model is one. Costs are known ones.
    """

    provider: str
    model: str
    calls: int
    failed: int
    failed_usd: Decimal | None
    """None where no failed call has a known cost."""
    retries: int
    retries_usd: Decimal | None
    """None where there are retries and none has a known cost."""

    @property
    def usd(self) -> Decimal:
        """What failures are known to cost; the retries are the price of a result, and stand apart."""
        return self.failed_usd or ZERO

    @property
    def error_rate(self) -> Decimal:
        """Failed calls over calls."""
        return Decimal(self.failed) / self.calls


@dataclass(frozen=True)
class CostlierSeller:
    """The same model bought where it is more expensive. `usd_after` is the cost at the cheaper seller."""

    model: str
    provider: str
    cheaper: str
    calls: int
    cost_usd: Decimal
    usd_after: Decimal

    @property
    def saving_usd(self) -> Decimal:
        """Saved over the period if all its calls moved."""
        return self.cost_usd - self.usd_after


@dataclass(frozen=True)
class Violations:
    """Calls slower than the SLA by model: all of them, over twice and over five times the limit."""

    provider: str
    model: str
    timed: int
    late: int
    very_late: int
    extremely_late: int

    @property
    def late_share(self) -> Decimal | None:
        """Late over timed calls; None without timed calls."""
        return share(self.late, self.timed)

    @property
    def severity(self) -> str:
        """Critical where 1 in 100 takes over five times the limit, warning where any is late."""
        if self.timed and self.extremely_late * 100 >= self.timed:
            return "critical"
        return "warning" if self.late else "none"


def failures(calls: Calls) -> tuple[Failures, ...]:
    """Failures and their retries by model, the most expensive first."""
    used = {(row.provider, row.model): row for row in calls.sql(FAILURES)}
    if not any(row.failed for row in used.values()):
        return ()
    retried = {(row.provider, row.model): row for row in calls.sql(RETRIES)}
    found = [
        _failures(key, row, retried.get(key)) for key, row in used.items() if row.failed or key in retried
    ]
    return tuple(sorted(found, key=lambda entry: (-entry.usd, -entry.failed, entry.provider, entry.model)))


def _failures(key: tuple[str, str], row: Any, retried: Any) -> Failures:
    return Failures(
        *key,
        int(row.calls),
        int(row.failed),
        row.known_cost if row.failed else ZERO,
        int(retried.retries) if retried else 0,
        retried.known_cost if retried else ZERO,
    )


def violations(calls: Calls, limit_ms: int) -> tuple[Violations, ...]:
    """Late calls by model, most first; models without a latency are left out."""
    rows = [row for row in calls.sql(LATE, limit=limit_ms) if row.timed]
    found = [
        Violations(
            provider=row.provider,
            model=row.model,
            timed=int(row.timed),
            late=int(row.late),
            very_late=int(row.very_late),
            extremely_late=int(row.extremely_late),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda entry: (-entry.late, entry.provider, entry.model)))


def premium_on_short(found: Sequence[Switch], pricing: Pricing) -> tuple[Switch, ...]:
    """Switches of premium models on short calls (the shortest length band)."""
    return tuple(
        entry for entry in found if entry.work.band == 0 and _grade(entry.work, pricing) == GRADES[-1]
    )


def _grade(line: Work, pricing: Pricing) -> str:
    found = pricing.find(line.provider, line.model)
    return found.grade if found else ""


def costlier_sellers(lines: Sequence[Work], pricing: Pricing, day: date) -> tuple[CostlierSeller, ...]:
    """Models that another provider in these data sells for less, the largest saving first."""
    offers: dict[str, dict[str, list[Work]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        offers[same_model(line, pricing)][line.provider].append(line)
    found = [
        entry
        for model, sellers in offers.items()
        if model and len(sellers) > 1
        for entry in _against(model, sellers, pricing, day)
    ]
    return tuple(sorted(found, key=lambda entry: (-entry.saving_usd, entry.model, entry.provider)))


def _against(model: str, sellers: dict[str, list[Work]], pricing: Pricing, day: date) -> list[CostlierSeller]:
    found = []
    for provider, lines in sellers.items():
        cost = sum((line.usage.cost_usd for line in lines), ZERO)
        options = []
        for other, theirs in sellers.items():
            after = [repriced(line, theirs[0], pricing, day) for line in lines]
            if other != provider and None not in after:
                options.append((sum((amount for amount in after if amount is not None), ZERO), other))
        if options and min(options)[0] <= cost * (1 - LEAST_SAVING):
            after_usd, cheaper = min(options)
            calls = sum(line.usage.calls for line in lines)
            found.append(
                CostlierSeller(
                    model=model,
                    provider=provider,
                    cheaper=cheaper,
                    calls=calls,
                    cost_usd=cost,
                    usd_after=after_usd,
                )
            )
    return found


def same_model(line: Work, pricing: Pricing) -> str:
    """The model without its seller's prefix: bedrock's anthropic.x is anthropic's x."""
    known = pricing.find(line.provider, line.model)
    if known is None:
        return line.model
    return without_region(known.model).removeprefix(f"{known.maker}.")
