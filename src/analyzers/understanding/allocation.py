"""Section "who and what it is spent on": cost by model, provider, organization, customer and more, one at a time."""

from dataclasses import replace

from analyzers.understanding.concentration_table import concentration_table
from analyzers.understanding.cost_chart import cost_chart
from analyzers.understanding.recent_change import change_field
from analyzers.understanding.result import Understanding
from analyzers.usage.sums import Group
from analyzers.usage.tables import FacetsOf, by_feature, by_model, by_organization, by_provider, cost_table
from analyzers.words.figures import not_named
from calls.dimensions import DIMENSIONS, Dimension
from reporting.document import Block, Chart, Facets, Note, Section, Table

ALWAYS = ("model", "provider")
"""Every call has these; they come first."""
NEXT = ("organization", "customer", "feature")


def section(result: Understanding) -> Section:
    """A chart and a table for each dimension that calls name; a reader sees one dimension at a time."""
    blocks: list[Block] = []
    missing = []
    for dimension in sorted(DIMENSIONS, key=_place):
        if dimension.id not in ALWAYS and not result.breakdown.allocated(dimension.column):
            missing.append(dimension.title)
        else:
            blocks += _option(result, dimension)
    if result.total.cost_usd:
        blocks.append(concentration_table(result))
    if missing:
        blocks.append(Note(not_named(missing)))
    return Section(
        "allocation", "Who and what it is spent on", blocks=tuple(blocks), choice="Cost grouped by"
    )


def _place(dimension: Dimension) -> int:
    order = (*ALWAYS, *NEXT)
    return order.index(dimension.id) if dimension.id in order else len(order)


def _option(result: Understanding, dimension: Dimension) -> list[Chart | Table]:
    """Cost by the names of a dimension: bars, where there are several, and the table of all."""
    identity, noun = dimension.id, dimension.title
    groups = result.by(*dimension.columns)
    charts = [cost_chart(identity, noun, groups, result)] if result.total.cost_usd and len(groups) > 1 else []
    label = "provider and model" if identity == "model" else noun
    table = cost_table(
        f"by-{identity}",
        f"Cost by {label}",
        noun.capitalize(),
        groups,
        _FACETS.get(identity, _no_facets),
        by=_BY.get(identity, ()),
        more=change_field(result, identity),
    )
    option = noun.capitalize()
    return [*(replace(chart, option=option) for chart in charts), replace(table, option=option)]


def _no_facets(_: Group) -> Facets | None:
    return None


_FACETS: dict[str, FacetsOf] = {
    "provider": by_provider,
    "model": by_model,
    "organization": by_organization,
    "feature": by_feature,
}
"""What filters can ask of the rows of a dimension."""
_BY = {
    "provider": ("provider",),
    "model": ("provider", "model"),
    "organization": ("organization",),
    "feature": ("feature",),
}
"""The filters whose names make a row."""
