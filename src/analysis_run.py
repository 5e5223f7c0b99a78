"""One run of the analyzers: a file of calls in, pages, twins, manifest and a summary out."""

import argparse
import gc
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from alerting import Thresholds, act_on, add_alert_arguments, thresholds_from
from analyzers.base import Analyzer
from analyzers.registry import unasked
from calls.arguments import add_data_argument, add_filter_arguments, filters_from
from calls.engine import Calls
from calls.engines import add_engine_argument, engine_from, open_on
from console import Console, Parser, add_output_arguments, add_settings_arguments, printable, run
from outcome import ExitCode, Misuse
from places import REPORTS, shown
from release import VERSION
from reporting.manifest import HTML, Manifest
from reporting.manifest_entries import Status
from reporting.outcomes import Failure, Page
from reporting.provenance import Provenance, generated_now
from reporting.summary import Summary, summary_of
from settings.loader import load_settings
from settings.model import Settings

AT_ONCE = 2
"""Analyzers that run at the same time."""
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


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the flags that every run of analyzers takes."""
    add_data_argument(parser)
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=REPORTS,
        help="where html/ and json/ go (default: reports/)",
    )
    add_filter_arguments(parser)
    add_engine_argument(parser)
    add_settings_arguments(parser)
    add_alert_arguments(parser)
    add_output_arguments(parser)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Results hold hardly a cycle: looking for them at Python's usual pace takes a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@_rare_collections()
def run_analyzers(
    choose: Callable[[], Sequence[Analyzer[Any]]],
    ids: Collection[str],
    options: argparse.Namespace,
    console: Console,
    *,
    complete: bool,
) -> Outcome:
    """Opens the calls once, runs each analyzer, publishes what came of it.

    `choose` gives the analyzers; `ids` are theirs.
    With `complete` the pages of other analyzers go; without, they stay as they are.

    Raises:
        Problem: the calls or the settings cannot be used; nothing is published.
    """
    started = time.monotonic()
    if options.out.exists() and not options.out.is_dir():
        raise Misuse(f"--out {options.out} is no folder; name one for the pages.")
    settings = load_settings(options.settings, options.pricing)
    filters = filters_from(options)
    filters["late_after_ms"] = settings.service_levels.latency_ms
    without = unasked(ids) - {column for column, _ in filters["where"]}
    engine = engine_from(options)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        choosing = pool.submit(_imported, choose)
        with open_on(engine, options.data, without=without, **filters) as calls:
            chosen = choosing.result()
            provenance = _provenance(calls, settings)
            outcomes = _outcomes(pool, chosen, calls, settings, console)
    from reporting.publishing import publish, publish_beside  # noqa: PLC0415  see `_imported`

    pages = [made for made in outcomes if isinstance(made, Page)]
    failures = [made for made in outcomes if isinstance(made, Failure)]
    manifest = publish(options.out, pages, failures, provenance, complete=complete)
    unmade = _not_rendered(manifest, pages)
    for failure in unmade:
        console.failure(f"{failure.report.title}: {failure.reason}")
    failures += unmade
    summary = summary_of(manifest)
    publish_beside(options.out, SUMMARY_FILE, printable(summary.text), manifest)
    ids = frozenset(analyzer.id for analyzer in chosen)
    return Outcome(manifest, tuple(failures), summary, ids, time.monotonic() - started)


def _imported(choose: Callable[[], Sequence[Analyzer[Any]]]) -> Sequence[Analyzer[Any]]:
    """The chosen analyzers; they and what writes their pages import much, which is done while the calls are read."""
    chosen = choose()
    import_module("reporting.publishing")
    return chosen


def run_one(analyzer: Analyzer[Any], argv: Sequence[str] | None = None) -> int:
    """The script of one analyzer: its page anew, the others as they are."""
    return run(lambda: _run_one(analyzer, argv))


def concluded(outcome: Outcome, thresholds: Thresholds, console: Console) -> ExitCode:
    """The exit code, after alerts are told: a failed report goes before a crossed threshold."""
    crossed = act_on(outcome.summary, outcome.chosen, thresholds, console)
    return ExitCode.FAILED if outcome.failures else crossed


def _run_one(analyzer: Analyzer[Any], argv: Sequence[str] | None) -> int:
    parser = Parser(description=analyzer.description)
    add_run_arguments(parser)
    options = parser.parse_args(argv)
    thresholds = thresholds_from(options)
    console = Console(quiet=options.quiet, json_output=options.json)
    outcome = run_analyzers(lambda: [analyzer], [analyzer.id], options, console, complete=False)
    console.say(f"Report: {shown(options.out / HTML / analyzer.filename)}")
    console.result(outcome.summary.as_json())
    return concluded(outcome, thresholds, console)


def _outcomes(
    pool: Executor, chosen: Sequence[Analyzer[Any]], calls: Calls, settings: Settings, console: Console
) -> list[Page | Failure]:
    """What came of each analyzer, told in order; while one computes, the engine answers another."""
    running = [pool.submit(_made, analyzer, calls, settings) for analyzer in chosen]
    try:
        return [_told(analyzer, made.result, console) for analyzer, made in zip(chosen, running, strict=True)]
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        calls.interrupt()
        raise


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
        return Failure(
            analyzer,
            f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}",
        )


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
