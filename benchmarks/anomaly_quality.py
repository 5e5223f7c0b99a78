"""How well bursts are found on simulated calls: `python3 benchmarks/anomaly_quality.py`.

For 20 seeds, 60 days of the burst pattern are searched by hour, in total and by model, customer and feature
at once, with the settings that ship. A burst after the first 14 days counts as found when a finding overlaps
it; a finding that overlaps no burst is false. The same search over the base pattern, which has no bursts,
counts false alarms. Prints recall, precision, delay and false alarms a week; 1 is returned
when a goal is missed.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from methods.anomaly import Anomalies, Finding, Rule, find_anomalies
from settings.loader import load_settings
from simulator.batch import Batch
from simulator.core import AICallSimulator
from simulator.models import ROSTER
from simulator.scenarios.burst_traffic import Burst, BurstTraffic
from simulator.traffic import HOUR_US, HOURS
from simulator.workload import FEATURES

SEEDS = range(20)
DAYS = 60
LAST_DAY = date(2026, 6, 21)


@dataclass(frozen=True)
class Tally:
    """What became of the bursts of one file, and of the findings."""

    bursts: int
    found: int
    findings: int
    true_findings: int
    delays: tuple[int, ...]


def shipped_rule() -> Rule:
    """The rule of settings.toml."""
    anomaly = load_settings().anomaly
    return Rule(
        float(anomaly.modified_z),
        float(anomaly.ratio),
        float(anomaly.floor_usd),
        anomaly.history_days,
        float(anomaly.false_discovery_rate),
    )


def codes(batch: Batch, customers: int) -> Iterator[np.ndarray]:
    """The series that each call of a batch belongs to: total, model, customer, feature."""
    yield np.zeros(batch.size, dtype=np.int64)
    yield 1 + batch.model.astype(np.int64)
    yield 1 + len(ROSTER) + batch.customer.astype(np.int64)
    yield 1 + len(ROSTER) + customers + batch.feature.astype(np.int64)


def cubes(simulator: AICallSimulator) -> tuple[np.ndarray, np.ndarray]:
    """Calls and dollars by series, day and hour."""
    series, slots = 1 + len(ROSTER) + simulator.num_customers + len(FEATURES), DAYS * HOURS
    calls, usd = np.zeros(series * slots), np.zeros(series * slots)
    for batch in simulator.batches():
        hour = (batch.time_us - simulator.calendar.start_us) // HOUR_US
        for code in codes(batch, simulator.num_customers):
            calls += np.bincount(code * slots + hour, minlength=calls.size)
            usd += np.bincount(code * slots + hour, weights=batch.cost_nano_usd / 1e9, minlength=usd.size)
    return calls.reshape(series, DAYS, HOURS), usd.reshape(series, DAYS, HOURS)


def search(simulator: AICallSimulator, rule: Rule) -> Anomalies:
    """Everything found in a simulation."""
    return find_anomalies(*cubes(simulator), rule)


def span(burst: Burst, simulator: AICallSimulator) -> range:
    """The hours of a burst, counted from the first of the file."""
    start = (burst.day - simulator.calendar.first).days * HOURS + burst.hour
    return range(start, start + burst.hours)


def overlap(finding: Finding, hours: range) -> bool:
    """Whether a finding and a burst share an hour."""
    return finding.first < hours.stop and hours.start <= finding.last


def judge(simulator: BurstTraffic, rule: Rule) -> Tally:
    """Compares what is found with what was injected."""
    findings = search(simulator, rule).findings
    spans = [span(burst, simulator) for burst in simulator.bursts]
    judged = [hours for hours in spans if hours.start >= rule.history_days * HOURS]
    firsts = [[each.first for each in findings if overlap(each, hours)] for hours in judged]
    return Tally(
        len(judged),
        sum(1 for first in firsts if first),
        len(findings),
        sum(any(overlap(each, hours) for hours in spans) for each in findings),
        tuple(max(min(first) - hours.start, 0) for first, hours in zip(firsts, judged, strict=True) if first),
    )


def main() -> int:
    """Measures, prints, judges."""
    rule = shipped_rule()
    tallies = [judge(BurstTraffic(num_days=DAYS, seed=seed, end_date=LAST_DAY), rule) for seed in SEEDS]
    base = [search(AICallSimulator(num_days=DAYS, seed=seed, end_date=LAST_DAY), rule) for seed in SEEDS]
    recall = sum(tally.found for tally in tallies) / sum(tally.bursts for tally in tallies)
    precision = sum(tally.true_findings for tally in tallies) / sum(tally.findings for tally in tallies)
    delays = [delay for tally in tallies for delay in tally.delays]
    weeks = len(SEEDS) * (DAYS - rule.history_days) / 7
    alarms = sum(len(found.findings) for found in base) / weeks
    print(f"bursts {sum(tally.bursts for tally in tallies)}  recall {recall:.3f}  precision {precision:.3f}")
    print(f"mean delay {np.mean(delays):.2f} hours after the first hour of the burst")
    print(f"base pattern: {alarms:.3f} false alarms a week over all series")
    good = recall >= 0.9 and precision >= 0.8 and alarms < 1
    print("goals: recall 0.9, precision 0.8, under one false alarm a week:", "met" if good else "MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
