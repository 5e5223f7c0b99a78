"""Charts of feature economics: cost, cost by day, return, the quadrant of adoption and return."""

from collections.abc import Sequence
from datetime import date, timedelta

from analyzers.feature_economics.periods import known_by_day
from analyzers.feature_economics.result import Feature, FeatureEconomics, Verdict
from analyzers.usage.cells import COST
from analyzers.usage.sums import ZERO, share
from analyzers.usage.tables import shown_name
from analyzers.words.figures import counted, percent, usd
from reporting.cells import Sum
from reporting.document import (
    Chart,
    ChartKind,
    Mark,
    Point,
    PointGroup,
    Scatter,
    Series,
    SeriesRole,
    Unit,
)

SHOWN = 15
"""Bars of a chart of the largest."""
LINES = 5
"""Features with a line of their own; the rest is added up."""


def cost_chart(result: FeatureEconomics) -> Chart:
    """Cost by feature, the most expensive first."""
    shown = result.features[:SHOWN]
    return Chart(
        id="feature-cost",
        kind=ChartKind.BAR_HORIZONTAL,
        title=_cost_title(result),
        subject=f"Cost of the {len(shown)} most expensive features"
        if len(result.features) > SHOWN
        else "Cost by feature",
        label_title="Feature",
        labels=tuple(shown_name(feature.name) for feature in shown),
        series=(
            Series(
                "Cost",
                tuple(feature.usage.known_cost_usd for feature in shown),
                sum=COST,
            ),
        ),
        unit=Unit.USD,
        method="use",
        by="feature",
        members=tuple(feature.name for feature in shown),
    )


def _cost_title(result: FeatureEconomics) -> str:
    top = result.features[0]
    held = share(top.usage.known_cost_usd, result.total.cost_usd)
    if held is None:
        return f"{shown_name(top.name)} uses most tokens; no cost is known"
    return f"{shown_name(top.name)} takes {percent(held)} of cost, {usd(top.usage.cost_usd)}"


def daily_chart(result: FeatureEconomics) -> Chart:
    """Cost by day of the most expensive features, the rest added up."""
    names = [feature.name for feature in result.features[:LINES]]
    series = [_daily_series(result, shown_name(name), [name], _formed(name)) for name in names]
    rest = [feature.name for feature in result.features[LINES:]]
    if rest:
        formed = Sum("cost", besides=("feature", tuple(names)))
        series.append(_daily_series(result, f"Other ({len(rest):,})", rest, formed, SeriesRole.REST))
    labels = tuple(day.isoformat() for day in _days(result))
    return Chart(
        id="feature-daily",
        kind=ChartKind.LINE,
        title=_trend_title(result),
        subject="Cost by day and feature",
        label_title="Day",
        labels=labels,
        series=tuple(series),
        unit=Unit.USD,
        method="use",
        by="period",
        members=labels,
    )


def _formed(name: str) -> Sum:
    return Sum("cost", at=(("feature", name),))


def _daily_series(
    result: FeatureEconomics,
    label: str,
    names: list[str],
    formed: Sum,
    role: SeriesRole = SeriesRole.MEASURE,
) -> Series:
    costs = known_by_day(cell for cell in result.cells if cell.feature in names)
    return Series(label, tuple(costs.get(day, ZERO) for day in _days(result)), role=role, sum=formed)


def _days(result: FeatureEconomics) -> list[date]:
    return [result.first_day + timedelta(days=offset) for offset in range(result.period_days)]


def _trend_title(result: FeatureEconomics) -> str:
    periods = [(feature.name, feature.cost_versus) for feature in result.features if feature.cost_versus]
    moved = [(name, versus.now - versus.before) for name, versus in periods if versus.now != versus.before]
    if not moved:
        return f"Cost of {counted(len(result.features), 'feature')} over {counted(result.period_days, 'day')}"
    name, change = max(moved, key=lambda entry: (abs(entry[1]), entry[0]))
    verb = "rose" if change > 0 else "fell"
    return f"{shown_name(name)} moved most: its cost {verb} by {usd(abs(change))} in {periods[0][1].periods.against}"


def return_chart(result: FeatureEconomics) -> Chart:
    """Attributed revenue and cost by feature, the largest revenue first."""
    features = sorted(
        (feature for feature in result.features if feature.earning),
        key=lambda feature: (-(feature.earning.revenue_usd if feature.earning else ZERO), feature.name),
    )
    shown = [(feature.name, feature.earning) for feature in features[:SHOWN] if feature.earning]
    return Chart(
        id="return-chart",
        kind=ChartKind.BAR_HORIZONTAL,
        title=_return_title(result),
        subject="Attributed revenue and cost by feature",
        label_title="Feature",
        labels=tuple(shown_name(name) for name, _ in shown),
        series=(
            Series("Attributed revenue", tuple(earning.revenue_usd for _, earning in shown)),
            Series("Cost", tuple(earning.cost_usd if earning.known else None for _, earning in shown)),
        ),
        unit=Unit.USD,
        method="attribution",
    )


def _return_title(result: FeatureEconomics) -> str:
    if result.losing:
        worst = result.losing[0]
        return (
            f"{counted(len(result.losing), 'feature')} of {len(result.named):,} cost more than "
            f"{'it brings' if len(result.losing) == 1 else 'they bring'}; {worst.name} loses most, "
            f"{usd(worst.loss_usd)}"
        )
    return "No feature costs more than the revenue attributed to it"


def quadrant_chart(result: FeatureEconomics) -> Scatter:
    """Adoption against return, by verdict."""
    groups = [_points(result.judged, verdict) for verdict in Verdict]
    return Scatter(
        id="quadrant-chart",
        title=quadrant_title(result),
        subject="Adoption and revenue per dollar of cost of each feature; the dashed lines are the thresholds",
        x_title="Adoption",
        y_title="Revenue per dollar of cost",
        x_unit=Unit.SHARE,
        y_unit=Unit.RATIO,
        groups=tuple(group for group in groups if group.points),
        x_marks=(Mark("high adoption", result.adoption_high, vertical=True),),
        y_marks=(
            Mark(f"high return: {percent(result.return_high)}", 1 + result.return_high),
            Mark("break-even", 1),
        ),
        y_logarithmic=True,
        note="The size of a point is the feature's cost; a feature that costs nothing has no return and no point.",
        method="quadrant",
    )


def quadrant_title(result: FeatureEconomics) -> str:
    """How many features each verdict has, in words."""
    counts = {
        verdict: sum(
            1 for feature in result.judged if feature.standing and feature.standing.verdict is verdict
        )
        for verdict in Verdict
    }
    parts = [f"{number:,} to {verdict.value}" for verdict, number in counts.items() if number]
    return f"Of {counted(len(result.judged), 'feature')}: {', '.join(parts)}"


def _points(features: Sequence[Feature], verdict: Verdict) -> PointGroup:
    return PointGroup(
        verdict.value,
        tuple(
            Point(
                feature.name,
                feature.adoption,
                y=1 + feature.earning.return_ratio,
                size=feature.earning.cost_usd,
            )
            for feature in features
            if feature.standing
            and feature.standing.verdict is verdict
            and feature.earning
            and feature.adoption is not None
            and feature.earning.return_ratio is not None
        ),
    )
