"""What the pages of a set know of each other: menu, colours, filters.

`kept` is the manifest of a run whose other pages stay, None where all are made anew.
"""

from collections.abc import Sequence

from reporting.contents import entities_of, names_of
from reporting.document import Category
from reporting.manifest import Manifest
from reporting.manifest_entries import PageEntry
from reporting.page_or_failure import Page, Report
from reporting.provenance import Provenance
from reporting.views import Dimensions, MenuEntry


def menu_of(reports: Sequence[Report | PageEntry]) -> tuple[MenuEntry, ...]:
    """All pages: by category in the order in which categories first come, then by `order`."""
    known = sorted(reports, key=lambda entry: entry.order)
    groups = [entry.value for entry in Category]
    groups += [entry.category for entry in known if entry.category not in groups]
    known.sort(key=lambda entry: groups.index(entry.category))
    return tuple(MenuEntry(entry.id, entry.title, str(entry.category), entry.filename) for entry in known)


def colours_of(pages: Sequence[Page], kept: Manifest | None) -> dict[str, int]:
    """A number for each entity, sorted by name; new ones follow those that earlier pages use."""
    known = list(kept.entities) if kept else []
    new = {entity for page in pages for entity in entities_of(page.document)} - set(known)
    return {entity: place for place, entity in enumerate([*known, *sorted(new)])}


def dimensions_of(pages: Sequence[Page], provenance: Provenance, kept: Manifest | None) -> Dimensions:
    """The period, and every name that a page is divided by, now or before."""
    names = {name: _names(pages, name, kept) for name in ("provider", "organization", "model", "feature")}
    period = provenance.source.period
    return Dimensions(period.first_day, period.last_day, *(tuple(sorted(found)) for found in names.values()))


def _names(pages: Sequence[Page], dimension: str, kept: Manifest | None) -> set[str]:
    found = set(getattr(kept.dimensions, f"{dimension}s")) if kept else set()
    return found.union(*(names_of(page.document, dimension) for page in pages))
