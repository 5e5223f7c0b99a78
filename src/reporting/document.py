"""What a page is made of: frozen data without markup and without formatting.

An analyzer builds a `Document`; the renderer turns it into HTML and does no arithmetic. Numbers stay exact
(`Decimal`, `int`) until the one formatter of the renderer shows them by their `Unit`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Number = Decimal | int | float


class Unit(StrEnum):
    """What a number measures, and with it how it is shown."""

    USD = "usd"
    """Money, to the cent."""
    USD_RATE = "usd_rate"
    """A unit price: four to six significant decimals."""
    SHARE = "share"
    """A share of one, shown as a percentage."""
    POINTS = "points"
    """A difference of two shares, shown in percentage points."""
    COUNT = "count"
    TOKENS = "tokens"
    MILLISECONDS = "ms"
    TOKENS_PER_SECOND = "tokens_per_second"
    DAYS = "days"
    RATIO = "ratio"
    """A plain figure with two decimals."""
    DATE = "date"
    HOUR = "hour"
    """A date with an hour."""
    TEXT = "text"


class Category(StrEnum):
    """The two groups of reports."""

    FINOPS = "finops"
    UBR = "ubr"


class Level(StrEnum):
    """How urgent an alert is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Confidence(StrEnum):
    """How sure a recommendation is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True)
class Value:
    """An amount with its unit. Without an amount, `reason` says why there is none ("n/a: ...")."""

    amount: Number | str | date | datetime | None
    unit: Unit
    reason: str = ""
    at_least: bool = False
    """True where calls of unknown cost are missing from the amount."""
    at_most: bool = False
    """True where calls of unknown cost would come off the amount."""


@dataclass(frozen=True)
class Change:
    """A figure against an earlier one: `value` is the relative change (SHARE) or, of a share, POINTS."""

    value: Value
    against: str
    """What is compared, in words: "against the 30 days before", "in the last 7 days against the 7 before"."""
    good: bool | None = None
    """Whether the change is welcome; None where it is neither."""


@dataclass(frozen=True)
class MetricCard:
    """One headline figure."""

    id: str
    label: str
    value: Value
    note: str = ""
    change: Change | None = None
    trend: tuple[Number | None, ...] = ()
    """A sparkline: the figure by day, oldest first."""
    slices: "tuple[Slice, ...]" = ()
    """The value in parts (their `label` is 0), for the browser to add up again when a filter is on. Only for
    sums; a card without them says that it does not react to filters."""
    highlight: bool = False
    """Whether it belongs to the few figures at the top of the landing page."""


@dataclass(frozen=True)
class Facets:
    """What cross-report filters can ask of a row or a slice; None where it spans all values."""

    day: date | None = None
    provider: str | None = None
    organization: str | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    key: str
    label: str
    unit: Unit = Unit.TEXT
    sparse: bool = False
    """Whether it is left out where no row has anything in it but zero or nothing."""


Cell = Number | str | date | datetime | Value | None


@dataclass(frozen=True)
class Row:
    """A row of a table: one cell a column. A bare cell takes its column's unit; a `Value` brings its own."""

    cells: tuple[Cell, ...]
    facets: Facets | None = None
    key: str = ""
    """Names the row, so that recommendations can link to it."""


@dataclass(frozen=True)
class Table:
    """A table. At most 500 rows: the analyzer adds up the rest in a row "Other" and the JSON holds all."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    note: str = ""
    method: str = ""
    """The id of the method note that explains it."""


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
class Slice:
    """A part of one value, for the browser to add up again when a filter is on.

    `value` belongs to label number `label` of its series and to the facets.
    """

    label: int
    value: Number
    facets: Facets


@dataclass(frozen=True)
class Series:
    """One value for each label of its chart; None leaves a gap."""

    name: str
    values: tuple[Number | None, ...]
    role: SeriesRole = SeriesRole.MEASURE
    entity: str = ""
    """Who it is about (a provider, a model): the same entity has the same colour on every page."""
    slices: tuple[Slice, ...] = ()


@dataclass(frozen=True)
class Mark:
    """A line across a chart: a budget, a threshold, the start of a forecast."""

    label: str
    value: Number | str
    """A number on the value axis, or a label of the category axis."""
    vertical: bool = False


class ChartKind(StrEnum):
    """The forms a chart over labels can take."""

    LINE = "line"
    BAR = "bar"
    BAR_HORIZONTAL = "bar_horizontal"
    BAR_STACKED = "bar_stacked"
    WATERFALL = "waterfall"
    DOUGHNUT = "doughnut"


@dataclass(frozen=True)
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
    rise_is_good: bool | None = None
    """Of a waterfall: whether a step upwards is welcome, so that colour can say it beside the sign."""


@dataclass(frozen=True)
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
    y: Number
    size: Number | None = None


@dataclass(frozen=True)
class PointGroup:
    """Points drawn alike; `joined` draws a line through them (a frontier)."""

    name: str
    points: tuple[Point, ...]
    entity: str = ""
    joined: bool = False


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Alert:
    """Something that wants a reader's attention."""

    level: Level
    title: str
    text: str
    usd: Decimal | None = None
    """The dollars at stake, if they can be told."""
    target: str = ""
    """The id of the table or chart that shows it."""
    topic: str = ""
    """What it is about, if another report may say the same in other words: the landing page shows a topic once."""


@dataclass(frozen=True)
class Recommendation:
    """What to do, for whom, what it saves and how sure that is. Sorted by dollars where shown."""

    id: str
    action: str
    subject: str
    usd_month: Decimal
    confidence: Confidence
    why: str
    """Why this confidence, and on which assumption it rests."""
    rows: str
    """Which rows it rests on, in words: "1,204 calls of cust_0007 in 30 days"."""
    target: str = ""
    """The id of the table that holds the rows."""
    target_row: str = ""
    """The key of the row in that table."""
    saves: bool = True
    """Whether `usd_month` is earned or saved; else it is only at stake (cost that could be charged)."""
    topic: str = ""
    """As of an alert."""


@dataclass(frozen=True)
class Comparison:
    """Two ways side by side: rows of (aspect, first, second)."""

    id: str
    title: str
    first: str
    second: str
    rows: tuple[tuple[str, str, str], ...]
    aspect: str = "Aspect"
    """The heading of what is compared."""
    second_wins: bool = False
    """Whether the second way is the better one, and is marked so."""


@dataclass(frozen=True)
class Note:
    """A paragraph: what cannot be known from these data, or how to read what follows."""

    text: str


@dataclass(frozen=True)
class Method:
    """How a figure is computed: shown beside it under "How this is computed"."""

    id: str
    title: str
    formula: str
    assumptions: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    source: str = ""
    """Where the method comes from."""


@dataclass(frozen=True)
class BriefLine:
    """A line of the ten-line summary that closes a run: what it is about, what it says, and its figures.

    `figures` are for machines: names with their unit and the exact amounts, None where one cannot be known.
    """

    label: str
    text: str
    figures: Mapping[str, Number | str | None] = field(default_factory=dict)


Block = Chart | HeatMap | Scatter | Table | Alert | Comparison | Note


@dataclass(frozen=True)
class Section:
    """A part of a page with a heading of its own."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    intro: str = ""


@dataclass(frozen=True)
class Document:
    """A report: everything its page shows, in reading order."""

    id: str
    title: str
    question: str
    category: Category
    summary: tuple[str, ...]
    """Two or three sentences of computed text."""
    headline: MetricCard
    """The one figure the landing page shows."""
    finding: str
    """The one sentence the landing page shows."""
    cards: tuple[MetricCard, ...]
    sections: tuple[Section, ...]
    recommendations: tuple[Recommendation, ...] = ()
    alerts: tuple[Alert, ...] = ()
    methods: tuple[Method, ...] = field(default=())
    in_brief: tuple[BriefLine, ...] = ()
    """What the ten-line summary says of it."""
