"""Runs every analyzer on one CSV of calls: pages, JSON reports, landing page and manifest."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.alerting import thresholds_from
from analysis.run import add_run_arguments, concluded, run_analyzers, tell_next
from analyzers.instances import analyzers
from analyzers.registry import REPORTS, columns_of
from foundation.console import Console, Parser, leave, run
from foundation.outcome import UsageError
from foundation.places import shown

if TYPE_CHECKING:
    from analysis.stages import RunResult


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


def report(result: "RunResult", options: argparse.Namespace, console: Console) -> None:
    """The closing lines."""
    console.closing("📊 ANALYSIS COMPLETE" if not result.failures else "📊 ANALYSIS COMPLETE, WITH FAILURES")
    console.say(f"⏱️  Total time: {result.seconds:.2f} seconds")
    console.success(f"Successful: {result.successful}")
    console.say(f"❌ Failed: {len(result.failures)}")
    console.say(f"📁 Reports saved to: {shown(options.out / 'html')}/")
    console.say()
    for line in result.summary.text.splitlines():
        console.paragraph(line, hanging=result.summary.label_width + 2)
    tell_next(result, options, console)


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
    result = run_analyzers(
        lambda: analyzers(ids), columns_of(ids), options, console, complete=not options.only
    )
    report(result, options, console)
    console.result(result.as_json() | {"failed": [failure.report.id for failure in result.failures]})
    return concluded(result, thresholds, console)


if __name__ == "__main__":
    leave(run(main))
