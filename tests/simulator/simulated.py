"""Simulators for tests: all patterns on fixed days, and their calls as arrays."""

from datetime import date

import numpy as np

from simulator.batch import Batch
from simulator.core import AICallSimulator
from simulator.scenarios.burst_traffic import BurstTraffic
from simulator.scenarios.gradual_decline import GradualDecline
from simulator.scenarios.month_start import MonthStart
from simulator.scenarios.product_launch import ProductLaunch
from simulator.scenarios.seasonal_pattern import SeasonalPattern
from simulator.scenarios.steady_growth import SteadyGrowth
from simulator.scenarios.viral_spike import ViralSpike
from simulator.scenarios.weekend_heavy import WeekendHeavy

END = date(2026, 11, 20)
QUICK_START = (AICallSimulator, SeasonalPattern, BurstTraffic, GradualDecline)
ALL = (*QUICK_START, SteadyGrowth, ViralSpike, WeekendHeavy, ProductLaunch, MonthStart)
DAY_US = 86_400_000_000
HOUR_US = DAY_US // 24


def all_calls(simulator: AICallSimulator) -> dict[str, np.ndarray]:
    """Every array of every batch, joined."""
    batches = list(simulator.batches())
    names = [name for name in vars(batches[0]) if name in Batch.__dataclass_fields__]
    return {name: np.concatenate([getattr(batch, name) for batch in batches]) for name in names}


def days_of(simulator: AICallSimulator, calls: dict[str, np.ndarray]) -> np.ndarray:
    """The day of each call, counted from the first."""
    return (calls["time_us"] - simulator.calendar.start_us) // DAY_US


def hours_of(calls: dict[str, np.ndarray]) -> np.ndarray:
    """The hour of day of each call."""
    return calls["time_us"] % DAY_US // HOUR_US
