"""Compares the cost of calls with what a provider billed, and explains the difference by day and model."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from calls.arguments import add_data_argument, add_filter_arguments, selection_from
from calls.engine import Calls
from calls.engine_choice import open_any
from foundation.console import Console, Parser, add_output_arguments, run
from foundation.outcome import ExitCode, TooManyBadRows, UsageError
from foundation.places import shown
from foundation.release import VERSION
from interchange.bills import amounts, dates
from interchange.bills.amounts import DecimalSign
from interchange.bills.charges import Bill, exact_sum
from interchange.bills.dates import DateOrder
from interchange.bills.lines import How
from interchange.bills.reading import read_bills
from interchange.reconciliation.page import ID, TITLE, page
from interchange.reconciliation.reconcile import reconcile
from interchange.reconciliation.result import Reconciliation, Tolerance, Verdict
from interchange.reconciliation.words import as_lines, bill_lines, bill_payload, payload
from reporting.html_generator import render_report
from reporting.json_report import json_report
from reporting.provenance import Provenance, generated_now
from reporting.staging import replace_file, utf8
from settings import currency_rates
from settings.currency_rates import read_rates


def main(argv: Sequence[str] | None = None) -> int:
    """Reconciles a file with bills."""
    return run(lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    arguments = _arguments(argv)
    console = Console(quiet=arguments.quiet, json_output=arguments.json)
    tolerance = _tolerance(arguments.tolerance)
    invoice_usd = _dollars("--invoice-total", arguments.invoice_total)
    bills = read_bills(arguments.bill, _how(arguments))
    if not arguments.allow_unread:
        _refuse_unread(console, bills)
    with console.progress("Reading the calls"):
        calls = open_any(arguments.data, selection_from(arguments))
        result = reconcile(calls, bills, tolerance=tolerance, invoice_usd=invoice_usd)
    if notice := calls.source.tail_notice():
        console.warning(notice)
    for line in as_lines(result):
        console.say(line)
    if arguments.out is not None:
        _write_page(result, calls, arguments.out)
        console.success(f"Page: {shown(arguments.out)}")
    console.result(payload(result) | ({"page": str(arguments.out)} if arguments.out else {}))
    fails = tolerance is not None and result.verdict is not Verdict.AGREES
    return ExitCode.THRESHOLD if fails else ExitCode.OK


def _write_page(result: Reconciliation, calls: Calls, out: Path) -> None:
    """Writes the page and the answer as JSON beside it, each replaced at once.

    Raises:
        UsageError: the target is a folder.
    """
    if out.is_dir():
        raise UsageError(f"--out {out} is a folder; name a file, such as {out / ID}.html.")
    out.parent.mkdir(parents=True, exist_ok=True)
    known = [side.calls_usd for side in (result.total, result.outside) if side.calls_usd is not None]
    provenance = Provenance(calls.source, VERSION, "", generated_now(), exact_sum(known) if known else None)
    replace_file(out, utf8(render_report(page(result), provenance)))
    replace_file(out.with_suffix(".json"), utf8(json_report(ID, TITLE, payload(result), provenance)))


def _how(arguments: argparse.Namespace) -> How:
    return How(
        DecimalSign(arguments.bill_decimal) if arguments.bill_decimal else None,
        DateOrder(arguments.bill_dates) if arguments.bill_dates else None,
        read_rates(arguments.currency_rates) if arguments.currency_rates else None,
    )


def _refuse_unread(console: Console, bills: Sequence[Bill]) -> None:
    """Stops where lines of a bill are not read: what they charge is missing from every sum."""
    unread = [bill for bill in bills if bill.rejected]
    if not unread:
        return
    for bill in unread:
        for line in bill_lines(bill):
            console.say(line)
    console.result({"verdict": Verdict.OPEN, "bills": [bill_payload(bill) for bill in bills]})
    worst = unread[0]
    raise TooManyBadRows(
        f"{len(worst.rejected):,} of {worst.line_count:,} lines of {worst.name} are not read, so nothing is concluded; "
        f"the first is line {worst.rejected[0].number}: {worst.rejected[0].reason}. "
        "Mend them, or see the rest with --allow-unread."
    )


def _tolerance(text: str | None) -> Tolerance | None:
    """Dollars such as 5, or a share of the bill such as 1%."""
    if text is None:
        return None
    number = _dollars("--tolerance", text.removesuffix("%"))
    if number is None or number < 0:
        raise UsageError(f"--tolerance {text} is below zero; give dollars such as 5, or a share such as 1%.")
    return Tolerance(share=number / 100) if text.endswith("%") else Tolerance(usd=number)


def _dollars(flag: str, text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite():
        raise UsageError(f"{flag} {text} is no amount in dollars; write it as 1234.56.")
    return amount


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(description=__doc__ or "")
    group = parser.add_argument_group("what was billed")
    group.add_argument(
        "--bill", required=True, nargs="+", action="extend", metavar="AMOUNT|FILE",
        help="dollars billed, or cost reports (AWS CUR, Azure, Google Cloud, OpenAI, Anthropic, OpenRouter, FOCUS, "
        "or CSV of date, model, cost_usd); name several for several bills",
    )  # fmt: skip
    group.add_argument(
        "--tolerance",
        metavar="USD|SHARE%",
        help="end with exit code 5 where the two differ by more (5, or 1%%), or nothing can be concluded",
    )
    group.add_argument(
        "--invoice-total", metavar="USD", help="what the invoice says in all; the lines must sum to it"
    )
    group.add_argument(
        "--allow-unread", action="store_true", help="go on although lines of a bill cannot be read"
    )
    group.add_argument(
        amounts.FLAG,
        choices=[*DecimalSign],
        help="what stands before decimals, where a column does not prove it",
    )
    group.add_argument(
        dates.FLAG, choices=[*DateOrder], help="how to read 11/01/2026, where a column does not prove it"
    )
    group.add_argument(
        currency_rates.FLAG,
        metavar="FILE",
        help="CSV of date, currency, usd: dollars for one unit of a currency",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="write a page with the steps, days and models, and its JSON beside it (reports/reconciliation.html)",
    )
    add_data_argument(parser)
    add_filter_arguments(parser)
    add_output_arguments(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
