"""Counts of what was simulated, added up batch by batch, exactly."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from simulator.batch import Batch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class CallTotals:
    """Calls, customers, tokens and money of some calls.

    Customers of different patterns differ, so that totals of patterns may be added.
    """

    calls: int
    customers: int
    cost_usd: Decimal
    input_tokens: int
    output_tokens: int
    first: datetime
    last: datetime

    def __add__(self, other: "CallTotals") -> "CallTotals":
        return CallTotals(
            calls=self.calls + other.calls,
            customers=self.customers + other.customers,
            cost_usd=self.cost_usd + other.cost_usd,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            first=min(self.first, other.first),
            last=max(self.last, other.last),
        )

    @property
    def tokens(self) -> int:
        """Input and output tokens."""
        return self.input_tokens + self.output_tokens

    @property
    def cost_per_call_usd(self) -> Decimal:
        """Mean cost of a call."""
        return self.cost_usd / self.calls


class TotalsCounter:
    """Adds up batches of one pattern."""

    def __init__(self, customers: int) -> None:
        self._seen = np.zeros(customers, dtype=np.bool_)
        self._calls = self._nano = self._input = self._output = 0
        self._first: int | None = None
        self._last = 0

    def add(self, batch: Batch) -> None:
        """Counts a batch; batches come in order of time."""
        self._seen[batch.customer] = True
        self._calls += batch.size
        self._nano += int(batch.cost_nano_usd.sum())
        self._input += int(batch.input_tokens.sum())
        self._output += int(batch.output_tokens.sum())
        self._first = int(batch.time_us[0]) if self._first is None else self._first
        self._last = int(batch.time_us[-1])

    @property
    def totals(self) -> CallTotals:
        """What was added so far."""
        return CallTotals(
            calls=self._calls,
            customers=int(self._seen.sum()),
            cost_usd=Decimal(self._nano).scaleb(-9),
            input_tokens=self._input,
            output_tokens=self._output,
            first=_EPOCH + timedelta(microseconds=self._first or 0),
            last=_EPOCH + timedelta(microseconds=self._last),
        )
