"""The figures of two files side by side, and the steps between them as a reader sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from analyzers.comparison.result import Comparison
from methods.allocation import round_together
from reporting.document import Number, Unit, Value

STEP_NAMES = {
    "customers": "Customers won and lost",
    "plan changes": "Changes of plan",
    "days billed": "Days billed",
    "plan price": "Plan price",
    "volume": "Number of calls",
    "model mix": "Model and task mix",
    "model and task mix": "Model and task mix",
    "tokens per call": "Tokens per call",
    "price": "Model price",
    "cost coverage": "Cost coverage",
}


@dataclass(frozen=True)
class Line:
    """One figure of both files; `reason` says why a missing one is missing."""

    label: str
    unit: Unit
    before: Number | None
    after: Number | None
    reason: str = "not known"

    @property
    def change(self) -> Number | None:
        """After less before; None where either is missing."""
        if self.before is None or self.after is None:
            return None
        return Decimal(self.after) - Decimal(self.before)

    @property
    def change_unit(self) -> Unit:
        """Of the change: of a share, percentage points."""
        return Unit.POINTS if self.unit is Unit.SHARE else self.unit

    @property
    def relative(self) -> Decimal | None:
        """Change over before; None from zero, of a share, or where either is missing."""
        change = self.change
        if change is None or not self.before or self.unit is Unit.SHARE:
            return None
        return Decimal(change) / abs(Decimal(self.before))

    @property
    def told(self) -> Value:
        """The change as it is told: relative, of a share in points."""
        if self.unit is Unit.SHARE:
            return Value(self.change, self.change_unit, reason=self.reason if self.change is None else "")
        return Value(
            self.relative, Unit.SHARE, reason="nothing to compare with" if self.relative is None else ""
        )


def lines(result: Comparison) -> tuple[Line, ...]:
    """The figures of both files as they stand side by side."""
    a, b = result.before, result.after
    few = "too few calls with a latency"
    return (
        Line("Lines rejected", Unit.COUNT, a.rejected, b.rejected),
        Line("Duplicate lines", Unit.COUNT, a.duplicates, b.duplicates),
        Line("Days", Unit.DAYS, a.days, b.days),
        Line("Calls", Unit.COUNT, a.usage.calls, b.usage.calls),
        Line("Customers", Unit.COUNT, a.customers, b.customers),
        Line("Organizations", Unit.COUNT, a.organizations, b.organizations),
        Line("Tokens", Unit.TOKENS, a.usage.tokens, b.usage.tokens),
        Line("Cost", Unit.USD, a.usage.known_cost_usd, b.usage.known_cost_usd, "no call has a known cost"),
        Line("Calls of unknown cost", Unit.COUNT, a.usage.unpriced_calls, b.usage.unpriced_calls),
        Line("Cost per day", Unit.USD, a.cost_per_day_usd, b.cost_per_day_usd),
        Line("Cost per call", Unit.USD_RATE, a.usage.cost_per_call_usd, b.usage.cost_per_call_usd),
        Line("Cost per call, median", Unit.USD_RATE, a.cost_p50_usd, b.cost_p50_usd, "too few priced calls"),
        Line("Cost per call, P95", Unit.USD_RATE, a.cost_p95_usd, b.cost_p95_usd, "too few priced calls"),
        Line("Tokens per call", Unit.TOKENS, a.usage.tokens_per_call, b.usage.tokens_per_call),
        Line("Revenue", Unit.USD, a.revenue_usd, b.revenue_usd, result.margin_reason),
        Line("Margin", Unit.USD, a.margin_usd, b.margin_usd, result.margin_reason),
        Line(
            "Margin of revenue",
            Unit.SHARE,
            a.margin_share,
            b.margin_share,
            result.margin_reason or "no revenue",
        ),
        Line("Latency, median", Unit.MILLISECONDS, a.latency_p50_ms, b.latency_p50_ms, few),
        Line("Latency, P95", Unit.MILLISECONDS, a.latency_p95_ms, b.latency_p95_ms, few),
        Line("Latency, P99", Unit.MILLISECONDS, a.latency_p99_ms, b.latency_p99_ms, few),
    )


def in_cents(steps: Sequence[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """Steps by the names a reader sees, in cents that add up as shown."""
    rounded = round_together([amount for _, amount in steps])
    return [(STEP_NAMES[name], amount) for (name, _), amount in zip(steps, rounded, strict=True)]
