"""What drives the cost of a budget: the model that grew most in the last week, or else the most expensive.

Of a customer's budget it is the most expensive; of a feature's it is a provider.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from analyzers.usage.earlier_period import last_weeks
from analyzers.usage.sums import ZERO
from calls.dimensions import chosen
from calls.engine import Calls
from settings.model import Budget

SCOPES = {each.id: each.column for each in chosen("organization", "product", "customer", "feature")}
"""The column of each scope that a budget can have, besides that of all calls."""

BY_MODEL = """
select name, provider, model, sum(known_cost) as known_cost,
       sum(case when local_day between cast($later as date) and cast($last as date) then known_cost end) as later_cost,
       sum(case when local_day >= cast($earlier as date) and local_day < cast($later as date) then known_cost end)
         as earlier_cost
from ({source}) as dated
group by name, provider, model
order by name, provider, model
"""
ALL_CALLS = (
    "select cast(local_hour as date) as local_day, '' as name, provider, model, known_cost from hourly_use"
)
OF_NAMES = (
    "select {day} as local_day, {column} as name, provider, {model} as model, known_cost from {rollup} "
    "where {column} in ({names})"
)
DAYS = {
    "organization_id": ("local_day", "model", "daily_organizations"),
    "product_id": ("local_day", "model", "daily_organizations"),
    "customer_id": ("cast(null as date)", "model", "customer_work"),
    "feature_id": ("cast(local_hour as date)", "''", "hourly_features"),
}
"""The day, the model and the rollup of each column; of a customer, no week is known by model, of a feature no model."""

Scoped = tuple[str, str]
"""The scope and the name of a budget."""


@dataclass(frozen=True)
class Driver:
    """A model (or, where that is '', a provider) and its known cost in USD: over the period, and how much more lately.

    `grew_usd` is zero where no model grew, or where two weeks cannot be compared.
    """

    provider: str
    model: str
    cost_usd: Decimal
    grew_usd: Decimal


def budget_drivers(calls: Calls, budgets: Sequence[Budget]) -> Mapping[Scoped, Driver]:
    """The driver of each budget that has any known cost."""
    names: dict[str, list[str]] = defaultdict(list)
    for budget in budgets:
        names[budget.scope].append(budget.name)
    return {
        (scope, name): max(
            drivers, key=lambda each: (each.grew_usd, each.cost_usd, each.provider, each.model)
        )
        for scope, wanted in names.items()
        for name, drivers in _of_scope(calls, scope, wanted).items()
    }


def _of_scope(calls: Calls, scope: str, names: Sequence[str]) -> Mapping[str, list[Driver]]:
    source, values = ALL_CALLS, {}
    if scope in SCOPES:
        values = {f"name_{place}": name for place, name in enumerate(names)}
        column = SCOPES[scope]
        day, model, rollup = DAYS[column]
        listed = ", ".join(f"${key}" for key in values)
        source = OF_NAMES.format(day=day, column=column, model=model, rollup=rollup, names=listed)
    found: dict[str, list[Driver]] = defaultdict(list)
    for row in calls.sql(BY_MODEL.format(source=source), **values, **_weeks(calls)):
        if row.known_cost:
            grew = max((row.later_cost or ZERO) - (row.earlier_cost or ZERO), ZERO)
            found[row.name].append(Driver(row.provider, row.model, row.known_cost, grew))
    return found


def _weeks(calls: Calls) -> dict[str, Any]:
    """The two weeks that are compared; where there are none, weeks without any call."""
    windows, after = last_weeks(calls), calls.source.period.last_day + timedelta(days=1)
    days = (windows.earlier_first, windows.later_first, windows.later_last) if windows else (after,) * 3
    return dict(zip(("earlier", "later", "last"), (day.isoformat() for day in days), strict=True))
