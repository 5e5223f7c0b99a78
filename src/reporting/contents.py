"""What a document holds: its blocks in reading order, and what of them can be filtered and coloured."""

from collections.abc import Iterable

from reporting.document import Block, Chart, Document, Facets, Scatter, Slice, Table


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
