"""Export as an Excel workbook: which sheets it has, in which order.

Sheets: what is in it and the totals; all calls, where they fit; usage by day; key figures; recommendations; then
for each report its figures, drawn by Excel from cells, and one sheet a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from calls.engine import Calls
from foundation.outcome import UsageError
from interchange.exporters.workbook_calls import SHEET_ROWS, fits, write_calls
from interchange.exporters.workbook_cells import Cells
from interchange.exporters.workbook_charts import Figure, FigureSheet
from interchange.exporters.workbook_contents import Entry, write_contents
from interchange.exporters.workbook_tables import sheet_name, write_table
from interchange.exporters.workbook_usage import key_figures, recommendations, usage_table
from reporting.contents import blocks_of
from reporting.document import Chart, Document, HeatMap, Scatter, Table
from reporting.provenance import generated_now

CALLS = "Calls"
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_zip64": True,
}


@dataclass(frozen=True)
class WorkbookResult:
    """What became a sheet, and what did not fit."""

    sheets: int
    calls_left_out: int
    """Calls that have no sheet since there are more than a sheet has rows; the sums hold them."""
    texts_cut: int
    numbers_rounded: int
    """Numbers of calls with more digits than a cell keeps."""


def check_installed() -> None:
    """Refuses to begin without the package that writes workbooks.

    Raises:
        UsageError: it is not installed.
    """
    if find_spec("xlsxwriter") is None:
        raise UsageError('--format xlsx needs xlsxwriter; install it with `pip install -e ".[excel]"`.')


def write_workbook(calls: Calls, documents: Sequence[Document], path: Path, scratch: Path) -> WorkbookResult:
    """Writes the workbook; `scratch` is a folder for what must lie on disk meanwhile.

    Raises:
        OSError: the disk is full or fails.
    """
    import xlsxwriter  # noqa: PLC0415  an extra
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415

    book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": str(scratch)})
    book.set_properties({"title": "AI calls and reports", "created": generated_now().replace(tzinfo=None)})
    builder = _Builder(book, calls)
    builder.fill(documents, scratch)
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(*error.args[0].args) from error
    left_out = 0 if fits(calls.source.used) else calls.source.used
    return WorkbookResult(len(book.worksheets()), left_out, builder.cells.cut, builder.cells.rounded)


class _Builder:
    """Adds sheet after sheet, and notes what each holds for the first one."""

    def __init__(self, book: Any, calls: Calls) -> None:
        self.book, self.calls, self.cells = book, calls, Cells(book)
        self.entries: list[Entry] = []

    def fill(self, documents: Sequence[Document], scratch: Path) -> None:
        """Makes all sheets."""
        contents = self.book.add_worksheet("Contents")
        used, notes = self.calls.source.used, []
        if fits(used):
            write_calls(self.cells, self._sheet(CALLS, "", "one call a row", used), self.calls, scratch)
        else:
            notes.append(
                f"{used:,} calls do not fit into a sheet of {SHEET_ROWS:,} rows; narrow them with --since or "
                "--where, or export them as csv or parquet"
            )
        usage = usage_table(self.calls)
        for table in (usage, key_figures(documents), recommendations(documents)):
            self._add_table(table.title, "", table)
        for number, document in enumerate(documents, start=1):
            self._add_report(number, document)
        write_contents(self.cells, contents, self.calls, usage, self.entries, notes)

    def _add_report(self, number: int, document: Document) -> None:
        blocks = list(blocks_of(document))
        figures = [block for block in blocks if isinstance(block, Chart | HeatMap | Scatter)]
        if figures:
            self._add_figures(f"{number} Figures", document.title, figures)
        tables = [block for block in blocks if isinstance(block, Table)]
        for place, table in enumerate(tables, start=1):
            self._add_table(sheet_name(f"{number}.{place:02d}", table.title), document.title, table)

    def _add_figures(self, name: str, report: str, figures: Sequence[Figure]) -> None:
        sheet = self._sheet(name, report, "; ".join(figure.subject for figure in figures))
        writer = FigureSheet(self.cells, self.book, sheet)
        for figure in figures:
            writer.add(figure)

    def _add_table(self, name: str, report: str, table: Table) -> None:
        write_table(self.cells, self._sheet(name, report, table.title, len(table.rows)), table)

    def _sheet(self, name: str, report: str, content: str, rows: int | None = None) -> Any:
        """A new sheet, noted for the first one; printed, it is one page wide."""
        self.entries.append(Entry(name, report, content, rows))
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet
