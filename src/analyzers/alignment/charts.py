"""Charts of organizational alignment: cost by organization and month, coverage, price index, non-production."""

from decimal import Decimal

from analyzers.alignment.result import BARS, RUN_FROM, WALK_FROM, Alignment, MonthLine
from analyzers.usage.cells import COST
from analyzers.usage.sums import share, total_usage
from analyzers.usage.tables import shown_name
from analyzers.words.figures import percent, usd
from reporting.cells import Sum
from reporting.document import Chart, ChartKind, Mark, Series, SeriesRole, Unit

STACKED = 5
"""Organizations of the chart by month; the rest is added up."""


def organization_chart(result: Alignment) -> Chart:
    """Cost by organization, the most expensive first."""
    groups = result.breakdown.by("organization_id")
    names = [group.name for group in groups[:BARS]]
    first = names[0]
    part = percent(share(groups[0].usage.cost_usd, result.total.cost_usd))
    return Chart(
        id="cost-by-organization",
        kind=ChartKind.BAR_HORIZONTAL,
        title=f"{first or 'Calls without organization'} {'is' if first else 'are'} {part} of cost",
        subject="Cost by organization",
        label_title="Organization",
        labels=tuple(map(shown_name, names)),
        series=(
            Series(
                "Cost",
                tuple(group.usage.known_cost_usd for group in groups[:BARS]),
                sum=COST,
            ),
        ),
        unit=Unit.USD,
        note=_rest(len(groups)),
        method="showback",
        by="organization",
        members=tuple(names),
    )


def _rest(count: int) -> str:
    return f"{BARS} of {count:,}; the table has more." if count > BARS else ""


def month_chart(result: Alignment) -> Chart:
    """Cost by month, stacked by organization."""
    lines = result.by_month["organization"]
    shown = list(lines[:STACKED])
    if len(lines) > STACKED:
        rest = lines[STACKED:]
        sums = tuple(total_usage(line.months[place] for line in rest) for place in range(len(result.months)))
        shown.append(MonthLine(f"Other ({len(rest):,})", sums, total_usage(sums)))
    rest_of = Sum("cost", besides=("organization", tuple(line.name for line in lines[:STACKED])))
    totals = [
        sum((line.months[place].cost_usd for line in lines), Decimal(0))
        for place in range(len(result.months))
    ]
    costliest = max(range(len(totals)), key=lambda place: (totals[place], -place))
    return Chart(
        id="cost-by-month",
        kind=ChartKind.BAR_STACKED,
        title=f"{result.months[costliest]:%B %Y} cost {usd(totals[costliest])}",
        subject="Cost by calendar month and organization",
        label_title="Month",
        labels=tuple(f"{month:%b %Y}" for month in result.months),
        by="month",
        members=tuple(f"{month:%Y-%m}" for month in result.months),
        series=tuple(
            Series(
                shown_name(line.name),
                tuple(usage.known_cost_usd for usage in line.months),
                role=SeriesRole.MEASURE if place < STACKED else SeriesRole.REST,
                entity=line.name if place < STACKED else "",
                sum=Sum("cost", at=(("organization", line.name),)) if place < STACKED else rest_of,
            )
            for place, line in enumerate(shown)
        ),
        unit=Unit.USD,
        note="The first and the last month may be partial.",
        method="showback",
    )


def coverage_chart(result: Alignment) -> Chart:
    """Share of cost that is allocated, by dimension."""
    entries = [entry for entry in result.coverage if entry.cost_share is not None]
    lowest = min(entries, key=lambda entry: entry.cost_share or Decimal(0))
    return Chart(
        id="coverage-by-dimension",
        kind=ChartKind.BAR_HORIZONTAL,
        title="All cost is allocated in every dimension"
        if lowest.cost_share == 1
        else f"{percent(lowest.cost_share)} of cost is allocated by {lowest.dimension}, the least of all",
        subject="Share of cost that is allocated",
        label_title="Named",
        labels=tuple(entry.dimension.capitalize() for entry in entries),
        series=(Series("Allocated", tuple(entry.cost_share for entry in entries)),),
        unit=Unit.SHARE,
        marks=(Mark("walk", WALK_FROM), Mark("run", RUN_FROM)),
        method="coverage",
    )


def index_chart(result: Alignment) -> Chart:
    """The price index of each comparable organization, the most expensive first."""
    entries = [entry for entry in result.efficiency if entry.compared and entry.index is not None]
    first = entries[0]
    ratio = f"{first.index or Decimal(0):.2f}"
    return Chart(
        id="price-index",
        kind=ChartKind.BAR_HORIZONTAL,
        title=f"{first.organization} pays {ratio} times the mean price for its tasks",
        subject="Price index by organization (1 is the mean of all calls for the same tasks)",
        label_title="Organization",
        labels=tuple(entry.organization for entry in entries[:BARS]),
        series=(Series("Price index", tuple(entry.index for entry in entries[:BARS])),),
        unit=Unit.RATIO,
        marks=(Mark("mean", Decimal(1)),),
        note=_rest(len(entries)),
        method="efficiency",
    )


def environment_chart(result: Alignment) -> Chart:
    """Non-production share by organization, the highest first."""
    known = [entry for entry in result.environments if entry.compared]
    entries = sorted(known, key=lambda entry: (-(entry.other_share or Decimal(0)), entry.organization))
    first = entries[0]
    return Chart(
        id="non-production-share",
        kind=ChartKind.BAR_HORIZONTAL,
        title=f"{first.organization} spends {percent(first.other_share)} outside production",
        subject="Non-production share of cost by organization",
        label_title="Organization",
        labels=tuple(entry.organization for entry in entries[:BARS]),
        series=(Series("Non-production", tuple(entry.other_share for entry in entries[:BARS])),),
        unit=Unit.SHARE,
        note=_rest(len(entries)),
        method="environments",
    )
