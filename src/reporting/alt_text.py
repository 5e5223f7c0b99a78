"""The alt text of a chart: its type, its extremes, and its total where one exists."""

from collections.abc import Sequence

from reporting.document import Chart, ChartKind, HeatMap, Number, Scatter, Series, SeriesRole, Unit
from reporting.number_format import amount, decimal

_KINDS = {
    ChartKind.LINE: "Line chart",
    ChartKind.BAR: "Bar chart",
    ChartKind.BAR_HORIZONTAL: "Bar chart",
    ChartKind.BAR_STACKED: "Stacked bar chart",
    ChartKind.WATERFALL: "Waterfall chart",
    ChartKind.DOUGHNUT: "Doughnut chart",
}
_SUMMED_KINDS = frozenset(
    {ChartKind.BAR, ChartKind.BAR_HORIZONTAL, ChartKind.BAR_STACKED, ChartKind.DOUGHNUT}
)
_SUMMED_UNITS = frozenset({Unit.USD, Unit.COUNT, Unit.TOKENS})
_SUMS = frozenset({SeriesRole.MEASURE, SeriesRole.REST})
_DRAWN = _SUMS | {SeriesRole.FORECAST}
_MOST_SERIES = 6


def chart_label(chart: Chart) -> str:
    """The text alternative of a chart over labels."""
    head = f"{_KINDS[chart.kind]}: {chart.subject}. {len(chart.labels)} values of {chart.label_title}."
    drawn = [series for series in chart.series if series.role in _DRAWN]
    return " ".join([head, *(_series_text(chart, series) for series in drawn[:_MOST_SERIES])])


def is_summed(chart: Chart, series: Series) -> bool:
    """Whether the values of a series may be added up: bars of sums, or a line that comes in slices."""
    if chart.unit not in _SUMMED_UNITS or series.role not in _SUMS:
        return False
    return chart.kind in _SUMMED_KINDS or bool(series.slices)


def _series_text(chart: Chart, series: Series) -> str:
    known = [
        (label, value) for label, value in zip(chart.labels, series.values, strict=True) if value is not None
    ]
    if not known:
        return f"{series.name}: no values."
    if chart.kind is ChartKind.WATERFALL:
        (first, start), (last, end) = known[0], known[-1]
        ends = f"{first} {amount(start, chart.unit)}, {last} {amount(end, chart.unit)}; "
        return f"{series.name}: {ends}{_extremes(known, chart.unit)}."
    text = f"{series.name}: {_extremes(known, chart.unit)}"
    if is_summed(chart, series):
        total = sum(decimal(value) for _, value in known)
        return f"{text}, total {amount(total, chart.unit)}."
    return f"{text}, last {amount(known[-1][1], chart.unit)}."


def _extremes(known: Sequence[tuple[str, Number]], unit: Unit) -> str:
    low = min(known, key=lambda entry: decimal(entry[1]))
    high = max(known, key=lambda entry: decimal(entry[1]))
    return f"lowest {amount(low[1], unit)} at {low[0]}, highest {amount(high[1], unit)} at {high[0]}"


def heat_map_label(heat: HeatMap) -> str:
    """The text alternative of a heat map."""
    cells = [
        (f"{row}, {column}", value)
        for row, line in zip(heat.row_labels, heat.values, strict=True)
        for column, value in zip(heat.column_labels, line, strict=True)
        if value is not None
    ]
    head = f"Heat map: {heat.subject}. {heat.row_title} by {heat.column_title}."
    if not cells:
        return f"{head} No values."
    total = ""
    if heat.unit in _SUMMED_UNITS:
        total = f", total {amount(sum(decimal(value) for _, value in cells), heat.unit)}"
    return f"{head} {_extremes(cells, heat.unit)}{total}."


def scatter_label(scatter: Scatter) -> str:
    """The text alternative of a scatter chart."""
    points = [point for group in scatter.groups for point in group.points]
    head = f"Scatter chart: {scatter.subject}. {len(points)} points."
    if not points:
        return head
    across = _extremes([(point.label, point.x) for point in points], scatter.x_unit)
    up = _extremes([(point.label, point.y) for point in points], scatter.y_unit)
    return f"{head} {scatter.x_title}: {across}. {scatter.y_title}: {up}."
