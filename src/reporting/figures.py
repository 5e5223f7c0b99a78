"""A chart as its template shows it: configuration for the browser, text alternative, data table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reporting.document import (
    Chart,
    ChartKind,
    Column,
    HeatMap,
    Mark,
    Number,
    PointGroup,
    Row,
    Scatter,
    Series,
    Slice,
    Table,
    Unit,
)
from reporting.numbers import decimal
from reporting.spoken import chart_label, heat_map_label, scatter_label
from reporting.tables import TableView, filtered_dimensions, table_view

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


def plotted(number: Number | None) -> float | int | None:
    """A number as the browser draws it: the nearest double; the table beside it is exact."""
    if number is None:
        return None
    exact = decimal(number)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def chart_figure(chart: Chart, colours: EntityColours) -> FigureView:
    """The view of a chart over labels.

    Raises:
        ValueError: a series has another number of values than the chart has labels.
    """
    for series in chart.series:
        if len(series.values) != len(chart.labels):
            raise ValueError(f"chart {chart.id}: {series.name} has {len(series.values)} values")
    slices = [part for series in chart.series for part in series.slices]
    pools = _Pools(slices)
    config = {
        "form": "chart",
        "kind": chart.kind.value,
        "unit": chart.unit.value,
        "labelTitle": chart.label_title,
        "labels": list(chart.labels),
        "labelColours": _label_colours(chart, colours),
        "series": [_series(series, colours, pools) for series in chart.series],
        "marks": [_mark(mark) for mark in chart.marks],
        "facets": pools.as_json(),
    }
    dimensions = filtered_dimensions(part.facets for part in slices)
    table = _chart_table(chart)
    return FigureView(
        chart.id, chart.title, chart.subject, chart_label(chart), _size(chart), config, table, chart.note,
        chart.method, dimensions,
    )  # fmt: skip


def _size(chart: Chart) -> str:
    """How tall the chart is drawn: horizontal bars need room for each label."""
    if chart.kind is not ChartKind.BAR_HORIZONTAL:
        return "medium"
    count = len(chart.labels)
    return "small" if count <= 5 else "medium" if count <= 12 else "large" if count <= 20 else "tall"


class _Pools:
    """The facets that slices name, each value once, so that a slice refers to it by number."""

    def __init__(self, slices: Sequence[Slice]) -> None:
        self.days = sorted({part.facets.day.isoformat() for part in slices if part.facets.day})
        self.providers = sorted({part.facets.provider for part in slices if part.facets.provider is not None})
        self.organizations = sorted(
            {part.facets.organization for part in slices if part.facets.organization is not None}
        )
        self._places = [
            {value: place for place, value in enumerate(pool)}
            for pool in (self.days, self.providers, self.organizations)
        ]

    def flat(self, slices: Sequence[Slice]) -> list[float | int | None]:
        """Five numbers a slice: label, value, then the places of day, provider, organization (-1: all)."""
        numbers: list[float | int | None] = []
        for part in slices:
            facets = part.facets
            day = facets.day.isoformat() if facets.day else None
            names = (day, facets.provider, facets.organization)
            places = [places.get(name, -1) for places, name in zip(self._places, names, strict=True)]  # type: ignore[arg-type]
            numbers += [part.label, plotted(part.value), *places]
        return numbers

    def as_json(self) -> dict[str, list[str]]:
        """The pools by name."""
        return {"days": self.days, "providers": self.providers, "organizations": self.organizations}


def slices_config(slices: Sequence[Slice]) -> dict[str, Any]:
    """Slices of one value as the browser reads them."""
    pools = _Pools(slices)
    return {"slices": pools.flat(slices), "facets": pools.as_json()}


def _series(series: Series, colours: EntityColours, pools: _Pools) -> dict[str, Any]:
    return {
        "name": series.name,
        "role": series.role.value,
        "colour": colours.get(series.entity) if series.entity else None,
        "values": [plotted(value) for value in series.values],
        "slices": pools.flat(series.slices),
    }


def _label_colours(chart: Chart, colours: EntityColours) -> list[int] | None:
    """A colour for each bar where the labels of a single series are entities."""
    if len(chart.series) != 1 or not chart.labels or not all(label in colours for label in chart.labels):
        return None
    return [colours[label] for label in chart.labels]


def _mark(mark: Mark) -> dict[str, Any]:
    value = mark.value if isinstance(mark.value, str) else plotted(mark.value)
    return {"label": mark.label, "value": value, "vertical": mark.vertical}


def _chart_table(chart: Chart) -> TableView:
    columns = (
        Column("label", chart.label_title),
        *(Column(f"series{place + 1}", series.name, chart.unit) for place, series in enumerate(chart.series)),
    )
    rows = tuple(
        Row((label, *(series.values[place] for series in chart.series)))
        for place, label in enumerate(chart.labels)
    )
    return table_view(Table(f"{chart.id}-data", chart.subject, columns, rows), by_position=True)


def heat_map_figure(heat: HeatMap) -> FigureView:
    """The view of a heat map."""
    config = {
        "form": "heat",
        "unit": heat.unit.value,
        "rowTitle": heat.row_title,
        "columnTitle": heat.column_title,
        "rows": list(heat.row_labels),
        "columns": list(heat.column_labels),
        "values": [[plotted(value) for value in row] for row in heat.values],
    }
    columns = (
        Column("label", heat.row_title),
        *(Column(f"column{place + 1}", label, heat.unit) for place, label in enumerate(heat.column_labels)),
    )
    rows = tuple(Row((label, *line)) for label, line in zip(heat.row_labels, heat.values, strict=True))
    table = table_view(Table(f"{heat.id}-data", heat.subject, columns, rows), by_position=True)
    return FigureView(
        heat.id,
        heat.title,
        heat.subject,
        heat_map_label(heat),
        "medium",
        config,
        table,
        heat.note,
        heat.method,
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
        "groups": [_group(group, colours) for group in scatter.groups],
        "xMarks": [_mark(mark) for mark in scatter.x_marks],
        "yMarks": [_mark(mark) for mark in scatter.y_marks],
    }
    return FigureView(
        scatter.id, scatter.title, scatter.subject, scatter_label(scatter), "medium", config,
        _scatter_table(scatter), scatter.note, scatter.method,
    )  # fmt: skip


def _group(group: PointGroup, colours: EntityColours) -> dict[str, Any]:
    return {
        "name": group.name,
        "joined": group.joined,
        "colour": colours.get(group.entity) if group.entity else None,
        "points": [
            {"label": point.label, "x": plotted(point.x), "y": plotted(point.y), "size": plotted(point.size)}
            for point in group.points
        ],
    }


def _scatter_table(scatter: Scatter) -> TableView:
    sized = any(point.size is not None for group in scatter.groups for point in group.points)
    columns = (
        Column("label", "Point"),
        Column("group", "Group"),
        Column("x", scatter.x_title, scatter.x_unit),
        Column("y", scatter.y_title, scatter.y_unit),
        *((Column("size", "Size", Unit.COUNT),) if sized else ()),
    )
    rows = tuple(
        Row((point.label, group.name, point.x, point.y, *((point.size,) if sized else ())))
        for group in scatter.groups
        for point in group.points
    )
    return table_view(Table(f"{scatter.id}-data", scatter.subject, columns, rows))
