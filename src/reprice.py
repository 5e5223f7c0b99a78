"""Prices calls of unknown cost at the rates of their own day, and shows what changes."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
import dataclasses
import sys
from collections.abc import Sequence

from calls.arguments import add_data_argument
from calls.cost_gaps import is_miscount
from foundation.console import Console, Parser, add_output_arguments, add_settings_arguments, run
from foundation.outcome import ExitCode
from foundation.places import existing_file
from interchange.repricing import Repricing, reprice
from reporting.number_format import counted
from settings.loader import load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Reprices a file."""
    return run(lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    arguments = _arguments(argv)
    console = Console(quiet=arguments.quiet, json_output=arguments.json)
    pricing = load_settings(arguments.settings, arguments.pricing).pricing
    file = existing_file(arguments.data)
    with console.progress("Pricing the calls"):
        result = reprice(
            file,
            pricing,
            computed_too=arguments.computed,
            assume_standard=arguments.assume_standard,
            dry_run=arguments.dry_run,
        )
    _tell(console, result)
    console.result(
        dataclasses.asdict(result)
        | {
            "filled": result.filled,
            "still_unknown": result.still_unknown,
            "kept": result.kept,
            "added_usd": result.added_usd,
        }
    )
    return ExitCode.OK


def _tell(console: Console, result: Repricing) -> None:
    for change in result.changes:
        name = f"{change.provider or '(no provider)'} {change.model or '(no model)'}"
        console.say(
            f"{name}: {change.filled:,} of {change.calls:,} calls priced, "
            f"${change.before_usd:f} -> ${change.after_usd:f}, {change.still_unknown:,} without a rate"
        )
        if change.gaps:
            kept = (
                f"; {counted(change.kept, 'call')} {_keeps(change.kept)} the cost computed before"
                if change.kept
                else ""
            )
            console.say(f"  {_lacking(change.gaps)}{kept}")
    if result.passed_over:
        console.warning(
            f"{counted(result.passed_over, 'computed call')} not priced again: the file does not say their terms, "
            "such as a batch; import them again, or add --assume-standard to price them as standard calls"
        )
    if result.assumed_standard:
        console.say(
            f"{counted(result.assumed_standard, 'call')} priced at standard rates: the file does not say their terms"
        )
    if result.torn_tail:
        console.warning(
            "The file ends within a line, which may be cut short: it is no call and was not priced."
        )
    done = "priced" if result.written else "would be priced"
    console.say(
        f"{counted(result.filled, 'call')} {done}, {result.added_usd:+f} USD; {result.still_unknown:,} stay unknown"
    )


def _keeps(calls: int) -> str:
    return "keeps" if calls == 1 else "keep"


def _lacking(gaps: Sequence[str]) -> str:
    """What of a model's calls has no rate, and which counts do not add up."""
    unrated = [gap for gap in gaps if not is_miscount(gap)]
    miscounted = [gap for gap in gaps if is_miscount(gap)]
    parts = [f"no rate for {', '.join(unrated)}"] if unrated else []
    parts += [f"parts larger than their whole: {', '.join(miscounted)}"] if miscounted else []
    return "; ".join(parts)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(description=__doc__ or "")
    add_data_argument(parser)
    parser.add_argument(
        "--computed",
        action="store_true",
        help="also price computed costs again, for example after a corrected rate",
    )
    parser.add_argument(
        "--assume-standard",
        action="store_true",
        help="with --computed, price calls as standard ones where the file does not say their terms",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would change, but write nothing")
    add_settings_arguments(parser)
    add_output_arguments(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
