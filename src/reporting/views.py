"""A document as the templates read it: blocks turned into views, links to what the page holds."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from reporting.document import (
    Alert,
    Block,
    Category,
    Change,
    Chart,
    Comparison,
    Document,
    Facets,
    HeatMap,
    Level,
    MetricCard,
    Note,
    Number,
    Recommendation,
    Scatter,
    Section,
    Table,
    Unit,
)
from reporting.figures import EntityColours, chart_figure, heat_map_figure, scatter_figure, slices_config
from reporting.numbers import Shown, amount, change, decimal, shown
from reporting.tables import filtered_dimensions, row_id, table_view

_USD = Unit.USD

CATEGORY_TITLES: dict[str, str] = {Category.FINOPS: "FinOps", Category.UBR: "Usage-based revenue"}


@dataclass(frozen=True)
class MenuEntry:
    """A page as other pages link to it."""

    id: str
    title: str
    category: str
    filename: str

    @property
    def category_title(self) -> str:
        """The group's name for the eye."""
        return CATEGORY_TITLES.get(self.category, self.category)


@dataclass(frozen=True)
class Dimensions:
    """What all pages together can be filtered by."""

    first_day: date
    last_day: date
    providers: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChangeView:
    """A change for the eye: the sign is text, welcome or not is a word, so colour says nothing alone."""

    text: str
    against: str
    tone: str
    word: str


@dataclass(frozen=True)
class CardView:
    """A metric card ready to be written; `spark` holds the points of an SVG line, "" without a trend."""

    id: str
    label: str
    value: Shown
    unit: str
    note: str
    change: ChangeView | None
    spark: str
    spark_label: str
    config: dict[str, Any] | None = None
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecommendationView:
    """A recommendation with its dollars formatted and its link resolved ("" if the page lacks the target)."""

    item: Recommendation
    usd: Shown
    link: str


@dataclass(frozen=True)
class AlertView:
    """An alert with its dollars formatted and its link resolved."""

    item: Alert
    usd: Shown | None
    link: str


@dataclass(frozen=True)
class BlockView:
    """A block and the name of the template that writes it."""

    kind: str
    view: Any


@dataclass(frozen=True)
class SectionView:
    """A section with its blocks."""

    id: str
    title: str
    intro: str
    blocks: tuple[BlockView, ...]


@dataclass(frozen=True)
class DocumentView:
    """Everything a report's template reads."""

    document: Document
    cards: tuple[CardView, ...]
    sections: tuple[SectionView, ...]
    recommendations: tuple[RecommendationView, ...]
    alerts: tuple[AlertView, ...]
    methods: dict[str, Any] = field(default_factory=dict)


def document_view(document: Document, colours: EntityColours) -> DocumentView:
    """The document with every number formatted and every link resolved.

    Raises:
        ValueError: a number is not finite, two blocks share an id, or a table or chart is ragged.
    """
    document = distinct(document)
    targets = _targets(document)
    recommendations = sorted(document.recommendations, key=lambda item: -item.usd_month)
    return DocumentView(
        document,
        tuple(card_view(card) for card in document.cards),
        tuple(_section(section, colours, targets) for section in document.sections),
        tuple(_recommendation(item, targets) for item in recommendations),
        tuple(_alert(item, targets) for item in sorted(document.alerts, key=_urgency)),
        {method.id: method for method in document.methods},
    )


_LEVELS = (Level.CRITICAL, Level.WARNING, Level.INFO)
_PAGE_IDS = frozenset(
    (
        "main", "summary", "figures", "alerts", "recommendations", "methods", "data-quality", "filters", "help",
        "help-open", "help-title", "shortcuts-on", "announcer", "page-data", "stale-notice",
    )
)  # fmt: skip


def _urgency(alert: Alert) -> tuple[int, Decimal]:
    return _LEVELS.index(alert.level), -(alert.usd or Decimal(0))


def distinct(document: Document) -> Document:
    """The document with an id of its own for every section and block: blocks keep theirs, sections give way."""
    taken = set(_PAGE_IDS)
    blocks = [[_renamed(block, taken) for block in section.blocks] for section in document.sections]
    sections = tuple(
        replace(_renamed(section, taken), blocks=tuple(held))
        for section, held in zip(document.sections, blocks, strict=True)
    )
    cards = tuple(_renamed(card, taken, "card-") for card in document.cards)
    advice = tuple(_renamed(item, taken, "recommendation-") for item in document.recommendations)
    return replace(document, sections=sections, cards=cards, recommendations=advice)


def _renamed(part: Any, taken: set[str], prefix: str = "") -> Any:
    if not hasattr(part, "id"):
        return part
    name, number = part.id, 2
    while f"{prefix}{name}" in taken:
        name, number = f"{part.id}-{number}", number + 1
    taken.add(f"{prefix}{name}")
    return replace(part, id=name)


def _targets(document: Document) -> dict[tuple[str, str], str]:
    """The ids that links of the page may point to, by (block, row key)."""
    targets: dict[tuple[str, str], str] = {}
    for section in document.sections:
        targets[section.id, ""] = section.id
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Chart | HeatMap | Scatter | Table | Comparison):
                targets[block.id, ""] = block.id
            if isinstance(block, Table):
                rows = enumerate(block.rows)
                targets |= {(block.id, row.key): row_id(block.id, place) for place, row in rows if row.key}
    return targets


def _section(section: Section, colours: EntityColours, targets: dict[tuple[str, str], str]) -> SectionView:
    blocks = tuple(_block(block, colours, targets) for block in section.blocks)
    return SectionView(section.id, section.title, section.intro, blocks)


def _block(block: Block, colours: EntityColours, targets: dict[tuple[str, str], str]) -> BlockView:
    match block:
        case Chart():
            return BlockView("figure", chart_figure(block, colours))
        case HeatMap():
            return BlockView("figure", heat_map_figure(block))
        case Scatter():
            return BlockView("figure", scatter_figure(block, colours))
        case Table():
            return BlockView("table", table_view(block))
        case Alert():
            return BlockView("alert", _alert(block, targets))
        case Comparison():
            return BlockView("comparison", block)
        case Note():
            return BlockView("note", block)


def _recommendation(item: Recommendation, targets: dict[tuple[str, str], str]) -> RecommendationView:
    link = targets.get((item.target, item.target_row)) or targets.get((item.target, ""), "")
    return RecommendationView(item, Shown(amount(item.usd_month, _USD)), link)


def _alert(item: Alert, targets: dict[tuple[str, str], str]) -> AlertView:
    usd = Shown(amount(item.usd, _USD)) if item.usd is not None else None
    return AlertView(item, usd, targets.get((item.target, ""), ""))


def card_view(card: MetricCard) -> CardView:
    """A metric card for the eye."""
    return CardView(
        card.id,
        card.label,
        shown(card.value),
        card.value.unit.value,
        card.note,
        _change(card.change) if card.change else None,
        sparkline(card.trend),
        _trend_label(card),
        slices_config(card.slices) if card.slices else None,
        filtered_dimensions(part.facets for part in card.slices),
    )


def _trend_label(card: MetricCard) -> str:
    known = [value for value in card.trend if value is not None]
    if len(known) < 2:
        return ""
    first, last = amount(known[0], card.value.unit), amount(known[-1], card.value.unit)
    return f"Trend over {len(card.trend)} days: from {first} to {last}"


def _change(item: Change) -> ChangeView:
    tones = {True: ("good", "better"), False: ("bad", "worse"), None: ("neutral", "")}
    tone, word = tones[item.good]
    return ChangeView(change(item.value), item.against, tone, word)


_WIDTH, _HEIGHT, _MARGIN = 120, 32, 3


def sparkline(trend: tuple[Number | None, ...]) -> str:
    """The points of an SVG polyline over 120 by 32 units; "" for fewer than two values."""
    known = [(place, float(decimal(value))) for place, value in enumerate(trend) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    across = (_WIDTH - 2 * _MARGIN) / (known[-1][0] - known[0][0])
    up = (_HEIGHT - 2 * _MARGIN) / ((high - low) or 1)
    points = (
        (_MARGIN + (place - known[0][0]) * across, _HEIGHT - _MARGIN - (value - low) * up)
        for place, value in known
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def facets_of(document: Document) -> Iterable[Facets]:
    """Every facet that the document's rows, series and cards carry."""
    for card in (document.headline, *document.cards):
        yield from (part.facets for part in card.slices)
    for block in blocks_of(document):
        if isinstance(block, Table):
            yield from (row.facets for row in block.rows if row.facets)
        elif isinstance(block, Chart):
            yield from (part.facets for series in block.series for part in series.slices)


def entities_of(document: Document) -> Iterable[str]:
    """Every entity that a series or a group of points of the document is about."""
    for block in blocks_of(document):
        if isinstance(block, Chart):
            yield from (series.entity for series in block.series if series.entity)
        elif isinstance(block, Scatter):
            yield from (group.entity for group in block.groups if group.entity)


def blocks_of(document: Document) -> Iterable[Block]:
    """The blocks of all sections in reading order."""
    for section in document.sections:
        yield from section.blocks
