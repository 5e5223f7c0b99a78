"""Values in parts, so that the browser can add them up again under a filter: each fact written once a page.

Many figures of a page come in parts over the same days, providers and organizations. The page carries these
facets once (a grid), and each distinct run of values over them once; a measure joins the two, and figures name
their measure::

    facets      {"days": [...], "providers": [...], "organizations": [...]}
    grids       one list a grid: what each part belongs to, as steps from the part before. A part's number is
                (day * (providers + 1) + provider) * (organizations + 1) + organization, each counted from 1,
                0 where it spans all
    values      one list a run of values, a value for each part of its grid
    measures    {"grid", "values", "labels"}: numbers of a grid and of a run of values; labels is null (all belong to
                label 0), ["days", [label, ...]] (the label follows from that facet) or a plain list
"""

from collections.abc import Iterable, Sequence
from typing import Any

from reporting.document import Facets, Slice, Unit
from reporting.number_format import plotted

_FACETS = ("days", "providers", "organizations")


class SliceStore:
    """The slices of one page. Every series and card hands its own in and keeps the number it gets."""

    def __init__(self, slices: Iterable[Slice]) -> None:
        """Takes every slice of the page, to know all facets before the first is numbered."""
        pools: tuple[set[str], ...] = (set(), set(), set())
        for part in slices:
            for pool, name in zip(pools, _names(part.facets), strict=True):
                if name is not None:
                    pool.add(name)
        self._pools = [sorted(pool) for pool in pools]
        self._places = [{name: place for place, name in enumerate(pool)} for pool in self._pools]
        self._grids: dict[tuple[int, ...], int] = {}
        self._values: dict[tuple[Any, ...], int] = {}
        self._measures: dict[tuple[Any, ...], int] = {}

    def measure(self, slices: Sequence[Slice], unit: Unit) -> int | None:
        """The number of the measure that holds these parts of a figure in this unit; None without parts."""
        if not slices:
            return None
        places = [self._place(part.facets) for part in slices]
        grid = self._grids.setdefault(tuple(map(self._number, places)), len(self._grids))
        run = tuple(plotted(part.value, unit) for part in slices)
        values = self._values.setdefault(run, len(self._values))
        labels = _labels([part.label for part in slices], places, self._pools)
        return self._measures.setdefault((grid, values, labels), len(self._measures))

    def as_json(self) -> dict[str, Any]:
        """Facets, grids and measures as the browser reads them."""
        return {
            "facets": dict(zip(_FACETS, self._pools, strict=True)),
            "grids": [_steps(grid) for grid in self._grids],
            "values": list(self._values),
            "measures": [
                {"grid": grid, "values": values, "labels": labels} for grid, values, labels in self._measures
            ],
        }

    def _place(self, facets: Facets) -> tuple[int, ...]:
        return tuple(
            -1 if name is None else places[name]
            for name, places in zip(_names(facets), self._places, strict=True)
        )

    def _number(self, place: tuple[int, ...]) -> int:
        day, provider, organization = (part + 1 for part in place)
        _, providers, organizations = (len(pool) + 1 for pool in self._pools)
        return (day * providers + provider) * organizations + organization


def _names(facets: Facets) -> tuple[str | None, str | None, str | None]:
    day = facets.day.isoformat() if facets.day else None
    return day, facets.provider, facets.organization


def _steps(numbers: Sequence[int]) -> list[int]:
    """The first number, then what each adds to the one before: short to write."""
    return [number - before for number, before in zip(numbers, (0, *numbers[:-1]), strict=True)]


def _labels(labels: Sequence[int], places: Sequence[tuple[int, ...]], pools: Sequence[Sequence[str]]) -> Any:
    """The labels in their shortest form: none, a function of one facet, or one by one."""
    if not any(labels):
        return None
    for axis, name in enumerate(_FACETS):
        known: dict[int, int] = {}
        pairs = zip(places, labels, strict=True)
        if all(place[axis] >= 0 and known.setdefault(place[axis], label) == label for place, label in pairs):
            return (name, tuple(known.get(place, -1) for place in range(len(pools[axis]))))
    return tuple(labels)
