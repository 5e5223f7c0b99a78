"""A sheet for the figures of a report: the numbers of each, and beside them a chart that Excel draws of them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from interchange.exporters.workbook_cells import NUMBER_FORMATS, Cells, as_number
from reporting.document import Chart, ChartKind, HeatMap, Number, Scatter, Series, SeriesRole, Unit
from reporting.number_format import decimal

Figure = Chart | HeatMap | Scatter
CHART_ROWS = 20
"""Rows of the sheet that a chart covers."""
_GAP = 2
_LABEL_WIDTH, _NUMBER_WIDTH, _LAST_COLUMN = 26, 13, 40
_KINDS: dict[ChartKind, dict[str, str]] = {
    ChartKind.LINE: {"type": "line"},
    ChartKind.BAR: {"type": "column"},
    ChartKind.BAR_HORIZONTAL: {"type": "bar"},
    ChartKind.BAR_STACKED: {"type": "column", "subtype": "stacked"},
    ChartKind.WATERFALL: {"type": "column", "subtype": "stacked"},
    ChartKind.DOUGHNUT: {"type": "doughnut"},
}
_DASHED = frozenset({SeriesRole.BAND_LOW, SeriesRole.BAND_HIGH, SeriesRole.REFERENCE, SeriesRole.FORECAST})


_FOOT, _HEIGHT = "Stands on", "Height"


class FigureSheet:
    """Writes figures one below the other; rows are written from the top down only."""

    def __init__(self, cells: Cells, workbook: Any, sheet: Any) -> None:
        self._cells, self._workbook, self._sheet = cells, workbook, sheet
        self._row = 0
        sheet.set_column(0, 0, _LABEL_WIDTH)
        sheet.set_column(1, _LAST_COLUMN, _NUMBER_WIDTH)

    def add(self, figure: Figure) -> None:
        """Writes a figure below those that are there."""
        self._cells.text(self._sheet, self._row, 0, figure.title, bold=True, font_size=12)
        self._cells.text(self._sheet, self._row + 1, 0, figure.subject, italic=True)
        top = self._row + 2
        if isinstance(figure, Chart):
            end = self._add_chart(figure, top)
        elif isinstance(figure, Scatter):
            end = self._add_scatter(figure, top)
        else:
            end = self._add_heat_map(figure, top)
        self._row = end + _GAP

    def _add_chart(self, chart: Chart, top: int) -> int:
        series = _steps(chart) if chart.kind is ChartKind.WATERFALL else chart.series
        self._write_header(top, (chart.label_title, *(one.name for one in series)))
        for place, label in enumerate(chart.labels):
            self._cells.text(self._sheet, top + 1 + place, 0, label)
            self._write_numbers(top + 1 + place, 1, [one.values[place] for one in series], chart.unit)
        drawn = self._workbook.add_chart(_KINDS[chart.kind])
        end = top + len(chart.labels)
        for column, one in enumerate(series, start=1):
            if chart.kind is not ChartKind.WATERFALL or one is not chart.series[0]:
                drawn.add_series(self._series(top, end, column) | _look(chart, one))
        _set_axes(drawn, chart)
        drawn.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom"})
        return self._place(drawn, chart.title, top, len(series) + 2, end)

    def _series(self, top: int, end: int, column: int) -> dict[str, Any]:
        """Where a series lies: its name in the header, its labels in the first column."""
        name = self._sheet.name
        return {
            "name": [name, top, column],
            "categories": [name, top + 1, 0, end, 0],
            "values": [name, top + 1, column, end, column],
        }

    def _add_scatter(self, scatter: Scatter, top: int) -> int:
        self._write_header(top, ("Point", "Group", scatter.x_title, scatter.y_title))
        drawn = self._workbook.add_chart({"type": "scatter"})
        row = top + 1
        for group in scatter.groups:
            first = row
            for point in group.points:
                self._cells.text(self._sheet, row, 0, point.label)
                self._cells.text(self._sheet, row, 1, group.name)
                self._write_numbers(row, 2, [point.x], scatter.x_unit)
                self._write_numbers(row, 3, [point.y], scatter.y_unit)
                row += 1
            if row > first:
                drawn.add_series(
                    {
                        "name": [self._sheet.name, first, 1],
                        "categories": [self._sheet.name, first, 2, row - 1, 2],
                        "values": [self._sheet.name, first, 3, row - 1, 3],
                    }
                )
        drawn.set_legend({"position": "bottom"})
        drawn.set_x_axis(
            {"name": scatter.x_title, "num_format": NUMBER_FORMATS[scatter.x_unit], **_log(scatter)}
        )
        drawn.set_y_axis({"name": scatter.y_title, "num_format": NUMBER_FORMATS[scatter.y_unit]})
        return self._place(drawn, scatter.title, top, 5, row - 1)

    def _add_heat_map(self, heat: HeatMap, top: int) -> int:
        self._write_header(top, (heat.row_title, *heat.column_labels))
        for place, (label, values) in enumerate(zip(heat.row_labels, heat.values, strict=True), start=1):
            self._cells.text(self._sheet, top + place, 0, label)
            self._write_numbers(top + place, 1, values, heat.unit)
        end = top + len(heat.row_labels)
        self._sheet.conditional_format(
            top + 1, 1, end, len(heat.column_labels),
            {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#4C6FFF"},
        )  # fmt: skip
        return end + 1

    def _write_header(self, row: int, labels: Sequence[str]) -> None:
        for column, label in enumerate(labels):
            self._cells.header(self._sheet, row, column, label)

    def _write_numbers(self, row: int, column: int, values: Sequence[Number | None], unit: Unit) -> None:
        """Numbers side by side; one that is not known leaves its cell empty, and a gap in the chart."""
        for place, value in enumerate(values, start=column):
            if value is not None:
                self._sheet.write_number(row, place, as_number(value), self._cells.number_style(unit))

    def _place(self, drawn: Any, title: str, top: int, column: int, end: int) -> int:
        """Puts a chart beside its numbers; gives the last row that either of them covers."""
        drawn.set_title({"name": title, "name_font": {"size": 11}, "overlay": False})
        drawn.set_size({"width": 760, "height": CHART_ROWS * 20})
        self._sheet.insert_chart(top, column, drawn)
        return max(end, top + CHART_ROWS)


def _steps(chart: Chart) -> tuple[Series, ...]:
    """A waterfall as stacked columns: each step stands on a foot that is not drawn."""
    (given,) = chart.series
    values = [Decimal(0) if value is None else decimal(value) for value in given.values]
    feet, level = [], Decimal(0)
    for place, value in enumerate(values):
        before = Decimal(0) if place in (0, len(values) - 1) else level
        level = before + value
        feet.append(min(before, level))
    heights = tuple(abs(value) for value in values)
    return given, Series(_FOOT, tuple(feet)), Series(_HEIGHT, heights)


def _look(chart: Chart, series: Series) -> dict[str, Any]:
    if chart.kind is ChartKind.WATERFALL:
        return {"fill": {"none": True}} if series.name == _FOOT else {"gap": 40}
    return {"line": {"dash_type": "dash", "width": 1.5}} if series.role in _DASHED else {}


def _set_axes(drawn: Any, chart: Chart) -> None:
    pattern = {"num_format": NUMBER_FORMATS[chart.unit]}
    if chart.kind is ChartKind.BAR_HORIZONTAL:
        drawn.set_y_axis({"reverse": True, "label_position": "low"})
        drawn.set_x_axis(pattern)
    elif chart.kind is not ChartKind.DOUGHNUT:
        drawn.set_x_axis({"label_position": "low"})
        drawn.set_y_axis(pattern)


def _log(scatter: Scatter) -> dict[str, int]:
    return {"log_base": 10} if scatter.x_logarithmic else {}
