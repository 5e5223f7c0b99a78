"""`run_all_analyzers.py` and each report alone: calls in; pages, JSON reports, manifest, summary and `--json` out."""

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.alerting import Thresholds, act_on, add_alert_arguments, thresholds_from
from analysis.currency import display_currency
from calls.arguments import add_data_argument, add_filter_arguments, selection_from
from calls.engine_choice import add_engine_argument, engine_from, open_on
from calls.parquet.files import means_parquet
from calls.rollups.shared import BESIDE_SUMS
from foundation.console import Console, Parser, add_output_arguments, add_settings_arguments, run
from foundation.outcome import ExitCode, UsageError
from foundation.places import REPORTS, VIEW, command, existing_file, shown
from reporting.currency import amounts_in
from settings.currency_choice import add_currency_arguments, currency_from, digest_with
from settings.loader import load_settings

if TYPE_CHECKING:
    from analysis.stages import Analyzed, RunResult
    from analyzers.base import Analyzer
    from calls.protocol import Calls
    from calls.source import Source
    from settings.model import Settings

AT_ONCE = 2
"""Analyzers that run at the same time."""
SWITCH_SECONDS = 0.0002
"""How long a thread keeps the interpreter from one that has come back from the engine or the disk."""


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
    add_currency_arguments(parser)
    add_alert_arguments(parser)
    add_output_arguments(parser)


@contextmanager
def _paced() -> Iterator[None]:
    """Rarer garbage collection and thread switches: results hold hardly any cycle, and reading goes before importing.

    Objects made in between count as old afterwards, so that later collections do not search them for cycles.
    """
    collections, switches = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(1_000_000, *collections[1:])
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()
        gc.set_threshold(*collections)
        sys.setswitchinterval(switches)


@_paced()
def run_analyzers(
    choose: "Callable[[], Sequence[Analyzer[Any]]]",
    columns: frozenset[str],
    options: argparse.Namespace,
    console: Console,
    *,
    complete: bool,
) -> "RunResult":
    """Opens the calls once, runs each analyzer, publishes what came of it.

    `choose` gives the analyzers; `columns` are what they read of single calls (`Analyzer.columns`).
    With `complete` the pages of other analyzers go; without, they stay as they are.

    Raises:
        UserError: the calls or the settings cannot be used; nothing is published.
    """
    started = time.monotonic()
    if options.out.exists() and not options.out.is_dir():
        raise UsageError(f"--out {options.out} is no folder; name one for the pages.")
    settings = load_settings(options.settings, options.pricing)
    choice = currency_from(options)
    selection = selection_from(options)
    selection = replace(
        selection,
        late_after_ms=settings.service_levels.latency_ms,
        excluded_columns=BESIDE_SUMS - columns - {column for column, _ in selection.where},
    )
    engine = engine_from(options)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        importing = _Importing(pool, choose)
        with console.progress("Reading the calls"):
            opened = open_on(engine, options.data, selection, on_scan_start=importing.start)
        _tell_source(opened.source, console)
        currency = display_currency(choice, opened.source.period.last_day)
        if currency:
            from reporting.currency_words import currency_note  # noqa: PLC0415  most runs show dollars

            console.say(f"💱 {currency_note(currency)}")
        with opened as calls, amounts_in(currency):
            found = _analyzed(pool, importing.chosen(), calls, settings, console)
    from analysis.stages import published  # noqa: PLC0415  see `_Importing`

    named = replace(
        found.provenance,
        settings_digest=digest_with(choice, settings.digest),
        settings_file=options.settings,
        pricing_file=options.pricing,
        currency=currency,
    )
    with amounts_in(currency):
        return published(
            replace(found, provenance=named), options.out, console, complete=complete, started=started
        )


def _tell_source(source: "Source", console: Console) -> None:
    console.success(f"Found existing data: {shown(Path(source.path))}")
    console.say(f"📊 Data contains {source.accepted:,} call{'' if source.accepted == 1 else 's'}")
    if source.used < source.accepted:
        console.say(f"   {source.used:,} of them pass the filters")
    if notice := source.tail_notice():
        console.warning(notice)


class _Importing:
    """Imports the chosen analyzers and what writes their pages: much, so a thread does it while the calls are read.

    Args:
        pool: has the thread.
        choose: imports the analyzers, and gives them.
    """

    def __init__(self, pool: Executor, choose: "Callable[[], Sequence[Analyzer[Any]]]") -> None:
        self._pool, self._choose = pool, choose
        self._running: Future[Sequence[Analyzer[Any]]] | None = None

    def start(self) -> None:
        """Begins, if nobody has begun it."""
        if self._running is None:
            self._running = self._pool.submit(self._imported)

    def chosen(self) -> "Sequence[Analyzer[Any]]":
        """The analyzers, once all is imported."""
        self.start()
        assert self._running is not None  # noqa: S101  `start` has begun it
        return self._running.result()

    def _imported(self) -> "Sequence[Analyzer[Any]]":
        # NumPy's matrices are small here: threads for them would only turn on processors that the engine needs.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        chosen = self._choose()
        import_module("analysis.stages")
        return chosen


def _analyzed(
    pool: Executor, chosen: "Sequence[Analyzer[Any]]", calls: "Calls", settings: "Settings", console: Console
) -> "Analyzed":
    """What came of each analyzer; slow rollups are built beside them."""
    from analysis.stages import analyzed  # noqa: PLC0415  see `_Importing`

    calls.divide_threads(min(AT_ONCE, len(chosen)))
    rollups = [name for analyzer in chosen for name in analyzer.slow_rollups]
    with _built_ahead(calls, rollups), console.progress("Analyzing", len(chosen)) as advance:
        return analyzed(pool, chosen, calls, settings, advance)


@contextmanager
def _built_ahead(calls: "Calls", rollups: Sequence[str]) -> Iterator[None]:
    """Builds rollups in a thread of its own, which has ended at the end.

    If that fails, the query that names the rollup builds it again and raises.
    """
    with ThreadPoolExecutor(1) as ahead:
        ahead.submit(calls.build, *rollups)
        yield


def tell_next(result: "RunResult", options: argparse.Namespace, console: Console) -> None:
    """Says what was judged, whose pages have gone, and how to look at these: the viewer on what was analyzed."""
    if result.not_judged:
        number = f"{len(result.judged)} of {len(result.judged) + len(result.not_judged)} reports"
        console.say()
        console.paragraph(
            f"⚠️  This run made and judged {number}: {', '.join(result.judged) or 'none'}; "
            "alerts of the others may be missing or old."
        )
    if result.replaced:
        console.say()
        console.paragraph(f"🔁 {result.replaced}")
    flags = {
        "--data": None if means_parquet(options.data) else existing_file(options.data),
        "--out": options.out,
        "--settings": options.settings,
        "--pricing": options.pricing,
    }
    console.say()
    console.say(f"Next: {command(VIEW, flags)}")


def run_one(analyzer: "Analyzer[Any]", argv: Sequence[str] | None = None) -> int:
    """The script of one analyzer: its page anew, the others as they are."""
    return run(lambda: _run_one(analyzer, argv))


def concluded(result: "RunResult", thresholds: Thresholds, console: Console) -> ExitCode:
    """Reports alerts and returns the exit code: a failed report goes before a crossed threshold."""
    crossed = act_on(result.summary, result.chosen, thresholds, console)
    return ExitCode.FAILED if result.failures else crossed


def _run_one(analyzer: "Analyzer[Any]", argv: Sequence[str] | None) -> int:
    parser = Parser(description=analyzer.description)
    add_run_arguments(parser)
    options = parser.parse_args(argv)
    thresholds = thresholds_from(options)
    console = Console(quiet=options.quiet, json_output=options.json)
    result = run_analyzers(lambda: [analyzer], analyzer.columns, options, console, complete=False)
    tell_next(result, options, console)
    console.result(result.as_json())
    return concluded(result, thresholds, console)
