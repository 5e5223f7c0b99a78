"""The two stages of a run: each analyzer on the calls; then the set of pages made of what came of them."""

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzers.base import Analyzer
from analyzers.registry import REPORTS
from analyzers.usage.cells import with_cells
from calls.engine import Calls
from foundation.console import Console, printable
from foundation.places import shown
from foundation.progress import Advance
from foundation.release import VERSION
from reporting.manifest import HTML, Manifest, load_manifest
from reporting.manifest_entries import Status
from reporting.page_or_failure import Failure, Page
from reporting.page_text import in_words
from reporting.provenance import Provenance, generated_now
from reporting.publishing import publish, publish_beside
from reporting.reading_order import in_reading_order
from reporting.summary import Summary, summary_of
from settings.model import Settings

SUMMARY_FILE = "summary.txt"


@dataclass(frozen=True)
class RunResult:
    """What a run made: the manifest that is now on the disk, what failed, and what it says in ten lines.

    `chosen` are the ids of the reports that were asked for; `replaced` says what pages of another file became of.
    """

    manifest: Manifest
    failures: tuple[Failure, ...]
    summary: Summary
    chosen: frozenset[str]
    seconds: float
    replaced: str = ""

    @property
    def successful(self) -> int:
        """Reports that were made and published."""
        return len(self.judged)

    @property
    def judged(self) -> tuple[str, ...]:
        """The reports that were made, whose alerts `--fail-on` judges."""
        failed = {failure.report.id for failure in self.failures}
        return tuple(page.id for page in self.manifest.pages if page.id in self.chosen - failed)

    @property
    def not_judged(self) -> tuple[str, ...]:
        """The reports there are that were not made in this run."""
        return tuple(identity for identity in REPORTS if identity not in self.judged)

    def as_json(self) -> dict[str, Any]:
        """What the run says, for machines."""
        return self.summary.as_json() | {"judged": list(self.judged), "not_judged": list(self.not_judged)}


@dataclass(frozen=True)
class Made:
    """What came of one analyzer; `headline` and `steps` are what the console says of it."""

    headline: str
    page_or_failure: Page | Failure
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Analyzed:
    """What came of each analyzer, in order, and what all of them were made from."""

    made: tuple[Made, ...]
    provenance: Provenance


def analyzed(
    pool: Executor, chosen: Sequence[Analyzer[Any]], calls: Calls, settings: Settings, advance: Advance
) -> Analyzed:
    """Runs each analyzer on the calls; what goes wrong in one does not stop the others. Each tells `advance`."""
    running = [pool.submit(_made, analyzer, calls, settings) for analyzer in chosen]
    for each in running:
        each.add_done_callback(lambda _: advance(1))
    try:
        provenance = _provenance(calls, settings)
        made = tuple(each.result() for each in running)
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        calls.interrupt()
        raise
    return Analyzed(made, provenance)


def published(
    found: Analyzed, reports: Path, console: Console, *, complete: bool, started: float
) -> RunResult:
    """Publishes pages, JSON reports, manifest and summary, and says what came of each report.

    With `complete` the pages of other analyzers go; without, they stay as they are. `started` is when the run
    began (`time.monotonic`).

    Raises:
        OSError: something could not be written; every file on the disk is whole.
        UserError: another run has been publishing for too long.
    """
    everything = [made.page_or_failure for made in found.made]
    pages = [each for each in everything if isinstance(each, Page)]
    failures = [each for each in everything if isinstance(each, Failure)]
    before = load_manifest(reports)
    with console.progress("Writing the pages"):
        manifest = publish(reports, pages, failures, found.provenance, complete=complete)
        summary = summary_of(manifest)
        publish_beside(reports, SUMMARY_FILE, printable(summary.text), manifest)
    unmade = _not_rendered(manifest, pages)
    for made in found.made:
        _tell(made, unmade.get(made.page_or_failure.report.id), reports, console)
    chosen = frozenset(each.report.id for each in everything)
    return RunResult(
        manifest=manifest,
        failures=(*failures, *unmade.values()),
        summary=summary,
        chosen=chosen,
        seconds=time.monotonic() - started,
        replaced=_replaced(before, manifest, chosen),
    )


def _replaced(before: Manifest | None, now: Manifest, chosen: frozenset[str]) -> str:
    """A sentence about the pages that were of another file, "" if there were none."""
    if before is None or before.source.path == now.source.path:
        return ""
    other = shown(Path(before.source.path))
    kept = [page.id for page in now.pages if page.id not in chosen]
    if kept:
        return f"{len(kept)} of the pages are still those of {other}."
    return f"The pages of {other} were here before; these have replaced them."


def _tell(made: Made, unmade: Failure | None, reports: Path, console: Console) -> None:
    """The block of one report: what was done, the page, and what it finds."""
    found = unmade or made.page_or_failure
    console.block(made.headline)
    for step in made.steps:
        console.say(f"   {step}")
    if isinstance(found, Failure):
        console.failure(f"{found.report.title}: {found.reason}")
        return
    console.success(f"Generated HTML report: {shown(reports / HTML / found.report.filename)}")
    console.paragraph(f"   {found.document.finding}")


def _made(analyzer: Analyzer[Any], calls: Calls, settings: Settings) -> Made:
    """The page of one analyzer, or why there is none: whatever goes wrong in one must not stop the others."""
    try:
        result = analyzer.analyze(calls, settings)
        page = Page(analyzer, in_reading_order(with_cells(analyzer.document(result), calls)), result)
        return Made(analyzer.headline, page, analyzer.steps(result))
    except Exception as error:  # noqa: BLE001
        return Made(analyzer.headline, Failure(analyzer, in_words(error)))


def _not_rendered(manifest: Manifest, pages: Sequence[Page]) -> dict[str, Failure]:
    """Reports by id that were computed but whose page could not be made."""
    entries = {entry.id: entry for entry in manifest.pages}
    return {
        page.report.id: Failure(page.report, entries[page.report.id].reason)
        for page in pages
        if entries[page.report.id].status is not Status.OK
    }


def _provenance(calls: Calls, settings: Settings) -> Provenance:
    costs = calls.sql("select sum(known_cost) as total, sum(credit_cost) as credits from hourly_use")[0]
    return Provenance(
        source=calls.source,
        tool_version=VERSION,
        settings_digest=settings.digest,
        generated_at=generated_now(),
        total_usd=costs.total,
        credits_usd=costs.credits,
    )
