"""Section "who and what it is spent on": cost by organization, product, feature, customer and more."""

from analyzers.understanding.cost_chart import cost_chart
from analyzers.understanding.result import Understanding
from analyzers.usage.sums import Group
from analyzers.usage.tables import FacetsOf, by_feature, by_organization, cost_table
from analyzers.words.figures import not_named
from calls.dimensions import DIMENSIONS, chosen
from reporting.document import Block, Facets, Note, Section

SHOWN_APART = chosen("provider", "model")
"""Dimensions that have a section of their own."""


def section(result: Understanding) -> Section:
    """A table for each dimension that calls name, and charts of the first few."""
    charts: list[Block] = []
    blocks: list[Block] = []
    missing = []
    for dimension in DIMENSIONS:
        if dimension in SHOWN_APART:
            continue
        identity, noun, groups = dimension.id, dimension.title, result.by(dimension.column)
        if not result.breakdown.allocated(dimension.column):
            missing.append(noun)
            continue
        if result.total.cost_usd and len(groups) > 1 and dimension.charted:
            charts.append(cost_chart(identity, noun, groups, result))
        facets = _FACETS.get(identity, _no_facets)
        by = (identity,) if identity in _FACETS else ()
        title = f"Cost by {noun}"
        blocks.append(cost_table(f"by-{identity}", title, noun.capitalize(), groups, facets, by=by))
    if missing:
        blocks.append(Note(not_named(missing)))
    return Section("allocation", "Who and what it is spent on", blocks=(*charts, *blocks))


def _no_facets(_: Group) -> Facets | None:
    return None


_FACETS: dict[str, FacetsOf] = {"organization": by_organization, "feature": by_feature}
"""What filters can ask of the rows of a dimension."""
