"""A chart as its template shows it: its configuration for Chart.js, alt text and data table."""

from dataclasses import dataclass
from typing import Any

from reporting.alt_text import chart_label, heat_map_label, scatter_label
from reporting.document import (
    Chart,
    ChartKind,
    Column,
    HeatMap,
    Mark,
    PointGroup,
    Row,
    Scatter,
    Series,
    Table,
    Unit,
)
from reporting.number_format import plotted
from reporting.slices import SliceStore
from reporting.tables import TableView, sliced_dimensions, table_view

EntityColours = dict[str, int]
"""The number of each entity's colour: the same on every page."""


@dataclass(frozen=True)
class FigureView:
    """A figure ready to be written: `config` goes to the browser as JSON, `table` stands below the chart."""

    id: str
    title: str
    subject: str
    label: str
    size: str
    config: dict[str, Any]
    table: TableView
    note: str
    method: str
    dimensions: tuple[str, ...] = ()
    is_narrow: bool = False
    """Whether half of a page's width is enough for it."""


def chart_figure(chart: Chart, colours: EntityColours, store: SliceStore) -> FigureView:
    """The view of a chart over labels; its slices go to the page's `store`.

    Raises:
        ValueError: a series has another number of values than the chart has labels.
    """
    for series in chart.series:
        if len(series.values) != len(chart.labels):
            raise ValueError(f"chart {chart.id}: {series.name} has {len(series.values)} values")
    config = {
        "form": "chart",
        "kind": chart.kind.value,
        "unit": chart.unit.value,
        "labelTitle": chart.label_title,
        "labels": list(chart.labels),
        "labelColours": _label_colours(chart, colours),
        "series": [_series(series, chart.unit, colours, store) for series in chart.series],
        "marks": [_mark(mark, chart.unit) for mark in chart.marks],
        "riseIsGood": chart.rise_is_good,
        "by": [chart.by] if chart.by else None,
        "members": [None if name is None else [name] for name in chart.members],
    }
    dimensions = sliced_dimensions([part.facets for part in series.slices] for series in chart.series)
    table = _chart_table(chart)
    return FigureView(
        id=chart.id,
        title=chart.title,
        subject=chart.subject,
        label=chart_label(chart),
        size=_size(chart),
        config=config,
        table=table,
        note=chart.note,
        method=chart.method,
        dimensions=dimensions,
        is_narrow=_is_narrow(chart),
    )


_MOST_LABELS = {ChartKind.LINE: 62, ChartKind.BAR: 9, ChartKind.BAR_STACKED: 31, ChartKind.WATERFALL: 7}
"""Labels of a chart that still reads well at half of a page's width."""


def _is_narrow(chart: Chart) -> bool:
    return not chart.wide and len(chart.labels) <= _MOST_LABELS.get(chart.kind, 20)


def _size(chart: Chart) -> str:
    """How tall the chart is drawn: horizontal bars need room for each label."""
    if chart.kind is not ChartKind.BAR_HORIZONTAL:
        return "medium"
    rows = len(chart.labels) * len(chart.series)
    return "small" if rows <= 5 else "medium" if rows <= 12 else "large" if rows <= 20 else "tall"


def _series(series: Series, unit: Unit, colours: EntityColours, store: SliceStore) -> dict[str, Any]:
    return {
        "name": series.name,
        "role": series.role.value,
        "colour": colours.get(series.entity) if series.entity else None,
        "values": [plotted(value, unit) for value in series.values],
        "measure": store.measure(series.slices, unit),
        "sum": series.sum.as_json() if series.sum else None,
    }


def _label_colours(chart: Chart, colours: EntityColours) -> list[int] | None:
    """A colour for each bar where the labels of a single series are entities."""
    if len(chart.series) != 1 or not chart.labels or not all(label in colours for label in chart.labels):
        return None
    return [colours[label] for label in chart.labels]


def _mark(mark: Mark, unit: Unit) -> dict[str, Any]:
    value = mark.value if isinstance(mark.value, str) else plotted(mark.value, unit)
    return {"label": mark.label, "value": value, "vertical": mark.vertical}


def _chart_table(chart: Chart) -> TableView:
    columns = (
        Column("label", chart.label_title),
        *(
            Column(f"series{place + 1}", series.name, unit=chart.unit)
            for place, series in enumerate(chart.series)
        ),
    )
    rows = tuple(
        Row((label, *(series.values[place] for series in chart.series)))
        for place, label in enumerate(chart.labels)
    )
    return table_view(
        Table(id=f"{chart.id}-data", title=chart.subject, columns=columns, rows=rows), by_position=True
    )


_NARROW_COLUMNS = 8


def heat_map_figure(heat: HeatMap) -> FigureView:
    """The view of a heat map."""
    config = {
        "form": "heat",
        "unit": heat.unit.value,
        "rowTitle": heat.row_title,
        "columnTitle": heat.column_title,
        "rows": list(heat.row_labels),
        "columns": list(heat.column_labels),
        "values": [[plotted(value, heat.unit) for value in row] for row in heat.values],
    }
    columns = (
        Column("label", heat.row_title),
        *(
            Column(f"column{place + 1}", label, unit=heat.unit)
            for place, label in enumerate(heat.column_labels)
        ),
    )
    rows = tuple(Row((label, *line)) for label, line in zip(heat.row_labels, heat.values, strict=True))
    table = table_view(
        Table(id=f"{heat.id}-data", title=heat.subject, columns=columns, rows=rows), by_position=True
    )
    return FigureView(
        id=heat.id,
        title=heat.title,
        subject=heat.subject,
        label=heat_map_label(heat),
        size="medium",
        config=config,
        table=table,
        note=heat.note,
        method=heat.method,
        is_narrow=len(heat.column_labels) <= _NARROW_COLUMNS,
    )


def scatter_figure(scatter: Scatter, colours: EntityColours) -> FigureView:
    """The view of a scatter chart."""
    config = {
        "form": "scatter",
        "xTitle": scatter.x_title,
        "yTitle": scatter.y_title,
        "xUnit": scatter.x_unit.value,
        "unit": scatter.y_unit.value,
        "xLogarithmic": scatter.x_logarithmic,
        "yLogarithmic": scatter.y_logarithmic,
        "groups": [_group(scatter, group, colours) for group in scatter.groups],
        "xMarks": [_mark(mark, scatter.x_unit) for mark in scatter.x_marks],
        "yMarks": [_mark(mark, scatter.y_unit) for mark in scatter.y_marks],
    }
    return FigureView(
        id=scatter.id,
        title=scatter.title,
        subject=scatter.subject,
        label=scatter_label(scatter),
        size="medium",
        config=config,
        table=_scatter_table(scatter),
        note=scatter.note,
        method=scatter.method,
    )


def _group(scatter: Scatter, group: PointGroup, colours: EntityColours) -> dict[str, Any]:
    return {
        "name": group.name,
        "joined": group.joined,
        "colour": colours.get(group.entity) if group.entity else None,
        "points": [
            {
                "label": point.label,
                "x": plotted(point.x, scatter.x_unit),
                "y": plotted(point.y, scatter.y_unit),
                "size": plotted(point.size, Unit.COUNT),
            }
            for point in group.points
        ],
    }


def _scatter_table(scatter: Scatter) -> TableView:
    sized = any(point.size is not None for group in scatter.groups for point in group.points)
    columns = (
        Column("label", "Point"),
        Column("group", "Group"),
        Column("x", scatter.x_title, unit=scatter.x_unit),
        Column("y", scatter.y_title, unit=scatter.y_unit),
        *((Column("size", "Size", unit=Unit.COUNT),) if sized else ()),
    )
    rows = tuple(
        Row((point.label, group.name, point.x, point.y, *((point.size,) if sized else ())))
        for group in scatter.groups
        for point in group.points
    )
    return table_view(Table(id=f"{scatter.id}-data", title=scatter.subject, columns=columns, rows=rows))
