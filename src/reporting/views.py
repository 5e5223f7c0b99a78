"""A document as the templates read it: blocks turned into views, links to what the page holds."""

from collections.abc import Iterable, Sequence
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
    Slice,
    Table,
    Unit,
)
from reporting.figures import EntityColours, chart_figure, heat_map_figure, scatter_figure
from reporting.numbers import Shown, amount, change, decimal, shown
from reporting.part_ids import distinct
from reporting.slices import SliceStore
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
    measure: int | None = None
    """Its parts, as the page's slices number them."""
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
    """A block and the name of the template that writes it; `wide` if it takes the whole width of the page."""

    kind: str
    view: Any
    wide: bool = True

    @property
    def is_narrow(self) -> bool:
        """Whether half of the width is enough for it."""
        return bool(getattr(self.view, "is_narrow", False))


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
    slices: dict[str, Any] = field(default_factory=dict)

    @property
    def card_layout(self) -> str:
        """The classes of the cards' grid: so many columns that its last line is full."""
        return _CARD_LAYOUTS.get(len(self.cards), "cards--4")


_CARD_LAYOUTS = {
    1: "cards--4", 2: "cards--2", 3: "cards--3", 4: "cards--4", 5: "cards--5", 6: "cards--3",
    7: "cards--4 cards--lead", 8: "cards--4", 9: "cards--5 cards--lead", 10: "cards--5", 11: "cards--4 cards--lead",
}  # fmt: skip


def document_view(document: Document, colours: EntityColours) -> DocumentView:
    """The document with every number formatted and every link resolved.

    Raises:
        ValueError: a number is not finite, two blocks share an id, or a table or chart is ragged.
    """
    document = distinct(document)
    maker = _Maker(colours, _targets(document), SliceStore(slices_of(document)))
    targets = maker.targets
    recommendations = sorted(document.recommendations, key=lambda item: -item.usd_month)
    return DocumentView(
        document,
        tuple(card_view(card, maker.store) for card in document.cards),
        tuple(maker.section(section) for section in document.sections),
        tuple(_recommendation(item, targets) for item in recommendations),
        tuple(_alert(item, targets) for item in sorted(document.alerts, key=_urgency)),
        {method.id: method for method in document.methods},
        maker.store.as_json(),
    )


_LEVELS = (Level.CRITICAL, Level.WARNING, Level.INFO)


def _urgency(alert: Alert) -> tuple[int, Decimal]:
    return _LEVELS.index(alert.level), -(alert.usd or Decimal(0))


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


@dataclass(frozen=True)
class _Maker:
    """What the blocks of one page share while their views are made."""

    colours: EntityColours
    targets: dict[tuple[str, str], str]
    store: SliceStore

    def section(self, section: Section) -> SectionView:
        blocks = arranged([self.block(block) for block in section.blocks])
        return SectionView(section.id, section.title, section.intro, blocks)

    def block(self, block: Block) -> BlockView:
        match block:
            case Chart():
                return BlockView("figure", chart_figure(block, self.colours, self.store))
            case HeatMap():
                return BlockView("figure", heat_map_figure(block))
            case Scatter():
                return BlockView("figure", scatter_figure(block, self.colours))
            case Table():
                return BlockView("table", table_view(block))
            case Alert():
                return BlockView("alert", _alert(block, self.targets))
            case Comparison():
                return BlockView("comparison", block)
            case Note():
                return BlockView("note", block)


def arranged(blocks: Sequence[BlockView]) -> tuple[BlockView, ...]:
    """The blocks in their order: two narrow ones in a row share the width, all others take it alone."""
    placed = list(blocks)
    place = 0
    while place + 1 < len(placed):
        one, other = placed[place], placed[place + 1]
        if one.is_narrow and other.is_narrow:
            placed[place : place + 2] = [replace(one, wide=False), replace(other, wide=False)]
            place += 1
        place += 1
    return tuple(placed)


def _recommendation(item: Recommendation, targets: dict[tuple[str, str], str]) -> RecommendationView:
    link = targets.get((item.target, item.target_row)) or targets.get((item.target, ""), "")
    return RecommendationView(item, Shown(amount(item.usd_month, _USD)), link)


def _alert(item: Alert, targets: dict[tuple[str, str], str]) -> AlertView:
    usd = Shown(amount(item.usd, _USD)) if item.usd is not None else None
    return AlertView(item, usd, targets.get((item.target, ""), ""))


def card_view(card: MetricCard, store: SliceStore | None = None) -> CardView:
    """A metric card for the eye; its slices go to the page's `store`."""
    return CardView(
        card.id,
        card.label,
        shown(card.value),
        card.value.unit.value,
        card.note,
        _change(card.change) if card.change else None,
        sparkline(card.trend),
        _trend_label(card),
        store.measure(card.slices) if store else None,
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
    yield from (part.facets for part in slices_of(document))
    for block in blocks_of(document):
        if isinstance(block, Table):
            yield from (row.facets for row in block.rows if row.facets)


def slices_of(document: Document) -> Iterable[Slice]:
    """Every slice that the document's series and cards carry."""
    for card in (document.headline, *document.cards):
        yield from card.slices
    for block in blocks_of(document):
        if isinstance(block, Chart):
            yield from (part for series in block.series for part in series.slices)


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
