"""Imports usage of other tools into the CSV of calls: import_usage.py FILE... [--format auto]."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from calls.arguments import share_of_bad_rows
from calls.cost_gaps import advice, gap_sentences
from foundation.console import Console, Parser, add_output_arguments, add_settings_arguments, run
from foundation.outcome import ExitCode, UsageError
from foundation.places import ANALYZE, DATA, command, shown
from interchange.importers.convergence import COMPLETED, LESS, SAME
from interchange.importers.detection import FORMATS, NAMES
from interchange.importers.import_run import Order, run_import
from interchange.importers.mapping import ColumnMapping
from interchange.importers.mapping_text import build_mapping, merged, read_mapping
from interchange.importers.nesting import NESTED_THERE
from interchange.importers.report import LOST, ImportReport
from interchange.importers.report_text import REASON_TEXT, brief_lines, repeat_warnings, report_lines
from reporting.number_format import counted
from settings import currency_rates
from settings.currency_rates import read_rates
from settings.loader import load_settings

DEFAULT_TARGET = DATA / "imported_calls.csv"
NEXT_STEP = {
    "bad_timestamp": "say how times are written with --time-format, such as --time-format '%d/%m/%Y %H:%M:%S'.",
    "bad_number": "numbers want one mark for decimals: see --decimal.",
    "bad_line": "export the file again as UTF-8 CSV, each line with the fields of the header.",
    "no_timestamp": "name the field that holds the time with --map timestamp=FIELD, or one time for all with "
    "--set timestamp=2026-08-05T10:00:00Z.",
    "no_usage": "name the fields of tokens with --map input_tokens=FIELD --map output_tokens=FIELD.",
}
"""What helps against the reason that left out most records."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs an import and prints what became of every record."""
    return run(lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    arguments = _parser().parse_args(argv)
    console = Console(quiet=arguments.quiet, json_output=arguments.json)
    order = _order(arguments)
    files = counted(len(order.files), "file") if not any(map(os.path.isdir, order.files)) else "files"
    with console.progress(f"Importing {files}"):
        report = run_import(order)
    _tell(console, report, full=arguments.report or arguments.dry_run)
    console.result(_payload(report))
    known = any(report.skipped.get(reason) for reason in (SAME, LESS, COMPLETED, NESTED_THERE))
    if report.calls or known or report.convergence.rewrites:
        return ExitCode.OK
    console.failure(f"No record became a call; {_next_step(report)}")
    return ExitCode.NO_DATA


def _next_step(report: ImportReport) -> str:
    main = max(report.skipped, key=lambda reason: report.skipped[reason], default="")
    calls = next(
        (entry for entry in FORMATS if entry.title == report.files[0].format and entry.calls_are), None
    )
    if calls and main not in LOST:
        return f"in {calls.title} a call is {calls.calls_are}."
    return NEXT_STEP.get(main, "the reasons stand above.")


def _order(arguments: argparse.Namespace) -> Order:
    mapping, format_ = ColumnMapping(), arguments.format
    if arguments.mapping:
        mapping, named = read_mapping(arguments.mapping)
        format_ = named if named and format_ == "auto" else format_
    flags = build_mapping(
        arguments.map,
        arguments.set,
        start=arguments.start,
        unit=arguments.unit,
        time_format=arguments.time_format,
        decimal=arguments.decimal,
        cached_tokens=arguments.cached_tokens,
        reasoning_tokens=arguments.reasoning_tokens,
        timezone=arguments.timezone,
        records=arguments.records,
        keep=arguments.keep,
        drop=arguments.drop,
    )
    if format_ not in NAMES:
        raise UsageError(f"{format_} is not a format; allowed are {', '.join(NAMES)}.")
    return Order(
        files=arguments.files,
        typed=_typed(arguments),
        target=Path(arguments.out),
        pricing=load_settings(arguments.settings, arguments.pricing).pricing,
        format=format_,
        mapping=merged(mapping, flags),
        customers=arguments.customers,
        published_rates=arguments.prices == "auto",
        dry_run=arguments.dry_run,
        currency_rates=read_rates(arguments.currency_rates) if arguments.currency_rates else None,
        encoding=arguments.encoding,
        max_bad_rows=share_of_bad_rows(arguments.max_bad_rows),
    )


def _typed(arguments: argparse.Namespace) -> list[str]:
    """The flags that were given and hold for any file."""
    words: list[str] = []
    for name, default in vars(_parser().parse_args(["-"])).items():
        value = getattr(arguments, name)
        if name in ("files", "format", "json") or value == default:
            continue
        flag = "--" + name.replace("_", "-")
        values = value if isinstance(value, list) else [value]
        words += [word for each in values for word in ([flag] if each is True else [flag, str(each)])]
    return words


def _tell(console: Console, report: ImportReport, *, full: bool) -> None:
    for line in report_lines(report) if full else brief_lines(report):
        console.say(line)
    target = shown(Path(report.target))
    if not report.written:
        console.say(f"Nothing was written: {report.calls:,} calls would go to {target}")
    elif report.calls or report.convergence.rewrites:
        console.success(f"Imported {report.calls:,} call{'s' * (report.calls != 1)} into {target}")
        console.say(f"Next: {command(ANALYZE, {'--data': Path(report.target)})}")
    else:
        console.say(f"Nothing new for {target}: {sum(report.skipped.values()):,} records skipped")
    if report.lost:
        reasons = ", ".join(f"{count:,} for {REASON_TEXT[reason]}" for reason, count in report.lost.items())
        lost = sum(report.lost.values())
        console.warning(f"{lost:,} record{'s were' if lost != 1 else ' was'} left out: {reasons}")
    for warning in repeat_warnings(report):
        console.warning(warning)
    if report.cost.unknown_calls:
        unknown = report.cost.unknown_calls
        console.warning(
            f"{unknown:,} {'call has' if unknown == 1 else 'calls have'} no known cost; {advice(report.gaps, unknown)}"
        )
    for sentence in gap_sentences(report.gaps):
        console.warning(sentence)


def _payload(report: ImportReport) -> dict[str, object]:
    return dataclasses.asdict(report) | {
        "calls": report.calls,
        "added": report.added,
        "replaced": report.convergence.replaced.calls,
        "same": report.same,
        "double_counts_avoided": report.double_counts_avoided,
        "gaps": [{"gap": g.gap, "is_partial": g.is_partial, "calls": g.calls} for g in report.gaps],
    }


def _parser() -> Parser:
    parser = Parser(description=__doc__ or "")
    parser.add_argument(
        "files", nargs="+", metavar="FILE",
        help="exports, patterns of them or folders, .gz too; - is standard input",
    )  # fmt: skip
    parser.add_argument("--format", default="auto", metavar="NAME", help=f"one of {', '.join(NAMES)}")
    parser.add_argument(
        "--out", "--data", dest="out", default=str(DEFAULT_TARGET), metavar="FILE",
        help="CSV of calls to append to (default: data/imported_calls.csv)",
    )  # fmt: skip
    _add_meanings(parser)
    parser.add_argument(
        "--customers", metavar="FILE",
        help="CSV with customer_id and subscription_tier, tier_price_usd, organization_id",
    )  # fmt: skip
    parser.add_argument(
        "--prices", choices=("auto", "pricing"), default="auto",
        help="auto: pricing.toml, then the package genai-prices if installed; pricing: only pricing.toml",
    )  # fmt: skip
    parser.add_argument(
        "--encoding",
        default="utf-8",
        metavar="NAME",
        help="how texts are encoded, such as windows-1252 (default: utf-8)",
    )
    parser.add_argument(
        "--max-bad-rows", metavar="SHARE",
        help="write nothing when more than this share (0 to 1) cannot be read (default: 0.5)",
    )  # fmt: skip
    parser.add_argument("--report", action="store_true", help="print the whole report")
    parser.add_argument("--dry-run", action="store_true", help="report, but write nothing")
    add_settings_arguments(parser)
    add_output_arguments(parser)
    return parser


def _add_meanings(parser: Parser) -> None:
    """Flags that say what stands in the files, and how it is written."""
    parser.add_argument(
        "--map", action="append", default=[], metavar="COLUMN=PATH",
        help="the field of a column: a path such as metadata.customer, or tag:prefix for tags like prefix:value",
    )  # fmt: skip
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="one value for all rows; fills gaps of --map",
    )
    for flag, which in (
        ("--keep", "read only the records whose field has this value"),
        ("--drop", "leave them out"),
    ):
        parser.add_argument(
            flag, action="append", default=[], metavar="FIELD=VALUE",
            help=f"{which}; several values of a field are one choice, an empty one means an empty field",
        )  # fmt: skip
    parser.add_argument(
        "--records", default="", metavar="PATH",
        help="JSON: the path of the list that holds the records, such as spans or hits.hits._source",
    )  # fmt: skip
    parser.add_argument(
        "--mapping", metavar="FILE",
        help="TOML with [map], [set], [keep], [drop] and what flags say; flags take precedence",
    )  # fmt: skip
    parser.add_argument("--start", default="", metavar="TIME", help="when relative times began, ISO 8601")
    parser.add_argument("--unit", default="s", metavar="UNIT", help="unit of relative times: s, ms, us")
    parser.add_argument(
        "--time-format", default="", metavar="FORMAT", help="how times are written, e.g. %%d/%%m/%%Y %%H:%%M"
    )
    parser.add_argument(
        "--timezone", default="", metavar="ZONE",
        help="IANA time zone of the times in tables that name none (default: UTC)",
    )  # fmt: skip
    parser.add_argument(
        currency_rates.FLAG,
        metavar="FILE",
        help="CSV of date, currency, usd: dollars for one unit of a currency",
    )
    parser.add_argument(
        "--decimal",
        default="",
        metavar="MARK",
        help="the mark of decimals, . or , (default: told by the file's numbers)",
    )
    for flag, whole in (("--cached-tokens", "input"), ("--reasoning-tokens", "output")):
        parser.add_argument(
            flag,
            default="",
            choices=("inside", "outside"),
            help=f"where they stand to the {whole} tokens of the files (default: told by source and counts)",
        )


if __name__ == "__main__":
    sys.exit(main())
