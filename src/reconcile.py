"""Compares the cost of calls with what a provider billed, and explains the difference by day and model."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
import dataclasses
import sys
from collections.abc import Sequence

from calls.arguments import add_data_argument, add_filter_arguments, selection_from
from calls.engine_choice import open_any
from foundation.console import Console, Parser, add_output_arguments, run
from foundation.outcome import ExitCode
from interchange.bills import read_bill
from interchange.reconciliation import as_lines, payload, reconcile


def main(argv: Sequence[str] | None = None) -> int:
    """Reconciles a file with a bill."""
    return run(lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    arguments = _arguments(argv)
    console = Console(quiet=arguments.quiet, json_output=arguments.json)
    bill = read_bill(arguments.bill)
    with console.progress("Reading the calls"):
        calls = open_any(arguments.data, selection_from(arguments))
        result = reconcile(calls, bill)
    if notice := calls.source.tail_notice():
        console.warning(notice)
    for line in as_lines(result):
        console.say(line)
    console.result({**dataclasses.asdict(result), **payload(result)})
    return ExitCode.OK


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(description=__doc__ or "")
    parser.add_argument(
        "--bill", required=True, metavar="AMOUNT|FILE",
        help="dollars billed, or a cost report (OpenAI, Anthropic, OpenRouter, FOCUS, or CSV of date, model, cost_usd)",
    )  # fmt: skip
    add_data_argument(parser)
    add_filter_arguments(parser)
    add_output_arguments(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
