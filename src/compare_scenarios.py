"""Compares two CSVs of calls: what changed from the first to the second, why, and what exceeds chance."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from analysis.currency import display_currency
from analyzers.comparison.compare import compare
from analyzers.comparison.equal_periods import cut_to, file_period, shared_days
from analyzers.comparison.page import ID, TITLE, page
from analyzers.comparison.result import Comparison
from analyzers.comparison.words import chance_finding, console_lines, finding, period_note
from calls.arguments import add_filter_arguments, selection_from
from calls.engine import Calls
from calls.engine_choice import open_any
from foundation.console import Console, Parser, add_output_arguments, add_settings_arguments, run
from foundation.outcome import ExitCode, UsageError
from foundation.places import REPORTS, existing_file, shown
from foundation.release import VERSION
from reporting.currency import amounts_in
from reporting.currency_words import currency_note
from reporting.html_generator import render_report
from reporting.json_report import json_report, plain_data
from reporting.provenance import Provenance, generated_now
from reporting.staging import replace_file, utf8
from settings.currency_choice import add_currency_arguments, currency_from, digest_with
from settings.loader import load_settings


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = Parser(description="Compares two CSVs of calls and explains what changed.")
    parser.add_argument(
        "before", metavar="A.csv", help="the first file; a bare name is also looked for in data/"
    )
    parser.add_argument("after", metavar="B.csv", help="the second file")
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        default=REPORTS / f"{ID}.html",
        help="where the page goes; its JSON report lies beside it (default: reports/comparison.html)",
    )
    parser.add_argument(
        "--whole-files",
        action="store_true",
        help="compare files of unequal length whole, not over the first days that both have",
    )
    add_filter_arguments(parser)
    add_settings_arguments(parser)
    add_currency_arguments(parser)
    add_output_arguments(parser)
    return parser.parse_args(argv)


def compared(options: argparse.Namespace, console: Console) -> tuple[Comparison, Provenance]:
    """Opens both files and compares them; the provenance is that of the second.

    Raises:
        UserError: a file or the settings cannot be used.
    """
    settings = load_settings(options.settings, options.pricing)
    choice = currency_from(options)
    with ExitStack() as stack:
        names = options.before, options.after
        before, after = (stack.enter_context(_opened(options, name)) for name in names)
        for notice in filter(None, (before.source.tail_notice(), after.source.tail_notice())):
            console.warning(notice)
        periods = file_period(before.source), file_period(after.source)
        if not options.whole_files:
            days = shared_days(before.source, after.source)
            cuts = [cut_to(each.source, days) for each in (before, after)]
            before, after = (
                stack.enter_context(_opened(options, name, cut)) if cut else each
                for each, name, cut in zip((before, after), names, cuts, strict=True)
            )
        result = compare(before, after, settings, periods)
        provenance = Provenance(
            after.source,
            VERSION,
            digest_with(choice, settings.digest),
            generated_now(),
            result.after.usage.cost_usd,
            currency=display_currency(choice, periods[1].last_day),
        )
    return result, provenance


def _opened(options: argparse.Namespace, name: str, period: tuple[str, str] | None = None) -> Calls:
    """The calls of a file, as filtered; of a period where one is given."""
    selection = selection_from(options)
    return open_any(name, selection.of_period(*period) if period else selection)


def write(result: Comparison, provenance: Provenance, out: Path) -> None:
    """Writes page and JSON report, each replaced at once.

    Raises:
        UsageError: the target is a folder.
    """
    if out.is_dir():
        raise UsageError(f"--out {out} is a folder; name a file, such as {out / ID}.html.")
    out.parent.mkdir(parents=True, exist_ok=True)
    replace_file(out, utf8(render_report(page(result), provenance)))
    replace_file(out.with_suffix(".json"), utf8(json_report(ID, TITLE, result, provenance)))


def main(argv: Sequence[str] | None = None) -> int:
    """Compares, prints a table, writes a page."""
    options = arguments(argv)
    console = Console(quiet=options.quiet, json_output=options.json)
    names = " against ".join(shown(existing_file(name)) for name in (options.before, options.after))
    console.banner("📊 REVENIUM FINOPS SHOWCASE - SCENARIO COMPARISON")
    console.say()
    console.say(names)
    with console.progress("Comparing the calls"):
        result, provenance = compared(options, console)
    with amounts_in(provenance.currency):
        tell(result, provenance, options, console)
    return ExitCode.OK


def tell(result: Comparison, provenance: Provenance, options: argparse.Namespace, console: Console) -> None:
    """Writes the page and prints what it says."""
    write(result, provenance, options.out)
    if provenance.currency:
        console.paragraph(f"💱 {currency_note(provenance.currency)}")
    for line in ("", *console_lines(result), ""):
        console.say(line)
    for note in filter(None, (period_note(result),)):
        console.paragraph(note)
    console.paragraph(finding(result))
    console.paragraph(chance_finding(result))
    for each in result.chance.significant:
        console.say(f"  {each.figure}")
    into = sum(crossing.into_loss for crossing in result.crossings)
    out = len(result.crossings) - into
    console.paragraph(f"Customers who crossed zero: {into} into a loss, {out} out of one.")
    console.say()
    console.success(f"Page: {shown(options.out)}")
    console.result(
        {"page": str(options.out), "finding": finding(result), "result": plain_data(result)}
        | {"display_currency": plain_data(provenance.currency)}
    )


if __name__ == "__main__":
    sys.exit(run(main))
