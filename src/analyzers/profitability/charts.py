"""Charts of customer profitability: bands, whale curve, losses, organizations, days, the margin bridge."""

from decimal import Decimal

from analyzers.profitability.customer_margin import Band
from analyzers.profitability.result import MarginBridge, MarginGroup, Profitability
from analyzers.usage.tables import shown_name
from analyzers.words.figures import count, counted, days, percent, usd
from reporting.document import Chart, ChartKind, Facets, Mark, Series, Slice, Unit
from reporting.facets import one_organization

SHOWN = 15
"""Bars of a chart of the largest."""


def band_chart(result: Profitability) -> Chart:
    """Customers by margin band."""
    largest = max(result.bands, key=lambda entry: entry.customers)
    negative = next(entry for entry in result.bands if entry.band is Band.NEGATIVE)
    title = (
        f"{largest.customers:,} of {counted(len(result.customers), 'customer')} have a margin "
        f"{_band_words(largest.band)}; {negative.customers:,} lose money"
    )
    labels = tuple(entry.band.value for entry in result.bands)
    slices = tuple(
        Slice(
            labels.index(entry.band.value),
            1,
            facets=one_organization(entry.organization, entry.organizations),
        )
        for entry in result.customers[:500]
    )
    series = Series(
        "Customers",
        tuple(entry.customers for entry in result.bands),
        slices=slices if len(result.customers) <= 500 else (),
    )
    return Chart(
        id="bands",
        kind=ChartKind.BAR,
        title=title,
        subject="Customers by margin band",
        label_title="Margin of revenue",
        labels=labels,
        series=(series,),
        unit=Unit.COUNT,
        method="margin",
    )


def _band_words(band: Band) -> str:
    return {Band.NEGATIVE: "below zero", Band.UNKNOWN: "that is unknown"}.get(band, f"of {band.value}")


def _none_lost(customers: int, margin_usd: Decimal) -> str:
    """The title where no customer takes margin back; the only one of all may itself cost more than it pays."""
    if customers == 1:
        return f"The only customer {'earns' if margin_usd >= 0 else 'loses'} {usd(abs(margin_usd))}"
    return f"All {counted(customers, 'customer')} together earn {usd(margin_usd)}; none gives any of it back"


def whale_chart(result: Profitability) -> Chart:
    """Cumulative margin, the most profitable customer first."""
    peak = max(result.whale, key=lambda point: point.margin_usd)
    end = result.whale[-1]
    if peak.margin_usd > end.margin_usd:
        lost = peak.margin_usd - end.margin_usd
        last = end.customers - peak.customers
        title = (
            f"The best {count(peak.customers)} of {counted(end.customers, 'customer')} earn "
            f"{usd(peak.margin_usd)}; "
            f"the last {count(last)} {'takes' if last == 1 else 'take'} {usd(lost)} of it back"
        )
    else:
        title = _none_lost(end.customers, end.margin_usd)
    return Chart(
        id="whale",
        kind=ChartKind.LINE,
        title=title,
        subject="Cumulative margin over customers, the most profitable first (whale curve)",
        label_title="Customers",
        labels=tuple(count(point.customers) for point in result.whale),
        series=(Series("Cumulative margin", tuple(point.margin_usd for point in result.whale)),),
        unit=Unit.USD,
        marks=(Mark("all customers together", end.margin_usd),),
        note="Before unallocated cost." if result.unallocated.calls else "",
        method="whale",
    )


def loss_chart(result: Profitability) -> Chart:
    """The largest losses."""
    worst = result.loss_makers[:SHOWN]
    title = (
        f"{worst[0].margin.customer} loses most, {usd(worst[0].margin.loss_usd)}; the "
        f"{counted(len(worst), 'customer')} "
        f"shown {'makes' if len(worst) == 1 else 'make'} {percent(worst[-1].loss_share_running)} of all "
        f"losses"
    )
    values = tuple(-entry.margin.loss_usd for entry in worst)
    slices = tuple(
        Slice(
            index,
            -entry.margin.loss_usd,
            facets=one_organization(entry.margin.organization, entry.margin.organizations),
        )
        for index, entry in enumerate(worst)
    )
    return Chart(
        id="losses-chart",
        kind=ChartKind.BAR_HORIZONTAL,
        title=title,
        subject="Margin of the customers with the largest losses",
        label_title="Customer",
        labels=tuple(entry.margin.customer for entry in worst),
        series=(Series("Margin", values, slices=slices),),
        unit=Unit.USD,
        method="margin",
    )


def organization_chart(result: Profitability) -> Chart:
    """Margin by organization, the largest first."""
    groups = sorted(
        (group for group in result.by_organization if group.margin_usd is not None),
        key=lambda group: (-(group.margin_usd or Decimal(0)), group.name),
    )
    shown = groups[:SHOWN]
    labels = tuple(organization_name(group.name) for group in shown)
    values = tuple(group.margin_usd for group in shown)
    slices = tuple(
        Slice(index, group.margin_usd or 0, facets=Facets(organization=group.name))
        for index, group in enumerate(shown)
    )
    return Chart(
        id="organizations-chart",
        kind=ChartKind.BAR_HORIZONTAL,
        title=_organization_title(groups),
        subject="Margin by organization",
        label_title="Organization",
        labels=labels,
        series=(Series("Margin", values, slices=slices),),
        unit=Unit.USD,
        method="margin",
    )


def organization_name(name: str) -> str:
    """The organization, or what stands for none."""
    return shown_name(name)


def _organization_title(groups: list[MarginGroup]) -> str:
    losing = [group for group in groups if (group.margin_usd or 0) < 0]
    best = groups[0]
    first = f"{organization_name(best.name)} earns most, {usd(best.margin_usd or 0)}"
    if not losing:
        return f"{first}; no organization loses money"
    return f"{first}; {counted(len(losing), 'organization')} of {len(groups):,} lose money"


def daily_chart(result: Profitability) -> Chart:
    """Revenue and cost by day."""
    over = sum(1 for day in result.daily if day.margin_usd < 0)
    if result.margin_usd is None:
        costliest = max(result.daily, key=lambda day: day.cost_usd)
        title = f"The most expensive day cost {usd(costliest.cost_usd)}; revenue is unknown"
    else:
        days = counted(len(result.daily), "day")
        known = "known " if result.use.at_least else ""
        title = (
            f"Cost exceeded the day's revenue on {over:,} of {days}"
            if over
            else f"Each day's revenue covered its {known}cost ({days})"
        )
    cost = Series("Cost", tuple(day.known_cost_usd for day in result.daily))
    revenue = Series("Revenue", tuple(day.revenue_usd for day in result.daily))
    return Chart(
        id="daily",
        kind=ChartKind.LINE,
        title=title,
        subject="Cost and revenue by day",
        label_title="Day",
        labels=tuple(day.day.isoformat() for day in result.daily),
        series=(cost,) if result.margin_usd is None else (revenue, cost),
        unit=Unit.USD,
        note="A day's revenue is its share of the monthly prices that hold on it, by the days of its month.",
        method="revenue",
    )


def bridge_chart(bridge: MarginBridge) -> Chart:
    """What moved the margin between the halves."""
    change = bridge.after_usd - bridge.before_usd
    driver = max(bridge.steps, key=lambda step: abs(step.usd))
    moved = f"{'rose' if change > 0 else 'fell'} by {usd(abs(change))}" if change else "did not change"
    title = f"Margin {moved}; the largest part is {driver.name.lower()} ({usd(driver.usd)})"
    steps = tuple(step for step in bridge.steps if step.usd)
    first, second = days(bridge.first_start, bridge.first_end), days(bridge.second_start, bridge.second_end)
    return Chart(
        id="bridge-chart",
        kind=ChartKind.WATERFALL,
        title=title if steps else "Margin did not change between the halves",
        subject=f"From the margin of {first} to that of {second}",
        label_title="Step",
        labels=(first, *(step.name for step in steps), second),
        series=(Series("Margin", (bridge.before_usd, *(step.usd for step in steps), bridge.after_usd)),),
        unit=Unit.USD,
        method="bridge",
        rise_is_good=True,
    )
