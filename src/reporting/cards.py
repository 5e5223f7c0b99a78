"""A metric card for the eye: its figure, its change in words, its sparkline."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reporting.currency import MONEY_UNITS
from reporting.document import Change, MetricCard, Number, Value
from reporting.number_format import Shown, amount, change, decimal, plain, shown
from reporting.slices import SliceStore
from reporting.tables import sliced_dimensions


@dataclass(frozen=True)
class ChangeView:
    """A change for the eye: the sign is text, welcome or not is a word, so colour says nothing alone."""

    text: str
    against: str
    tone: str
    word: str


@dataclass(frozen=True)
class CardView:
    """A metric card ready to be written; `spark` holds the points of an SVG line, "" without a trend.

    `exact` is the plain figure for machines, an amount in US dollars.
    """

    id: str
    label: str
    value: Shown
    exact: str
    unit: str
    note: str
    change: ChangeView | None
    spark: str
    spark_label: str
    measure: int | None = None
    """Its parts, as the page's slices number them."""
    dimensions: tuple[str, ...] = ()
    sum: dict[str, Any] | None = None


def card_view(card: MetricCard, store: SliceStore | None = None) -> CardView:
    """A metric card for the eye; its slices go to the page's `store`."""
    return CardView(
        id=card.id,
        label=card.label,
        value=shown(card.value),
        exact=_exact(card.value),
        unit=card.value.unit.value,
        note=card.note,
        change=_change(card.change) if card.change else None,
        spark=sparkline(card.trend),
        spark_label=_trend_label(card),
        measure=store.measure(card.slices, card.value.unit) if store else None,
        dimensions=sliced_dimensions([[part.facets for part in card.slices]]),
        sum=card.sum.as_json() if card.sum else None,
    )


def _exact(value: Value) -> str:
    if value.unit in MONEY_UNITS and isinstance(value.amount, int | float | Decimal):
        return plain(value.amount)
    return shown(value).data


def _trend_label(card: MetricCard) -> str:
    known = [value for value in card.trend if value is not None]
    if len(known) < 2:
        return ""
    first, last = amount(known[0], card.value.unit), amount(known[-1], card.value.unit)
    return f"Trend over {len(card.trend)} days: from {first} to {last}"


def _change(item: Change) -> ChangeView:
    tones = {True: ("good", "better"), False: ("bad", "worse"), None: ("neutral", "")}
    tone, word = tones[item.good]
    return ChangeView(_arrowed(change(item.value)), item.against, tone, word)


_ARROWS = {"+": "▲ ", "−": "▼ "}


def _arrowed(text: str) -> str:
    """A change with an arrow for its sign: ▲ 12.3%, ▼ 4.0%."""
    return _ARROWS[text[0]] + text[1:] if text[0] in _ARROWS else text


_WIDTH, _HEIGHT, _SIDE, _MARGIN = 120, 32, 0.5, 3


def sparkline(trend: tuple[Number | None, ...]) -> str:
    """The points of an SVG polyline over 120 by 32 units; "" for fewer than two values."""
    known = [(place, float(decimal(value))) for place, value in enumerate(trend) if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    across = (_WIDTH - 2 * _SIDE) / (known[-1][0] - known[0][0])
    up = (_HEIGHT - 2 * _MARGIN) / ((high - low) or 1)
    points = (
        (_SIDE + (place - known[0][0]) * across, _HEIGHT - _MARGIN - (value - low) * up)
        for place, value in known
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
