"""One export (`export_data.py`): the calls of a file, as filtered, in the format of another tool."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from calls.cost_gaps import Gap
from calls.engine import Calls
from foundation.outcome import UsageError, UserError
from interchange.exporters.csv_file import write_csv
from interchange.exporters.focus_check import violations
from interchange.exporters.focus_file import UnlistedModel, write_focus
from interchange.exporters.focus_metadata import CHECKED, metadata_of, metadata_path
from interchange.exporters.focus_versions import VERSIONS
from interchange.exporters.json_file import write_json
from interchange.exporters.parquet_file import (
    keep_other_days,
    refuse_other_content,
    write_days,
    write_parquet,
)
from interchange.exporters.table_file import write_table_csv
from interchange.exporters.whole_output import replacing_file, replacing_folder, size_of
from reporting.document import Document, Table
from settings.model import Settings

SUFFIXES = {
    "csv": ".csv",
    "json": ".json",
    "jsonl": ".jsonl",
    "parquet": ".parquet",
    "xlsx": ".xlsx",
    "focus": ".focus.csv",
    "statements": ".statements.csv",
}
"""The formats there are, and how the names of their files end."""


@dataclass(frozen=True)
class Order:
    """What to export: `format` is a key of `SUFFIXES`.

    `plain` leaves texts of a CSV as they are; `by_day` makes a folder of Parquet files, of which `keep_days` keeps
    days that are not exported anew; a FOCUS charge covers a `charge_period`, an hour or a day, in the columns of
    `focus_version`.
    """

    format: str
    target: Path
    settings: Settings
    plain: bool = False
    by_day: bool = False
    keep_days: bool = False
    charge_period: str = "hour"
    focus_version: str = VERSIONS[0]


@dataclass(frozen=True)
class Exported:
    """What an export wrote: `calls` in `files` of together `bytes`, and what a reader should know."""

    format: str
    path: str
    files: int
    bytes: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    """The known cost; None if no call has one."""
    unknown_cost_calls: int
    gaps: tuple[Gap, ...]
    rejected_lines: int
    left_out: str = ""
    """What to say of a last line that does not end."""
    unlisted: tuple[UnlistedModel, ...] = ()
    notes: tuple[str, ...] = ()


def export(
    calls: Calls, order: Order, documents: Sequence[Document] = (), table: Table | None = None
) -> Exported:
    """Writes an export, whole or not at all.

    Args:
        calls: what is exported.
        order: how, and where to.
        documents: the reports of a workbook.
        table: the lines of the format `statements`.

    Raises:
        UsageError: the target cannot be replaced: it is the file of the calls itself, or something else lies there.
        UserError: the disk is full or fails; what was there stays.
    """
    _refuse_source(calls, order.target)
    if order.by_day:
        return _export_days(calls, order)
    unlisted: tuple[UnlistedModel, ...] = ()
    notes: tuple[str, ...] = ()
    with replacing_file(order.target) as path:
        if order.format == "focus":
            parquet = order.target.suffix == ".parquet"
            unlisted = write_focus(
                calls,
                path,
                order.settings,
                parquet=parquet,
                period=order.charge_period,
                version=order.focus_version,
            )
            notes = _checked(path, order, parquet=parquet)
        elif order.format == "xlsx":
            notes = _write_workbook(calls, documents, path)
        elif table is not None:
            write_table_csv(table, path, plain=order.plain)
            notes = (f"{len(table.rows):,} lines of statements",)
        else:
            _PLAIN_WRITERS[order.format](calls, path, order)
    if order.format == "focus":
        _write_metadata(calls, order)
    return _exported(calls, order, unlisted, notes)


def _checked(path: Path, order: Order, *, parquet: bool) -> tuple[str, ...]:
    """Who has checked a FOCUS file; later versions than 1.2 are checked here, as far as they are CSV.

    Raises:
        UserError: it breaks a rule, which is a fault of the toolkit.
    """
    if order.focus_version == VERSIONS[0]:
        return ()
    broken = () if parquet else violations(path, order.focus_version)
    if broken:
        raise UserError(
            f"The file would break FOCUS {order.focus_version}: {' '.join(broken)} Please report it."
        )
    return (CHECKED[order.focus_version],)


def _write_metadata(calls: Calls, order: Order) -> None:
    text = metadata_of(calls, order.target, order.focus_version, order.charge_period)
    with replacing_file(metadata_path(order.target)) as path:
        path.write_text(text, encoding="utf-8")


def _export_days(calls: Calls, order: Order) -> Exported:
    refuse_other_content(order.target)
    with replacing_folder(order.target) as folder:
        days = write_days(calls, folder)
        if order.keep_days:
            keep_other_days(order.target, folder)
    return _exported(calls, order, (), (f"{days:,} days",))


def _write_workbook(calls: Calls, documents: Sequence[Document], path: Path) -> tuple[str, ...]:
    from interchange.exporters.workbook import write_workbook  # noqa: PLC0415  what only this format needs
    from interchange.exporters.workbook_calls import NUMBER_DIGITS  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix=f"{path.name}-", dir=path.parent) as scratch:
        made = write_workbook(calls, documents, path, Path(scratch))
    notes = [f"{made.sheets:,} sheets"]
    if made.calls_left_out:
        notes.append(
            f"{made.calls_left_out:,} calls do not fit into a sheet: the workbook has their sums by day and the "
            "reports; narrow them with --since or --where, or export csv or parquet"
        )
    if made.texts_cut:
        notes.append(f"{made.texts_cut:,} texts were cut to what a cell holds")
    if made.numbers_rounded:
        notes.append(
            f"{made.numbers_rounded:,} numbers were rounded to the {NUMBER_DIGITS} digits that a cell keeps; "
            "csv, json and parquet keep all"
        )
    return tuple(notes)


_PLAIN_WRITERS: dict[str, Callable[[Calls, Path, Order], None]] = {
    "csv": lambda calls, path, order: write_csv(calls, path, plain=order.plain),
    "json": lambda calls, path, _: write_json(calls, path, lines=False),
    "jsonl": lambda calls, path, _: write_json(calls, path, lines=True),
    "parquet": lambda calls, path, _: write_parquet(calls, path),
}


def _refuse_source(calls: Calls, target: Path) -> None:
    if target.exists() and target.samefile(calls.source.path):
        raise UsageError(f"{target} is the file of the calls itself; name another with --out.")


def _exported(
    calls: Calls, order: Order, unlisted: tuple[UnlistedModel, ...], notes: tuple[str, ...]
) -> Exported:
    (sums,) = calls.sql(
        "select cast(sum(input_tokens) as bigint) as input_tokens, cast(sum(output_tokens) as bigint) as "
        "output_tokens, sum(cost_usd) as cost_usd from calls"
    )
    files, size = size_of(order.target)
    return Exported(
        format=order.format,
        path=str(order.target),
        files=files,
        bytes=size,
        calls=calls.source.used,
        input_tokens=sums.input_tokens,
        output_tokens=sums.output_tokens,
        cost_usd=sums.cost_usd,
        unknown_cost_calls=calls.source.unpriced_calls,
        gaps=calls.source.gaps,
        rejected_lines=calls.source.rejected_total,
        left_out=calls.source.tail_notice(),
        unlisted=unlisted,
        notes=notes,
    )
