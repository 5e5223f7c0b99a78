"""The dimensions by which calls are grouped: one row each with title and what stands for none, "(unallocated)"."""

from dataclasses import dataclass

UNALLOCATED = "(unallocated)"
"""What stands where a call names nothing in a dimension."""
MONTHLY = "monthly_allocation"
"""The rollup that holds sums by month of every dimension without a rollup of its own."""


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A dimension of calls.

    Attributes:
        id: Names it in tables, links, budgets and JSON.
        columns: The columns of a call whose values make a group: a model is one of its provider.
        title: What one of its values is called in a sentence.
        plural: What several are called.
        rollup: The rollup that holds its sums.
        few_values: Whether it has so few values in most files that they are worth a type of their own.
        charted: Whether its cost is worth a chart beside its table.
    """

    id: str
    columns: tuple[str, ...]
    title: str
    plural: str
    rollup: str = MONTHLY
    few_values: bool = True
    charted: bool = False

    @property
    def column(self) -> str:
        """The column that holds its values."""
        return self.columns[-1]

    @property
    def calls_without(self) -> str:
        """The calls that name nothing in it, in words."""
        return f"calls without {'an' if self.title[0] in 'aeiou' else 'a'} {self.title}"


DIMENSIONS = (
    Dimension(
        id="provider", columns=("provider",), title="provider", plural="providers", rollup="hourly_use"
    ),
    Dimension(id="model", columns=("provider", "model"), title="model", plural="models", rollup="hourly_use"),
    Dimension(
        id="organization",
        columns=("organization_id",),
        title="organization",
        plural="organizations",
        rollup="daily_organizations",
        charted=True,
    ),
    Dimension(id="product", columns=("product_id",), title="product", plural="products", charted=True),
    Dimension(id="feature", columns=("feature_id",), title="feature", plural="features", charted=True),
    Dimension(
        id="customer",
        columns=("customer_id",),
        title="customer",
        plural="customers",
        rollup="daily_customers",
        few_values=False,
    ),
    Dimension(id="environment", columns=("environment",), title="environment", plural="environments"),
    Dimension(
        id="task", columns=("task_type",), title="task", plural="tasks", rollup="hourly_use", charted=True
    ),
    Dimension(
        id="plan", columns=("subscription_tier",), title="plan", plural="plans", rollup="daily_customers"
    ),
)

BY_ID = {dimension.id: dimension for dimension in DIMENSIONS}


def chosen(*ids: str) -> tuple[Dimension, ...]:
    """Some of the dimensions, in the order given."""
    return tuple(BY_ID[each] for each in ids)
