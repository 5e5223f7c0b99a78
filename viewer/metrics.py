"""What the viewer counts, in the text format that Prometheus reads."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OUTCOMES = ("succeeded", "failed", "timed_out")
"""How a refresh can end."""


@dataclass
class Metrics:
    """Counts since the start. Times are seconds, points in time seconds of the epoch."""

    started: float = field(default_factory=time.time)
    requests: Counter[int] = field(default_factory=Counter)
    """Answers by status."""
    refreshes: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(OUTCOMES, 0)))
    refresh_seconds: float = 0.0
    last_refresh_seconds: float = 0.0
    refreshing: bool = False
    connections: int = 0
    turned_away: int = 0

    def refreshed(self, outcome: str, seconds: float) -> None:
        """Counts one run of the analyzers."""
        self.refreshes[outcome] += 1
        self.refresh_seconds += seconds
        self.last_refresh_seconds = seconds

    def text(self, *, data_age: float | None, generated: float | None) -> str:
        """All counts. A figure that is not known (no data yet) is left out."""
        total = sum(self.refreshes.values())
        outcomes = [(f'{{outcome="{name}"}}', count) for name, count in sorted(self.refreshes.items())]
        statuses = [(f'{{status="{code}"}}', count) for code, count in sorted(self.requests.items())]
        families = [
            _family("refreshes_total", "counter", "Runs of the analyzers, by outcome.", outcomes),
            _family(
                "refresh_duration_seconds",
                "summary",
                "How long the analyzers took.",
                [("_sum", self.refresh_seconds), ("_count", total)],
            ),
            _single(
                "last_refresh_duration_seconds", "How long the last run took.", self.last_refresh_seconds
            ),
            _single("refresh_in_progress", "1 while the analyzers run.", int(self.refreshing)),
            _single("data_age_seconds", "Age of the file that the reports were made from.", data_age),
            _single("reports_generated_timestamp_seconds", "When the reports were made.", generated),
            _family("requests_total", "counter", "Answers, by status.", statuses),
            _single("connections", "Open connections.", self.connections),
            _family(
                "connections_turned_away_total",
                "counter",
                "Connections over the limit.",
                [("", self.turned_away)],
            ),
            _single("start_time_seconds", "When the viewer started.", self.started),
        ]
        return "".join(families)


def _single(name: str, meaning: str, value: float | None) -> str:
    return "" if value is None else _family(name, "gauge", meaning, [("", value)])


def _family(name: str, kind: str, meaning: str, samples: Iterable[tuple[str, float]]) -> str:
    full = f"finops_viewer_{name}"
    lines = [f"# HELP {full} {meaning}", f"# TYPE {full} {kind}"]
    lines += [
        f"{full}{suffix} {value:.6f}" if isinstance(value, float) else f"{full}{suffix} {value}"
        for suffix, value in samples
    ]
    return "\n".join(lines) + "\n"
