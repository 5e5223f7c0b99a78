"""The forms that a chart of a page can take, as data."""

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum

from reporting.cells import Sum
from reporting.facets import Slice
from reporting.measures import Number, Unit


class SeriesRole(StrEnum):
    """How a series is drawn."""

    MEASURE = "measure"
    FORECAST = "forecast"
    BAND_LOW = "band_low"
    BAND_HIGH = "band_high"
    REFERENCE = "reference"
    REST = "rest"
    """All the others added up: drawn in grey."""


@dataclass(frozen=True)
class Series:
    """One value for each label of its chart; None leaves a gap."""

    name: str
    values: tuple[Number | None, ...]
    _: KW_ONLY
    role: SeriesRole = SeriesRole.MEASURE
    entity: str = ""
    """Who it is about (a provider, a model): the same entity has the same colour on every page."""
    slices: tuple[Slice, ...] = ()
    sum: Sum | None = None
    """How the browser forms it from the page's cells, in a chart that says `by` what its labels are."""


@dataclass(frozen=True)
class Mark:
    """A line across a chart: a budget, a threshold, the start of a forecast."""

    label: str
    value: Number | str
    """A number on the value axis, or a label of the category axis."""
    _: KW_ONLY
    vertical: bool = False


class ChartKind(StrEnum):
    """The forms a chart over labels can take."""

    LINE = "line"
    BAR = "bar"
    BAR_HORIZONTAL = "bar_horizontal"
    BAR_STACKED = "bar_stacked"
    WATERFALL = "waterfall"
    DOUGHNUT = "doughnut"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart over labels. `title` states the finding, `subject` says what is drawn.

    A waterfall holds one series of steps: the first and the last value are totals, those between are changes.
    A chart takes half of a page's width where its neighbour can take the other half, unless it is `wide`.
    """

    id: str
    kind: ChartKind
    title: str
    subject: str
    label_title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Unit
    marks: tuple[Mark, ...] = ()
    note: str = ""
    method: str = ""
    wide: bool = False
    by: str = ""
    """The dimension whose names its labels are."""
    option: str = ""
    """Under which option of its section's choice it is shown, "" for always."""
    members: tuple[str | None, ...] = ()
    """The name that each label stands for; None where it stands for several."""
    rise_is_good: bool | None = None
    """Of a waterfall: whether a step upwards is welcome, so that colour can say it beside the sign."""


@dataclass(frozen=True, kw_only=True)
class HeatMap:
    """A matrix of values: `values[row][column]`."""

    id: str
    title: str
    subject: str
    row_title: str
    column_title: str
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    values: tuple[tuple[Number | None, ...], ...]
    unit: Unit
    note: str = ""
    method: str = ""


@dataclass(frozen=True)
class Point:
    """A point of a scatter chart."""

    label: str
    x: Number
    _: KW_ONLY
    y: Number
    size: Number | None = None


@dataclass(frozen=True)
class PointGroup:
    """Points drawn alike; `joined` draws a line through them (a frontier)."""

    name: str
    points: tuple[Point, ...]
    _: KW_ONLY
    entity: str = ""
    joined: bool = False


@dataclass(frozen=True, kw_only=True)
class Scatter:
    """Points on two axes."""

    id: str
    title: str
    subject: str
    x_title: str
    y_title: str
    x_unit: Unit
    y_unit: Unit
    groups: tuple[PointGroup, ...]
    x_marks: tuple[Mark, ...] = ()
    y_marks: tuple[Mark, ...] = ()
    x_logarithmic: bool = False
    y_logarithmic: bool = False
    note: str = ""
    method: str = ""
