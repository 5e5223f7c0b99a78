"""Writes calls in the formats of other tools: CSV for spreadsheets, JSON, Parquet, Excel, FOCUS 1.2 to 1.4."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path

from calls.arguments import add_data_argument, add_filter_arguments, selection_from
from calls.cost_gaps import advice, gap_sentences
from calls.engine import Calls
from calls.engine_choice import open_any
from foundation.console import Console, Parser, add_output_arguments, add_settings_arguments, leave, run
from foundation.outcome import ExitCode, UsageError
from foundation.places import REPORTS, shown
from interchange.exporters.export_run import SUFFIXES, Exported, Order, export
from interchange.exporters.focus_versions import VERSIONS
from reporting.document import Document, Table
from settings.loader import load_settings
from settings.model import Settings

DEFAULT_FOLDER = REPORTS / "export"
EPILOG = """\
formats:
  csv      the columns of the file, for spreadsheets: UTF-8 with byte order mark, CRLF, and a ' before a text that a
           spreadsheet would run as a formula; import_usage.py takes it off again. --plain leaves texts as they are.
  json     one list of objects; jsonl: one object a line. Unknown is null, unallocated is "".
  parquet  the columns that the calls have, with their types; --partition-by day makes a folder
           day=YYYY-MM-DD/ for DuckDB, Spark and others
  xlsx     a workbook: all calls where they fit, usage by day, and each table and figure of the reports
           (needs `pip install -e ".[excel]"`)
  focus    FOCUS 1.2 charges by hour (UTC), as CSV, or as Parquet if --out ends with .parquet. Calls of unknown cost
           are in it with their tokens, 0 dollars and x_CostStatus Unknown; models without a list price have no unit
           price. Accounts and negotiated discounts come from [focus] of settings.toml. It is for cost tools: texts stay
           as they are, also those that a spreadsheet would run. --focus-version 1.3 or 1.4 writes the columns of these,
           with unit prices derived from the cost where none is listed. What the file is stands in one beside it, which
           ends with .metadata.json.
  statements  the chargeback statements as CSV, line by line: product, feature and model, shared cost, markup and
           adjustment of each organization and calendar month; --organization and --month choose one

What is exported is written beside its target and then takes its place: whole, or not at all.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Exports a file of calls."""
    return run(lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    arguments = _arguments(argv)
    console = Console(quiet=arguments.quiet, json_output=arguments.json)
    order = _order(arguments)
    failed = False
    with console.progress("Reading the calls"):
        opened = open_any(arguments.data, selection_from(arguments))
    with opened as calls:
        documents: list[Document] = []
        if order.format == "xlsx":
            documents, failed = _documents(calls, order.settings, console)
        table = _statements(calls, order.settings, arguments) if order.format == "statements" else None
        with console.progress(f"Writing {order.format}"):
            result = export(calls, order, documents, table)
    _tell(console, result)
    console.result(dataclasses.asdict(result))
    return ExitCode.FAILED if failed else ExitCode.OK


def _order(arguments: argparse.Namespace) -> Order:
    _refuse_idle_flags(arguments)
    if arguments.format == "xlsx":
        from interchange.exporters.workbook import check_installed  # noqa: PLC0415  what only this format needs

        check_installed()
    return Order(
        format=arguments.format,
        target=Path(arguments.out) if arguments.out else _default_target(arguments),
        settings=load_settings(arguments.settings, arguments.pricing),
        plain=arguments.plain,
        by_day=arguments.partition_by == "day",
        keep_days=arguments.keep_days,
        charge_period=arguments.charge_period or "hour",
        focus_version=arguments.focus_version or VERSIONS[0],
    )


def _refuse_idle_flags(arguments: argparse.Namespace) -> None:
    """Refuses a flag that the chosen format does not know, rather than ignoring it."""
    if arguments.plain and arguments.format not in ("csv", "statements"):
        raise UsageError("--plain is about CSV; use it with --format csv or statements.")
    _refuse_for_statements(arguments)
    if arguments.partition_by and arguments.format != "parquet":
        raise UsageError("--partition-by is about Parquet; use it with --format parquet.")
    if arguments.charge_period and arguments.format != "focus":
        raise UsageError("--charge-period is about FOCUS; use it with --format focus.")
    if arguments.focus_version and arguments.format != "focus":
        raise UsageError("--focus-version is about FOCUS; use it with --format focus.")
    if arguments.keep_days and not arguments.partition_by:
        raise UsageError(
            "--keep-days is about a partitioned folder; use it with --format parquet --partition-by day."
        )
    times = [text for text in (arguments.since, arguments.until) if text]
    if arguments.keep_days and not all(text[:1].isdigit() and len(text.strip()) in (8, 10) for text in times):
        raise UsageError(
            "--keep-days replaces whole days; give --since and --until as dates, such as 2026-01-31."
        )


def _refuse_for_statements(arguments: argparse.Namespace) -> None:
    """What chooses statements, and what would bend them."""
    if (arguments.organization or arguments.month) and arguments.format != "statements":
        raise UsageError(
            "--organization and --month are about statements; use them with --format statements."
        )
    if arguments.where and arguments.format == "statements":
        raise UsageError(
            "--where would split the shared cost among those who are left; choose statements by --organization and "
            "--month."
        )


def _default_target(arguments: argparse.Namespace) -> Path:
    DEFAULT_FOLDER.mkdir(parents=True, exist_ok=True)
    suffix = ".days" if arguments.partition_by else SUFFIXES[arguments.format]
    return DEFAULT_FOLDER / f"{Path(arguments.data).stem}{suffix}"


def _documents(calls: Calls, settings: Settings, console: Console) -> tuple[list[Document], bool]:
    """The reports of a workbook, and whether one failed: the others are written all the same."""
    from analyzers.instances import analyzers  # noqa: PLC0415  what only this format needs

    documents, failed = [], False
    chosen = analyzers()
    with console.progress("Analyzing", len(chosen)) as advance:
        for analyzer in chosen:
            try:
                documents.append(analyzer.document(analyzer.analyze(calls, settings)))
            except Exception as error:  # noqa: BLE001  whatever goes wrong in one must not cost the others
                failed = True
                console.failure(f"{analyzer.title}: {type(error).__name__}: {error}")
            advance(1)
    return documents, failed


def _statements(calls: Calls, settings: Settings, arguments: argparse.Namespace) -> Table:
    """The lines of the statements that are asked for."""
    from analyzers.alignment.statement_export import statement_table  # noqa: PLC0415  what only this format needs

    return statement_table(calls, settings, organization=arguments.organization, month=arguments.month)


def _tell(console: Console, result: Exported) -> None:
    size = f"{result.bytes / 1e6:,.1f} MB" if result.bytes >= 100_000 else f"{result.bytes / 1e3:,.1f} kB"
    files = f", {result.files:,} files" if result.files > 1 else ""
    known = "no known cost" if result.cost_usd is None else f"${result.cost_usd:f}"
    console.success(f"Exported {result.calls:,} calls to {shown(Path(result.path))} ({size}{files})")
    console.say(f"Cost: {known}; tokens: {result.input_tokens:,} input, {result.output_tokens:,} output")
    for note in result.notes:
        console.say(f"  {note}")
    if result.unknown_cost_calls:
        console.warning(
            f"{result.unknown_cost_calls:,} of the calls have no known cost; dollars are of the others: "
            f"{advice(result.gaps, result.unknown_cost_calls)}."
        )
    for sentence in gap_sentences(result.gaps):
        console.warning(sentence)
    if result.rejected_lines:
        console.warning(f"{result.rejected_lines:,} lines of the file cannot be used and were not exported.")
    if result.left_out:
        console.warning(result.left_out)
    for model in result.unlisted:
        console.warning(
            f"{model.provider or '(no provider)'} {model.model or '(no model)'} has no list price: "
            f"{model.calls:,} calls, ${model.cost_usd:f}, have a cost but no unit price."
        )


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(description=__doc__ or "", epilog=EPILOG)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--format", required=True, choices=tuple(SUFFIXES), help="see below")
    add_data_argument(parser)
    parser.add_argument(
        "--out",
        metavar="PATH",
        help="file or folder to write (default: under reports/export/, named as the data)",
    )
    parser.add_argument("--plain", action="store_true", help="csv: LF, no byte order mark, texts as they are")
    parser.add_argument(
        "--partition-by", choices=("day",), help="parquet: a folder of files by day of --timezone"
    )
    parser.add_argument(
        "--keep-days",
        action="store_true",
        help="with --partition-by: keep days of an earlier export that this one does not hold",
    )
    parser.add_argument(
        "--charge-period", choices=("hour", "day"), help="focus: what a charge covers (default: hour)"
    )
    parser.add_argument(
        "--focus-version", choices=VERSIONS, help="focus: version of the specification (default: 1.2)"
    )
    parser.add_argument(
        "--organization", metavar="NAME", help="statements: of one organization (default: of all)"
    )
    parser.add_argument(
        "--month", metavar="YYYY-MM", help="statements: of one calendar month (default: of all)"
    )
    add_filter_arguments(parser)
    add_settings_arguments(parser)
    add_output_arguments(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    leave(main())
