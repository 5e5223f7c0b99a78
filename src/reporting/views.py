"""A document as the templates read it: blocks turned into views, links to what the page holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from reporting.cards import CardView, card_view
from reporting.contents import slices_of
from reporting.document import (
    Alert,
    Block,
    Category,
    Chart,
    Document,
    HeatMap,
    Level,
    Note,
    Recommendation,
    Scatter,
    Section,
    SideBySide,
    Table,
    Unit,
)
from reporting.figures import EntityColours, chart_figure, heat_map_figure, scatter_figure
from reporting.number_format import Shown, amount
from reporting.part_ids import distinct
from reporting.slices import SliceStore
from reporting.tables import row_id, table_view

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
    models: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


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
    option: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether half of the width is enough for it."""
        return bool(getattr(self.view, "is_narrow", False))


@dataclass(frozen=True)
class BlockGroup:
    """Blocks that are shown together: those of one option, or, without one, always."""

    option: str
    blocks: tuple[BlockView, ...]


@dataclass(frozen=True)
class SectionView:
    """A section with its blocks."""

    id: str
    title: str
    intro: str
    blocks: tuple[BlockView, ...]
    choice: str = ""

    @property
    def groups(self) -> tuple[BlockGroup, ...]:
        """Its blocks in their order, neighbours of one option together."""
        grouped = groupby(self.blocks, key=lambda block: block.option)
        return tuple(BlockGroup(option, tuple(blocks)) for option, blocks in grouped)

    @property
    def options(self) -> tuple[str, ...]:
        """What a reader can choose between."""
        return tuple(dict.fromkeys(block.option for block in self.blocks if block.option))


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
    cells: dict[str, Any] | None = None

    @property
    def has_charts(self) -> bool:
        """Whether some block is a chart."""
        return any(block.kind == "figure" for section in self.sections for block in section.blocks)

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
    recommendations = sorted(document.recommendations, key=lambda item: (not item.saves, -item.usd_month))
    return DocumentView(
        document=document,
        cards=tuple(card_view(card, maker.store) for card in document.cards),
        sections=tuple(maker.section(section) for section in document.sections),
        recommendations=tuple(_recommendation(item, targets) for item in recommendations),
        alerts=tuple(_alert(item, targets) for item in sorted(document.alerts, key=_urgency)),
        methods={method.id: method for method in document.methods},
        slices=maker.store.as_json(),
        cells=document.cells.as_json() if document.cells else None,
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
            if isinstance(block, Chart | HeatMap | Scatter | Table | SideBySide):
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
        blocks = [replace(self.block(block), option=getattr(block, "option", "")) for block in section.blocks]
        grouped = groupby(blocks, key=lambda block: block.option)
        placed = tuple(block for _, some in grouped for block in arranged(list(some)))
        return SectionView(section.id, section.title, section.intro, placed, section.choice)

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
            case SideBySide():
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
