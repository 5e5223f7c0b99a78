"""Who and what it is spent on: cost by organization, product, feature, customer and more."""

from analyzers.understanding.cost_chart import cost_chart
from analyzers.understanding.result import Understanding
from analyzers.usage.sums import Group
from analyzers.usage.tables import by_organization, cost_table
from analyzers.words.figures import not_named
from reporting.document import Block, Facets, Note, Section

DIMENSIONS = (
    ("organization", "organization", "organization_id"),
    ("product", "product", "product_id"),
    ("feature", "feature", "feature_id"),
    ("customer", "customer", "customer_id"),
    ("environment", "environment", "environment"),
    ("task", "task", "task_type"),
    ("plan", "plan", "subscription_tier"),
)


def section(result: Understanding) -> Section:
    """A table for each dimension that calls name, and charts of the first few."""
    charts: list[Block] = []
    blocks: list[Block] = []
    missing = []
    for identity, noun, column in DIMENSIONS:
        groups = result.by(column)
        if not result.breakdown.allocated(column):
            missing.append(noun)
            continue
        if (
            result.total.cost_usd
            and len(groups) > 1
            and identity in {"organization", "product", "feature", "task"}
        ):
            charts.append(cost_chart(identity, noun, groups, result))
        facets = by_organization if identity == "organization" else _no_facets
        blocks.append(cost_table(f"by-{identity}", f"Cost by {noun}", noun.capitalize(), groups, facets))
    if missing:
        blocks.append(Note(not_named(missing)))
    return Section("allocation", "Who and what it is spent on", (*charts, *blocks))


def _no_facets(_: Group) -> Facets | None:
    return None
