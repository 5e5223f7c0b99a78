"""How well bursts are found on simulated calls: `python3 benchmarks/anomaly_quality.py`.

For 20 seeds, a file of 60 days of the burst pattern is searched as the report does it, by hour and by day, in
total and by model, feature and customer at once, with the settings that ship. A burst after the first 14 days
counts as found when a finding overlaps it; a finding that overlaps no burst is false. The same search over
the base pattern, which has no bursts, counts false alarms. Prints recall, precision, delay, false alarms a
week and lasting changes called where there is none; 1 is returned when a goal is missed.
"""

import sys
import tempfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from analyzers.realtime.anomaly_search import Search, search
from analyzers.realtime.incidents import Found
from calls.engine import open_calls
from settings.loader import load_settings
from settings.model import Settings
from simulator.core import AICallSimulator
from simulator.scenarios.burst_traffic import Burst, BurstTraffic

SEEDS = range(20)
DAYS = 60
LAST_DAY = date(2026, 6, 21)


@dataclass(frozen=True)
class Judgement:
    """What became of the bursts of one file, and of the findings."""

    bursts: int
    found: int
    findings: int
    true_findings: int
    delays: tuple[float, ...]


def searched(simulator: AICallSimulator, settings: Settings) -> Search:
    """Everything that the report finds in a file of this simulation."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        simulator.write(path)
        with open_calls(path) as calls:
            return search(calls, settings)


def start_of(burst: Burst) -> datetime:
    """When a burst begins."""
    return datetime.combine(burst.day, time(burst.hour))


def overlap(found: Found, burst: Burst) -> bool:
    """Whether a finding and a burst share an hour."""
    start = start_of(burst)
    return found.start < start + timedelta(hours=burst.hours) and start < found.end


def judge(simulator: BurstTraffic, settings: Settings) -> Judgement:
    """Compares what is found with what was injected."""
    ranked = searched(simulator, settings).ranked
    first_judged = simulator.calendar.first + timedelta(days=settings.anomaly.history_days)
    judged = [burst for burst in simulator.bursts if burst.day >= first_judged]
    firsts = [[found.start for found in ranked if overlap(found, burst)] for burst in judged]
    return Judgement(
        len(judged),
        sum(1 for first in firsts if first),
        len(ranked),
        sum(any(overlap(found, burst) for burst in simulator.bursts) for found in ranked),
        tuple(
            max((min(first) - start_of(burst)) / timedelta(hours=1), 0.0)
            for first, burst in zip(firsts, judged, strict=True)
            if first
        ),
    )


def main() -> int:
    """Measures, prints, judges."""
    settings = load_settings()
    judgements = [
        judge(BurstTraffic(num_days=DAYS, seed=seed, end_date=LAST_DAY), settings) for seed in SEEDS
    ]
    base = [
        searched(AICallSimulator(num_days=DAYS, seed=seed, end_date=LAST_DAY), settings) for seed in SEEDS
    ]
    recall = sum(each.found for each in judgements) / sum(each.bursts for each in judgements)
    precision = sum(each.true_findings for each in judgements) / sum(each.findings for each in judgements)
    delays = [delay for each in judgements for delay in each.delays]
    weeks = len(SEEDS) * (DAYS - settings.anomaly.history_days) / 7
    alarms = sum(len(found.ranked) for found in base) / weeks
    shifts, series = sum(len(found.shifts) for found in base), sum(found.series for found in base)
    print(f"bursts {sum(each.bursts for each in judgements)}  recall {recall:.3f}  precision {precision:.3f}")
    print(f"mean delay {np.mean(delays):.2f} hours after the first hour of the burst")
    print(f"base pattern: {alarms:.3f} false alarms a week over all series")
    print(f"base pattern: {shifts} lasting changes called in {series:,} series that have none")
    good = recall >= 0.94 and precision >= 0.97 and alarms == 0
    print(
        "goals: recall 0.94, precision 0.97, no false alarm on the base pattern:", "met" if good else "MISSED"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
