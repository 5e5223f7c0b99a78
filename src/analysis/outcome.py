"""What came of each analyzer on the calls of a run, and the set of pages made of it."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzers.base import Analyzer
from calls.engine import Calls
from foundation.console import Console, printable
from foundation.release import VERSION
from reporting.manifest import Manifest
from reporting.manifest_entries import Status
from reporting.outcomes import Failure, Page
from reporting.page_text import in_words
from reporting.provenance import Provenance, generated_now
from reporting.publishing import publish, publish_beside
from reporting.summary import Summary, summary_of
from settings.model import Settings

SUMMARY_FILE = "summary.txt"


@dataclass(frozen=True)
class Outcome:
    """What a run made: the manifest that is now on the disk, what failed, and what it says in ten lines.

    `chosen` are the ids of the reports that were asked for.
    """

    manifest: Manifest
    failures: tuple[Failure, ...]
    summary: Summary
    chosen: frozenset[str]
    seconds: float

    @property
    def successful(self) -> int:
        """Reports that were made and published."""
        return len(self.chosen) - len(self.failures)


@dataclass(frozen=True)
class Analyzed:
    """What came of each analyzer, in order, and what all of them were made from."""

    made: tuple[Page | Failure, ...]
    provenance: Provenance


def analyzed(
    pool: Executor, chosen: Sequence[Analyzer[Any]], calls: Calls, settings: Settings, console: Console
) -> Analyzed:
    """Runs each analyzer on the calls; what goes wrong in one is told, in order, and does not stop the others."""
    running = [pool.submit(_made, analyzer, calls, settings) for analyzer in chosen]
    try:
        provenance = _provenance(calls, settings)
        made = [_told(analyzer, each.result, console) for analyzer, each in zip(chosen, running, strict=True)]
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        calls.interrupt()
        raise
    return Analyzed(tuple(made), provenance)


def published(found: Analyzed, reports: Path, console: Console, *, complete: bool, started: float) -> Outcome:
    """Publishes pages, twins, manifest and summary.

    With `complete` the pages of other analyzers go; without, they stay as they are. `started` is when the run
    began (`time.monotonic`).

    Raises:
        OSError: something could not be written; every file on the disk is whole.
        Problem: another run has been publishing for too long.
    """
    pages = [made for made in found.made if isinstance(made, Page)]
    failures = [made for made in found.made if isinstance(made, Failure)]
    manifest = publish(reports, pages, failures, found.provenance, complete=complete)
    unmade = _not_rendered(manifest, pages)
    for failure in unmade:
        console.failure(f"{failure.report.title}: {failure.reason}")
    failures += unmade
    summary = summary_of(manifest)
    publish_beside(reports, SUMMARY_FILE, printable(summary.text), manifest)
    chosen = frozenset(made.report.id for made in found.made)
    return Outcome(manifest, tuple(failures), summary, chosen, time.monotonic() - started)


def _told(analyzer: Analyzer[Any], outcome: Callable[[], Page | Failure], console: Console) -> Page | Failure:
    console.block(analyzer.title)
    made = outcome()
    if isinstance(made, Failure):
        console.failure(f"{analyzer.title}: {made.reason}")
    else:
        console.success(made.document.finding)
    return made


def _made(analyzer: Analyzer[Any], calls: Calls, settings: Settings) -> Page | Failure:
    """The page of one analyzer, or why there is none: whatever goes wrong in one must not stop the others."""
    try:
        result = analyzer.analyze(calls, settings)
        return Page(analyzer, analyzer.document(result), result)
    except Exception as error:  # noqa: BLE001
        return Failure(analyzer, in_words(error))


def _not_rendered(manifest: Manifest, pages: Sequence[Page]) -> list[Failure]:
    """Reports that were computed but whose page could not be made."""
    entries = {entry.id: entry for entry in manifest.pages}
    return [
        Failure(page.report, entries[page.report.id].reason)
        for page in pages
        if entries[page.report.id].status is not Status.OK
    ]


def _provenance(calls: Calls, settings: Settings) -> Provenance:
    costs = calls.sql("select sum(known_cost) as total, sum(credit_cost) as credits from hourly_use")[0]
    return Provenance(calls.source, VERSION, settings.digest, generated_now(), costs.total, costs.credits)
