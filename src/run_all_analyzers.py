"""Runs every analyzer on one CSV of calls: pages, JSON reports, landing page and manifest."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.alerting import thresholds_from
from analysis.run import add_run_arguments, concluded, run_analyzers, tell_next
from analyzers.registry import REPORTS, analyzers, columns_of
from foundation.console import Console, Parser, leave, run
from foundation.outcome import UsageError
from foundation.places import shown

if TYPE_CHECKING:
    from analysis.stages import Outcome


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = Parser(description="Runs the analyzers on a CSV of calls and writes their pages.")
    add_run_arguments(parser)
    parser.add_argument(
        "--only",
        metavar="ID",
        action="append",
        default=[],
        help="run this report alone; may be given several times",
    )
    return parser.parse_args(argv)


def check(only: Sequence[str]) -> None:
    """Refuses what `--only` cannot mean.

    Raises:
        UsageError: an id that no report has.
    """
    for identity in only:
        if identity not in REPORTS:
            raise UsageError(f"--only {identity}: there is no such report; there are {', '.join(REPORTS)}.")


def report(outcome: "Outcome", options: argparse.Namespace, console: Console) -> None:
    """The closing lines."""
    console.closing("📊 ANALYSIS COMPLETE" if not outcome.failures else "📊 ANALYSIS COMPLETE, WITH FAILURES")
    console.say(f"⏱️  Total time: {outcome.seconds:.2f} seconds")
    console.success(f"Successful: {outcome.successful}")
    console.say(f"❌ Failed: {len(outcome.failures)}")
    console.say(f"📁 Reports saved to: {shown(options.out / 'html')}/")
    console.say()
    for line in outcome.summary.text.splitlines():
        console.paragraph(line, hanging=outcome.summary.label_width + 2)
    tell_next(outcome, options, console)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the analyzers and says what they found."""
    options = arguments(argv)
    thresholds = thresholds_from(options)
    console = Console(quiet=options.quiet, json_output=options.json)
    check(options.only)
    ids = list(dict.fromkeys(options.only)) or list(REPORTS)
    number = "ALL" if len(ids) == len(REPORTS) else f"{len(ids)} OF {len(REPORTS)}"
    console.banner(f"🚀 REVENIUM FINOPS SHOWCASE - RUNNING {number} ANALYZERS")
    console.say()
    outcome = run_analyzers(
        lambda: analyzers(ids), columns_of(ids), options, console, complete=not options.only
    )
    report(outcome, options, console)
    console.result(outcome.as_json() | {"failed": [failure.report.id for failure in outcome.failures]})
    return concluded(outcome, thresholds, console)


if __name__ == "__main__":
    leave(run(main))
