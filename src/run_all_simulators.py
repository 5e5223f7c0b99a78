"""Simulates four traffic patterns into one CSV: base, seasonal, burst and decline."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import sys
from collections.abc import Sequence

from foundation.console import run
from simulator import command
from simulator.core import base_pattern
from simulator.scenarios.burst_traffic import BurstTraffic
from simulator.scenarios.gradual_decline import GradualDecline
from simulator.scenarios.seasonal_pattern import SeasonalPattern


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the four patterns; the base pattern overwrites the CSV, the others append to it."""
    simulators = (base_pattern(), SeasonalPattern(), BurstTraffic(), GradualDecline())
    return command.main(simulators, argv, description=__doc__ or "")


if __name__ == "__main__":
    sys.exit(run(main))
