"""Row X2 of the fault matrix, and what a workbook is for: nothing of the data is a formula, totals are formulas."""

import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from analyzers.instances import analyzers
from calls.engine import open_calls
from calls.schema import COLUMN_NAMES, COLUMNS, RUN_NAMES, TERM_NAMES, Kind
from interchange.exporters.workbook import write_workbook
from interchange.exporters.workbook_calls import SHEET_ROWS, fits
from interchange.exporters.workbook_cells import TEXT_LIMIT
from interchange.exporters.workbook_tables import sheet_name
from reporting.contents import blocks_of
from reporting.document import (
    Chart,
    ChartKind,
    Column,
    Document,
    HeatMap,
    Point,
    PointGroup,
    Row,
    Scatter,
    Section,
    Series,
    Table,
    Unit,
    Value,
)
from reporting.idle_columns import without_idle_columns
from tests.calls import call_files
from tests.interchange.exporters.exporting import DANGEROUS, HARMLESS, SETTINGS, odd_file, odd_rows
from tests.reporting import example
from tests.running import SRC, run_script

FORMULA = re.compile(rb"<f>([^<]*)</f>")
OWN_FORMULA = re.compile(
    rb"SUBTOTAL\(109,[A-Z]+2(:[A-Z]+\d+)?\)|SUM\('Usage by day'!\$[A-Z]+\$2(:\$[A-Z]+\$\d+)?\)"
)


@pytest.fixture(scope="module")
def small(small_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of a simulated file, made by the script."""
    path = tmp_path_factory.mktemp("workbook") / "calls.xlsx"
    run_script("export_data.py", "--format", "xlsx", "--data", small_csv, "--out", path, "--quiet")
    return path


@pytest.fixture(scope="module")
def formulas(small: Path) -> Any:
    return openpyxl.load_workbook(small)


@pytest.fixture(scope="module")
def values(small: Path) -> Any:
    return openpyxl.load_workbook(small, data_only=True)


@pytest.fixture(scope="module")
def documents(small_csv: Path) -> list[Document]:
    with open_calls(small_csv) as calls:
        return [analyzer.document(analyzer.analyze(calls, SETTINGS)) for analyzer in analyzers()]


def written(source: Path, target: Path, documents: list[Document]) -> Any:
    with open_calls(source) as calls:
        return write_workbook(calls, documents, target, target.parent)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def document(*blocks: Any) -> Document:
    return replace(example.document(example.REPORTS[0]), sections=(Section("s", "S", blocks=tuple(blocks)),))


def test_x2_no_text_of_the_data_is_a_formula(tmp_path: Path) -> None:
    source, target = odd_file(tmp_path), tmp_path / "odd.xlsx"
    run_script("export_data.py", "--format", "xlsx", "--data", source, "--out", target, "--quiet")
    for name, content in parts(target).items():
        if name.startswith("xl/worksheets/sheet"):
            assert b"=cmd" not in b"".join(FORMULA.findall(content))
            assert [found for found in FORMULA.findall(content) if not OWN_FORMULA.fullmatch(found)] == []
    names = {cell.value: cell.column for cell in openpyxl.load_workbook(target)["Calls"][1]}
    sheet = openpyxl.load_workbook(target)["Calls"]
    found = list(sheet.iter_rows(min_row=2))
    assert [cell_text(row[names["customer_id"] - 1]) for row in found] == list(DANGEROUS + HARMLESS)
    assert {row[names["customer_id"] - 1].data_type for row in found} <= {"s", "inlineStr"}
    assert all(row[names["customer_id"] - 1].quotePrefix for row in found[: len(DANGEROUS) - 3])


def cell_text(cell: Any) -> str:
    """The text of a cell, with the escapes of OOXML undone."""
    text = re.sub(r"_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), str(cell.value))
    return text.replace("_x005F_", "_")


def test_calls_are_all_there_with_types_and_formats(small_csv: Path, formulas: Any) -> None:
    sheet = formulas["Calls"]
    header = [cell.value for cell in sheet[1]]
    columns = [
        column for column in COLUMNS if column.name not in (*RUN_NAMES, *TERM_NAMES, "charge_category")
    ]
    assert header == [column.name for column in columns]
    with open_calls(small_csv) as calls:
        rows = calls.sql('select * from calls order by "timestamp", call_id')
    assert sheet.max_row == len(rows) + 1
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", f"A1:AA{len(rows) + 1}")
    for given, found in zip(rows[:200], sheet.iter_rows(min_row=2, max_row=201), strict=True):
        for column, cell in zip(columns, found, strict=True):
            expected = getattr(given, column.name)
            if column.kind is Kind.TIMESTAMP:
                assert abs((cell.value - expected).total_seconds()) < 0.001
            elif column.kind is Kind.DECIMAL:
                assert Decimal(str(cell.value)) == expected
            else:
                assert (cell.value or "") == (expected or "") or cell.value == expected == 0
    assert sheet["A2"].number_format == "yyyy-mm-dd hh:mm:ss.000"
    assert sheet.cell(2, header.index("cost_usd") + 1).number_format == "$#,##0.000000000"
    assert sheet.cell(2, header.index("input_tokens") + 1).number_format == "#,##0"


def test_totals_are_formulas_with_their_values(small_csv: Path, formulas: Any, values: Any) -> None:
    with open_calls(small_csv) as calls:
        (total,) = calls.sql(
            "select sum(cost_usd) as cost, sum(input_tokens) as tokens, count(*) as calls from calls"
        )
    labels = {formulas["Contents"].cell(row, 1).value: row for row in range(20, 0, -1)}
    for label, expected in (
        ("Known cost", total.cost),
        ("Input tokens", total.tokens),
        ("Calls", total.calls),
    ):
        assert formulas["Contents"].cell(labels[label], 2).value.startswith("=SUM('Usage by day'!")
        assert values["Contents"].cell(labels[label], 2).value == pytest.approx(float(expected), rel=1e-15)
    usage, shown = formulas["Usage by day"], values["Usage by day"]
    last = next(row for row in range(2, usage.max_row + 1) if usage.cell(row, 1).value == "Total")
    assert usage.cell(last, 12).value == f"=SUBTOTAL(109,L2:L{last - 1})"
    assert shown.cell(last, 12).value == pytest.approx(float(total.cost), rel=1e-15)
    assert sum(shown.cell(row, 12).value for row in range(2, last)) == pytest.approx(
        float(total.cost), rel=1e-12
    )
    assert usage.auto_filter.ref == f"A1:L{last - 1}"


def test_every_table_of_the_reports_has_its_sheet(
    documents: list[Document], formulas: Any, values: Any
) -> None:
    for number, report in enumerate(documents, start=1):
        for place, table in enumerate(
            [without_idle_columns(block) for block in blocks_of(report) if isinstance(block, Table)], start=1
        ):
            (name,) = [name for name in formulas.sheetnames if name.split()[0] == f"{number}.{place:02d}"]
            sheet = values[name]
            assert [cell.value for cell in sheet[1]][: len(table.columns)] == [
                column.label for column in table.columns
            ]
            assert sheet.freeze_panes == "A2"
            if table.rows:
                assert formulas[name].auto_filter.ref.endswith(str(len(table.rows) + 1))
                check_rows(sheet, table)


def check_rows(sheet: Any, table: Table) -> None:
    rows = [*table.rows, *([table.total] if table.total else [])]
    for place, row in enumerate(rows, start=2):
        for column, cell in enumerate(row.cells, start=1):
            amount = cell.amount if isinstance(cell, Value) else cell
            if isinstance(amount, Decimal | int | float):
                assert sheet.cell(place, column).value == pytest.approx(float(amount), rel=1e-14), (
                    sheet.title,
                    place,
                )


def test_contents_lead_to_every_sheet(formulas: Any) -> None:
    sheet = formulas["Contents"]
    links = {
        cell.value: cell.hyperlink.location
        for row in sheet.iter_rows(max_col=1)
        for cell in row
        if cell.hyperlink
    }
    assert list(links) == formulas.sheetnames[1:]
    assert all(place == "'" + name.replace("'", "''") + "'!A1" for name, place in links.items())


def test_charts_are_drawn_of_cells(small: Path, documents: list[Document]) -> None:
    files = parts(small)
    drawn = [content for name, content in files.items() if name.startswith("xl/charts/chart")]
    wanted = [
        block for report in documents for block in blocks_of(report) if isinstance(block, Chart | Scatter)
    ]
    assert len(drawn) == len(wanted) > 20
    assert all(b"Figures'!$" in content for content in drawn)


def test_figures_of_each_kind(tmp_path: Path) -> None:
    labels = ("=a", "b", "c")
    charts = [
        Chart(id=f"c{kind}", kind=kind, title=f"Title {kind}", subject="Subject", label_title="Label", labels=labels,
              series=(Series("s", (Decimal("1.5"), Decimal(-2), Decimal("0.25"))),), unit=Unit.USD)
        for kind in ChartKind
    ]  # fmt: skip
    heat = HeatMap(
        id="h",
        title="Heat",
        subject="Subject",
        row_title="row",
        column_title="column",
        row_labels=("r",),
        column_labels=("c1", "c2"),
        values=((1, None),),
        unit=Unit.COUNT,
    )
    scatter = Scatter(id="p", title="Points", subject="Subject", x_title="x", y_title="y", x_unit=Unit.USD, y_unit=Unit.COUNT,
                      groups=(PointGroup("g", (Point("=p", 1, y=2),)), PointGroup("empty", ())), x_logarithmic=True)  # fmt: skip
    source = call_files.write(tmp_path / "c.csv", call_files.rows(3))
    written(source, tmp_path / "f.xlsx", [document(*charts, heat, scatter)])
    files = parts(tmp_path / "f.xlsx")
    assert len([name for name in files if name.startswith("xl/charts/chart")]) == len(ChartKind) + 1
    sheet = openpyxl.load_workbook(tmp_path / "f.xlsx")["1 Figures"]
    rows = list(sheet.iter_rows(values_only=True))
    waterfall = next(place for place, row in enumerate(rows) if row[0] == "Title waterfall") + 2
    assert rows[waterfall][:4] == ("Label", "s", "Stands on", "Height")
    # First and last stand on the ground; the step down ends at 1.5 - 2 = -0.5.
    assert [row[:4] for row in rows[waterfall + 1 : waterfall + 4]] == [
        ("=a", 1.5, 0, 1.5), ("b", -2, -0.5, 2), ("c", 0.25, 0, 0.25),
    ]  # fmt: skip
    assert next(row[:2] for row in rows if row[0] == "r") == ("r", 1)
    assert any(row[:4] == ("=p", "g", 1, 2) for row in rows)


def test_cells_say_what_is_not_known(tmp_path: Path) -> None:
    columns = (
        Column("a", "A"),
        Column("b", "B", unit=Unit.USD),
        Column("c", "C", unit=Unit.DATE),
        Column("d", "D", unit=Unit.SHARE),
    )
    rows = (
        Row(("", Value(None, Unit.USD, reason="9 days of history"), None, Decimal("0.5"))),
        Row(("x", Value(Decimal(3), Unit.USD, at_least=True), date(2026, 3, 1), Value(2, Unit.DAYS))),
    )
    table = Table(
        id="t",
        title="T",
        columns=columns,
        rows=rows,
        total=Row(("Total", Decimal(4), "", None)),
        note="=note",
    )
    source = call_files.write(tmp_path / "c.csv", call_files.rows(3))
    written(source, tmp_path / "t.xlsx", [document(table)])
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["1.01 T"]
    assert [cell.value for cell in sheet[2]] == ["(unallocated)", "n/a", "n/a", 0.5]
    assert sheet["B2"].comment.text == "9 days of history"
    assert [cell.value for cell in sheet[3]] == ["x", 3, datetime.fromisoformat("2026-03-01"), 2]
    assert (sheet["B3"].number_format[:4], sheet["D3"].number_format) == ('"≥ "', "#,##0.0")
    # 3 is not 4: what does not add up is no formula.
    assert [cell.value for cell in sheet[4]] == ["Total", 4, None, None]
    assert (sheet["A6"].value, sheet["A6"].data_type) == ("=note", "s")


def test_too_long_a_text_is_cut_and_counted(tmp_path: Path) -> None:
    long = ["x" * TEXT_LIMIT, "x" * (TEXT_LIMIT + 1), "😀" * (TEXT_LIMIT // 2), "😀" * (TEXT_LIMIT // 2 + 1)]
    rows = [call_files.row(number, user_agent=text) for number, text in enumerate(long)]
    source = call_files.write(tmp_path / "c.csv", rows)
    assert written(source, tmp_path / "t.xlsx", []).texts_cut == 2
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Calls"]
    found = [sheet.cell(row, 19).value for row in range(2, 6)]
    assert [len(text.encode("utf-16-le")) // 2 for text in found] == [
        TEXT_LIMIT, TEXT_LIMIT, TEXT_LIMIT - 1, TEXT_LIMIT,
    ]  # fmt: skip
    assert [text.endswith("…") for text in found] == [False, True, False, True]


def test_numbers_of_more_digits_than_a_cell_keeps_are_counted(tmp_path: Path) -> None:
    costs = ["999999.999999999", "1000000.000000001", "12499999.999999995", "100000000.000000000"]
    rows = [call_files.row(number, cost_usd=cost) for number, cost in enumerate(costs)]
    source = call_files.write(tmp_path / "c.csv", rows)
    assert written(source, tmp_path / "t.xlsx", []).numbers_rounded == 2
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Calls"]
    assert Decimal(repr(sheet.cell(2, 7).value)) == Decimal(costs[0])


def test_calls_fit_up_to_the_last_row_of_a_sheet() -> None:
    assert fits(SHEET_ROWS - 1)
    assert not fits(SHEET_ROWS)
    assert SHEET_ROWS == 1_048_576


def test_calls_that_do_not_fit_are_left_out_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interchange.exporters.workbook_calls.SHEET_ROWS", 10)
    source = call_files.write(tmp_path / "c.csv", call_files.rows(10))
    assert written(source, tmp_path / "t.xlsx", []).calls_left_out == 10
    book = openpyxl.load_workbook(tmp_path / "t.xlsx", data_only=True)
    assert book.sheetnames == ["Contents", "Usage by day", "Key figures", "Recommendations"]
    texts = [cell.value for row in book["Contents"].iter_rows() for cell in row if cell.value]
    assert any("10 calls do not fit into a sheet" in str(text) for text in texts)
    assert 10 in texts


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Cost by provider", "1.01 Cost by provider"),
        ("What: [a]/b\\c*?", "1.01 What a b c"),
        ("Latency, speed and price by model", "1.01 Latency, speed and price"),
        ("x" * 40, "1.01"),
        ("quoted'", "1.01 quoted"),
        ("a\tb\n\u202ec", "1.01 a b c"),
    ],
)
def test_sheet_names_are_legal(title: str, expected: str) -> None:
    assert sheet_name("1.01", title) == expected


def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path) -> None:
    source = call_files.write(tmp_path / "c.csv", call_files.rows(3))
    script = (
        "import sys; sys.modules['xlsxwriter'] = None\n"
        "import export_data\n"
        f"sys.exit(export_data.main(['--format', 'xlsx', '--data', {str(source)!r}, '--out', {str(tmp_path / 'x.xlsx')!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=SRC, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert 'pip install -e ".[excel]"' in done.stderr
    assert not (tmp_path / "x.xlsx").exists()


def test_the_same_calls_give_the_same_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")
    source = call_files.write(tmp_path / "c.csv", odd_rows(), COLUMN_NAMES)
    for name in ("a", "b"):
        written(source, tmp_path / f"{name}.xlsx", [])
    assert parts(tmp_path / "a.xlsx") == parts(tmp_path / "b.xlsx")
