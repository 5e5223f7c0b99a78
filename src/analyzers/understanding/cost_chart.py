"""Cost by name as bars: the chart of two sections."""

from collections.abc import Sequence

from analyzers.understanding.result import Understanding
from analyzers.usage.cells import COST
from analyzers.usage.sums import Group, share
from analyzers.usage.tables import shown_name
from analyzers.words.figures import percent
from reporting.document import Chart, ChartKind, Series, Unit
from reporting.facets import DIMENSIONS as FILTERS

BARS = 12
"""Bars of a chart of names; the table beside it has all."""


def cost_chart(identity: str, noun: str, groups: Sequence[Group], result: Understanding) -> Chart:
    """Cost by name as bars, the most expensive first."""
    shown = groups[:BARS]
    names = [group.name for group in shown]
    part = percent(share(shown[0].usage.cost_usd, result.total.cost_usd))
    first = shown[0].name
    title = f"{first or f'Calls without {noun}'} {'is' if first else 'are'} {part} of cost"
    series = Series("Cost", tuple(group.usage.known_cost_usd for group in shown), sum=COST)
    note = f"The {BARS} most expensive of {len(groups)}; the table has all." if len(groups) > BARS else ""
    return Chart(
        id=f"cost-by-{identity}",
        kind=ChartKind.BAR_HORIZONTAL,
        title=title,
        subject=f"Cost by {noun}",
        label_title=noun.capitalize(),
        labels=tuple(shown_name(name) for name in names),
        series=(series,),
        unit=Unit.USD,
        note=note,
        method="totals",
        by=identity if identity in FILTERS else "",
        members=tuple(names),
    )
