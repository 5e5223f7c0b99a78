"""The ten-line summary for a terminal, a mail, `reports/summary.txt` and `--json`; the order of alerts.

Made from the manifest alone, so that it always agrees with the pages beside it: data, one line a report
(two of spending), and the alerts. A report that is behind says so.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from calls.cost_gaps import gap_words
from reporting.currency_words import currency_of, rate_text
from reporting.document import Level
from reporting.manifest import Manifest
from reporting.manifest_entries import AlertEntry, PageEntry, Status
from reporting.number_format import days_between

FEW = 2
_LEVELS = (Level.CRITICAL, Level.WARNING, Level.INFO)
_NOUNS = {
    Level.CRITICAL: ("critical", "critical"),
    Level.WARNING: ("warning", "warnings"),
    Level.INFO: ("note", "notes"),
}


@dataclass(frozen=True)
class Line:
    """A line of the summary. `report` is the id of the report it speaks for, "" for data and alerts."""

    label: str
    text: str
    report: str
    figures: dict[str, Any]


@dataclass(frozen=True)
class Raised:
    """An alert, and the id of the report that raises it."""

    report: str
    alert: AlertEntry


@dataclass(frozen=True)
class Summary:
    """What a set of reports says. `raised` are the alerts of all reports, the most urgent first."""

    lines: tuple[Line, ...]
    raised: tuple[Raised, ...]
    manifest: Manifest

    @property
    def text(self) -> str:
        """The lines, labels aligned."""
        return "".join(f"{line.label:<{self.label_width}}  {line.text}\n" for line in self.lines)

    @property
    def label_width(self) -> int:
        """The longest label."""
        return max(len(line.label) for line in self.lines)

    def alerts_from(self, level: Level, reports: Collection[str]) -> tuple[AlertEntry, ...]:
        """The alerts of these reports at this level or above; what two of them say of one thing counts once."""
        urgent = {entry.value for entry in _LEVELS[: _LEVELS.index(level) + 1]}
        raised = [each for each in self.raised if each.report in reports and each.alert.level in urgent]
        return tuple(entry.alert for entry in _once(raised))

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "run_id": self.manifest.run_id,
            "generated_at": self.manifest.generated_at,
            "source": asdict(self.manifest.source),
            "display_currency": asdict(self.manifest.currency) if self.manifest.currency else None,
            "lines": [asdict(line) for line in self.lines],
            "alerts": [{"report": entry.report, **asdict(entry.alert)} for entry in _once(self.raised)],
            "reports": [_report_json(page) for page in self.manifest.pages],
        }


def summary_of(manifest: Manifest) -> Summary:
    """The summary of the set of reports that a manifest lists."""
    raised = by_urgency(manifest.pages)
    reports = (line for page in manifest.pages for line in _lines(page))
    lines = [_data(manifest), *reports, _alerts(manifest, [entry.alert for entry in _once(raised)])]
    return Summary(tuple(lines), raised, manifest)


def _once(raised: Iterable[Raised]) -> list[Raised]:
    """The alerts in their order, the first of each that are about the same thing."""
    kept: dict[object, Raised] = {}
    for place, entry in enumerate(raised):
        kept.setdefault(entry.alert.dedup_key or place, entry)
    return list(kept.values())


def _data(manifest: Manifest) -> Line:
    source = manifest.source
    period = days_between(date.fromisoformat(source.first_day), date.fromisoformat(source.last_day))
    parts = [
        f"{source.used:,} {'call' if source.used == 1 else 'calls'} of {Path(source.path).name}, {period}"
    ]
    parts += [f"{source.unpriced_calls:,} of unknown cost"] if source.unpriced_calls else []
    parts += gap_words(source.gaps)
    parts += (
        [f"{source.rejected:,} {'line' if source.rejected == 1 else 'lines'} rejected"]
        if source.rejected
        else []
    )
    parts += ["the last line does not end and is left out"] if source.torn_tail else []
    parts += [rate_text(currency_of(manifest.currency))] if manifest.currency else []
    figures = {
        "calls": source.used,
        "unknown_cost_calls": source.unpriced_calls,
        "partial_cost_calls": sum(entry.calls for entry in source.gaps if entry.is_partial),
        "rejected_lines": source.rejected,
        "duplicate_lines": source.duplicates,
        "torn_lines": int(source.torn_tail),
    }
    return Line("Data", "; ".join(parts), "", figures)


def _lines(page: PageEntry) -> Iterable[Line]:
    """What a report says; where it is behind, that it is, with what it said before."""
    if page.status is Status.FAILED:
        return [Line(page.title, f"not made: {page.reason}", page.id, {})]
    behind = "" if page.status is Status.OK else f"(of an earlier run: {page.reason}) "
    return [Line(entry.label, behind + entry.text, page.id, entry.figures) for entry in page.summary_lines]


def by_urgency(pages: Sequence[PageEntry]) -> tuple[Raised, ...]:
    """The alerts of the reports that are up to date: by severity, then by dollars."""
    raised = [Raised(page.id, alert) for page in pages if page.status is Status.OK for alert in page.alerts]
    order = {level.value: place for place, level in enumerate(_LEVELS)}
    return tuple(sorted(raised, key=lambda entry: (order[entry.alert.level], -Decimal(entry.alert.usd or 0))))


def _alerts(manifest: Manifest, alerts: Sequence[AlertEntry]) -> Line:
    counts = Counter(alert.level for alert in alerts)
    figures = {level.value: counts[level.value] for level in _LEVELS}
    if not alerts:
        return Line("Alerts", f"none in {_judged(manifest)}", "", figures)
    words = ", ".join(
        f"{counts[level.value]} {_NOUNS[level][counts[level.value] > 1]}"
        for level in _LEVELS
        if counts[level.value]
    )
    return Line("Alerts", f"{words} in {_judged(manifest)}; first: {alerts[0].title}", "", figures)


def _judged(manifest: Manifest) -> str:
    """The reports whose alerts these are: few by name, so that nobody takes them for all."""
    pages = [page for page in manifest.pages if page.status is Status.OK]
    earlier = sum(1 for page in pages if page.run_id != manifest.run_id)
    number = f"{len(pages)} {'report' if len(pages) == 1 else 'reports'}"
    if pages and len(pages) <= FEW:
        return f"{number} ({', '.join(page.title for page in pages)})"
    return f"{number}, {earlier} of them of an earlier run" if earlier else number


def _report_json(page: PageEntry) -> dict[str, Any]:
    headline = page.headline
    return {
        "id": page.id,
        "title": page.title,
        "status": page.status.value,
        "headline": headline.text if headline else "",
        "value": headline.value if headline else "",
        "unit": headline.unit if headline else "",
        "finding": page.finding,
    }
