"""What a run found, in ten lines for a terminal, a mail or a CI job, and as JSON for machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reporting.document import Alert, Level, Recommendation, Unit
from reporting.numbers import amount, days_between, shown
from reporting.outcomes import Page
from reporting.provenance import Provenance
from reporting.views import blocks_of

_LEVELS = (Level.INFO, Level.WARNING, Level.CRITICAL)


@dataclass(frozen=True)
class Line:
    """One report in a line: its title, its headline figure and its finding."""

    id: str
    title: str
    headline: str
    finding: str


@dataclass(frozen=True)
class Summary:
    """What a run found."""

    period: str
    data: str
    lines: tuple[Line, ...]
    best_saving: str
    alerts: tuple[Alert, ...]

    @property
    def reports(self) -> int:
        """How many reports it speaks of."""
        return len(self.lines)

    @property
    def text(self) -> str:
        """The lines: data, one a report, the best saving."""
        width = max((len(line.title) for line in self.lines), default=0)
        reports = [f"{line.title:<{width}}  {line.headline}: {line.finding}" for line in self.lines]
        saving = f"{'Best saving':<{width}}  {self.best_saving}"
        return "\n".join([f"{'Data':<{width}}  {self.period}: {self.data}", *reports, saving]) + "\n"

    def alerts_from(self, level: Level) -> tuple[Alert, ...]:
        """The alerts at this level or above."""
        return tuple(alert for alert in self.alerts if _LEVELS.index(alert.level) >= _LEVELS.index(level))

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "period": self.period,
            "data": self.data,
            "reports": [vars(line) for line in self.lines],
            "best_saving": self.best_saving,
            "alerts": [
                {"level": alert.level.value, "title": alert.title, "text": alert.text, "usd": alert.usd}
                for alert in self.alerts
            ],
        }


def summary_of(pages: Sequence[Page], provenance: Provenance) -> Summary:
    """The summary of the reports of a run."""
    source = provenance.source
    rejected = f", {source.rejected_total:,} lines rejected" if source.rejected_total else ""
    unknown = f", {source.unpriced_calls:,} calls of unknown cost" if source.unpriced_calls else ""
    return Summary(
        period=days_between(source.period.first_day, source.period.last_day),
        data=f"{source.used:,} calls{rejected}{unknown}",
        lines=tuple(_line(page) for page in pages),
        best_saving=_best(
            recommendation for page in pages for recommendation in page.document.recommendations
        ),
        alerts=tuple(alert for page in pages for alert in _alerts(page)),
    )


def _line(page: Page) -> Line:
    document = page.document
    return Line(page.report.id, page.report.title, shown(document.headline.value).text, document.finding)


def _alerts(page: Page) -> list[Alert]:
    return [*page.document.alerts, *(block for block in blocks_of(page.document) if isinstance(block, Alert))]


def _best(recommendations: Any) -> str:
    savings = [entry for entry in recommendations if entry.saves]
    best: Recommendation | None = max(savings, key=lambda entry: entry.usd_month, default=None)
    if best is None:
        return "none found"
    return f"{amount(best.usd_month, Unit.USD)} a month: {best.action}"
