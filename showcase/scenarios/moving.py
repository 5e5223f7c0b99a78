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
            switch.work.task,
            switch.work.provider,
            switch.work.model,
            switch.provider,
            switch.model,
            LIMITS[switch.work.band],
            LIMITS[switch.work.band + 1],
            share,
            customer,
            feature,
        )
        for switch in switches
    ]
