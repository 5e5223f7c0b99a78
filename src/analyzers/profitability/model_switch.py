"""What moving a customer's calls to cheaper models for the same work saves, see `analyzers.advice.cheaper_models`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from analyzers.advice.cheaper_models import Switch, switches_to, targets, work, work_of
from analyzers.usage.sums import ZERO, share
from calls.engine import Calls
from settings.model import Settings


@dataclass(frozen=True)
class CustomerSwitch:
    """The moves that a customer's calls could make, and the cost of all its priced calls (USD)."""

    moves: tuple[Switch, ...]
    cost_usd: Decimal

    @property
    def saving_share(self) -> Decimal:
        """Saved over cost, if every call moved."""
        return share(sum((move.saving_usd for move in self.moves), ZERO), self.cost_usd) or ZERO

    @property
    def words(self) -> str:
        """The moves in words: how many calls, and from which model to which most dollars are saved."""
        by_models: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for move in self.moves:
            by_models[move.work.model, move.model] += move.saving_usd
        source, target = max(by_models, key=lambda models: (by_models[models], models))
        calls = sum(move.work.usage.calls for move in self.moves)
        return f"{calls:,} calls, mainly {source} to {target}"


def customer_switches(
    calls: Calls, customers: Sequence[str], settings: Settings
) -> dict[str, CustomerSwitch]:
    """The switch of each of these customers whose work a cheaper model already does."""
    day, calls_needed = calls.source.period.last_day, settings.sample.comparison_calls
    places = targets(work(calls), settings.pricing, day, calls_needed)
    found = {}
    for customer, lines in work_of(calls, customers).items():
        moves = switches_to(places, lines)
        if moves:
            found[customer] = CustomerSwitch(moves, sum((line.usage.cost_usd for line in lines), ZERO))
    return found
