"""What a document holds: its blocks in reading order, and what of them can be filtered and coloured."""

from collections.abc import Iterable

from reporting.document import Block, Chart, Document, Facets, Scatter, Slice, Table


def facets_of(document: Document) -> Iterable[Facets]:
    """Every facet that the document's rows, series and cards carry."""
    yield from (part.facets for part in slices_of(document))
    for block in blocks_of(document):
        if isinstance(block, Table):
            yield from (row.facets for row in block.rows if row.facets)


def names_of(document: Document, dimension: str) -> set[str]:
    """The names of a dimension that something of the document is divided by."""
    found = {entry.named()[dimension] for entry in facets_of(document) if dimension in entry.named()}
    return found | (set(document.cells.names(dimension)) if document.cells else set())


def is_formed(document: Document) -> bool:
    """Whether the browser forms a figure of the document from cells."""
    charts_and_tables = (block for block in blocks_of(document) if isinstance(block, Chart | Table))
    return any(card.sum for card in document.cards) or any(block.by for block in charts_and_tables)


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
