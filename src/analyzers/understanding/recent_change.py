"""How the cost of each name moved: the later of the two periods compared against the earlier."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from analyzers.understanding.result import NamedChange, Understanding
from analyzers.usage.earlier_period import over_both_periods, relative
from analyzers.usage.sums import ZERO, Group
from calls.engine import Calls
from reporting.document import Unit, Value
from reporting.filled_tables import Fields, over

COLUMNS = {
    "provider": ("provider",),
    "model": ("provider", "model"),
    "organization": ("organization_id",),
    "feature": ("feature_id",),
}
"""The dimensions whose days are summed, and their columns."""

Costs = Mapping[tuple[str, ...], Decimal | None]
"""The known cost of each name in a period; None where it has calls and none has a known cost."""


def named_changes(calls: Calls) -> tuple[NamedChange, ...]:
    """The cost of every name in both periods; empty where there is nothing to compare with."""
    return tuple(change for identity in COLUMNS for change in _changes(calls, identity))


def _changes(calls: Calls, identity: str) -> Sequence[NamedChange]:
    compared = over_both_periods(calls, partial(_costs, columns=COLUMNS[identity]))
    if compared is None:
        return ()
    before, now = compared.before, compared.now
    return [
        NamedChange(identity, name, before.get(name, ZERO), now.get(name, ZERO))
        for name in sorted({*before, *now})
    ]


def _costs(calls: Calls, first: date, last: date, *, columns: Sequence[str]) -> Costs:
    names = ", ".join(columns)
    rows = calls.sql(
        f"select {names}, sum(known_cost) as cost, sum(priced_calls) as priced from daily_organizations "
        f"where local_day between cast($first as date) and cast($last as date) group by {names}",
        first=first.isoformat(),
        last=last.isoformat(),
    )
    return {tuple(getattr(row, name) for name in columns): row.cost if row.priced else None for row in rows}


def change_field(result: Understanding, identity: str) -> Fields[Group]:
    """A column of the relative change of each name's cost, or none where nothing is compared."""
    if result.versus is None or identity not in COLUMNS:
        return ()
    periods = result.versus.periods
    found = {change.name: change for change in result.changes if change.dimension == identity}

    def moved(groups: Sequence[Group]) -> Value:
        some = [found[group.key] for group in groups if group.key in found]
        before, now = _added([each.before_usd for each in some]), _added([each.now_usd for each in some])
        return Value(relative(before, now), Unit.SHARE, reason=f"no known cost in {periods.before}")

    return (over("change", f"Change vs {periods.previous}", moved, Unit.SHARE),)


def _added(costs: Sequence[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return None if len(known) < len(costs) else sum(known, ZERO)
