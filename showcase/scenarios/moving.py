"""From switches that the reports find to moves that can be tried on the calls."""

from collections.abc import Iterable
from decimal import Decimal

from analyzers.advice.cheaper_models import Switch
from showcase.scenarios.what_if import Move

LIMITS = (0, 1_000, 10_000, 10**12)
"""Input tokens at which the length bands of `analyzers.advice.cheaper_models` begin, and the end of the last."""


def moves_of(
    switches: Iterable[Switch],
    *,
    share: Decimal = Decimal(1),
    customer: str | None = None,
    feature: str | None = None,
) -> list[Move]:
    """The moves of switches: of all calls or a share of them, of all work or that of a customer or feature."""
    return [
        Move(
            task=switch.work.task,
            provider=switch.work.provider,
            model=switch.work.model,
            new_provider=switch.provider,
            new_model=switch.model,
            low=LIMITS[switch.work.band],
            high=LIMITS[switch.work.band + 1],
            share=share,
            customer=customer,
            feature=feature,
        )
        for switch in switches
    ]
