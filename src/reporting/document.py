"""What a page is made of (cards, tables, charts, alerts, advice): frozen data without markup or formatting.

An analyzer builds a `Document`; the renderer turns it into HTML and does no arithmetic. Numbers stay exact
(`Decimal`, `int`) until the one formatter of the renderer shows them by their `Unit`. Amounts, facets and charts
have rooms of their own; code that makes a page imports all its parts from here.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from reporting.cells import Cells, Sum
from reporting.facets import Facets, Slice
from reporting.measures import Change, Number, Unit, Value
from reporting.plots import Chart, ChartKind, HeatMap, Mark, Point, PointGroup, Scatter, Series, SeriesRole

__all__ = [
    "Alert",
    "Block",
    "SummaryLine",
    "Category",
    "Cell",
    "Change",
    "Chart",
    "ChartKind",
    "Column",
    "SideBySide",
    "Confidence",
    "Document",
    "Facets",
    "HeatMap",
    "Level",
    "Mark",
    "Method",
    "MetricCard",
    "Note",
    "Number",
    "Point",
    "PointGroup",
    "Recommendation",
    "Row",
    "Scatter",
    "Section",
    "Series",
    "SeriesRole",
    "Slice",
    "Table",
    "Unit",
    "Value",
]


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
    """How sure a recommendation is: the weaker of the evidence and of how likely it is carried out as assumed."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, kw_only=True)
class MetricCard:
    """One headline figure."""

    id: str
    label: str
    value: Value
    note: str = ""
    change: Change | None = None
    trend: tuple[Number | None, ...] = ()
    """A sparkline: the figure by day, oldest first."""
    slices: tuple[Slice, ...] = ()
    """The value in parts (their `label` is 0), for the browser to add up again when a filter is on. Only for
    sums; a card without them says that it does not react to filters."""
    sum: Sum | None = None
    """How the browser forms it from the page's cells under a filter; it then needs no slices."""
    highlight: bool = False
    """Whether it belongs to the few figures at the top of the landing page."""


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    key: str
    label: str
    _: KW_ONLY
    unit: Unit = Unit.TEXT
    sparse: bool = False
    """Whether it is left out where no row has anything in it but zero or nothing."""
    sum: Sum | None = None
    """How the browser forms its cells from the page's cells, in a table that says `by` what its rows are."""


Cell = Number | str | date | datetime | Value | None


@dataclass(frozen=True)
class Row:
    """A row of a table: one cell a column. A bare cell takes its column's unit; a `Value` brings its own."""

    cells: tuple[Cell, ...]
    facets: Facets | None = None
    _: KW_ONLY
    key: str = ""
    """Names the row, so that recommendations can link to it."""
    rest: int = 0
    """How many entries it stands for, if it is the row "Other" at the end of a table that would be too long."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table, as `reporting.filled_tables` makes one: at most 500 rows, the rest in "Other"; the JSON holds all."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    note: str = ""
    method: str = ""
    """The id of the method note that explains it."""
    option: str = ""
    """Under which option of its section's choice it is shown, "" for always."""
    by: tuple[str, ...] = ()
    """The dimensions whose names make a row, if a row is all calls of its names; every row but "Other" has them as
    facets."""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Something that wants a reader's attention."""

    level: Level
    title: str
    text: str
    usd: Decimal | None = None
    """The dollars at stake, if they are known."""
    target: str = ""
    """The id of the table or chart that shows it."""
    dedup_key: str = ""
    """What it is about, if another report may say the same in other words: the landing page shows one of equal keys."""


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """What to do, for whom, what it saves and how sure that is. Savings by dollars, then what is at stake."""

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
    """Whether `usd_month` is earned or saved; else it is only at stake (cost to charge, a gap to a target)."""
    needs_test: bool = False
    """Whether the quality of answers may suffer, which is not in the data: to test before it is counted on."""
    dedup_key: str = ""
    """As of an alert."""


@dataclass(frozen=True, kw_only=True)
class SideBySide:
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


@dataclass(frozen=True, kw_only=True)
class Method:
    """How a figure is computed: shown beside it under "How this is computed"."""

    id: str
    title: str
    formula: str
    assumptions: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    source: str = ""
    """Where the method comes from."""


Figures = Mapping[str, Number | str | None]
"""Exact amounts by name and unit, for machines; None where one cannot be known."""


@dataclass(frozen=True)
class SummaryLine:
    """A line of the ten-line summary that closes a run: what it is about, what it says, and its figures.

    A line that the data cannot support says so: "not known: no call has a latency".
    """

    label: str
    text: str
    _: KW_ONLY
    figures: Figures = field(default_factory=dict)


Block = Chart | HeatMap | Scatter | Table | Alert | SideBySide | Note


@dataclass(frozen=True)
class Section:
    """A part of a page with a heading of its own."""

    id: str
    title: str
    _: KW_ONLY
    blocks: tuple[Block, ...]
    intro: str = ""
    choice: str = ""
    """By what its charts and tables with an `option` differ: a reader sees those of one option at a time."""


@dataclass(frozen=True, kw_only=True)
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
    answers: tuple[tuple[str, str], ...] = ()
    """Questions of readers, each with the id of the section that answers it."""
    summary_lines: tuple[SummaryLine, ...] = ()
    """What the ten-line summary says of it."""
    cells: Cells | None = None
    """Sums that the browser adds up again under a filter."""
