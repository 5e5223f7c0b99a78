"""Charts of rate optimization: savings lever by lever, the curve of a commitment, switches between models."""

from collections import defaultdict
from decimal import Decimal

from analyzers.optimization.result import Optimization
from analyzers.words.figures import percent, usd
from calls.dimensions import UNALLOCATED
from reporting.document import Chart, ChartKind, HeatMap, Mark, Series, Unit


def waterfall(result: Optimization) -> Chart:
    """From today's cost to the best, lever by lever, in dollars per month."""
    factor = result.month_factor
    steps = [("Today", result.total.cost_usd * factor)]
    steps += [(lever.title, -lever.saving_usd * factor) for lever in result.levers]
    steps.append(("Best", result.best_usd * factor))
    return Chart(
        id="waterfall",
        kind=ChartKind.WATERFALL,
        title=f"From {usd(steps[0][1])} to {usd(steps[-1][1])} per month, {percent(result.saving_share)} less",
        subject="Cost per month, lever by lever",
        label_title="Lever",
        labels=tuple(name for name, _ in steps),
        series=(Series("Cost per month", tuple(amount for _, amount in steps)),),
        unit=Unit.USD,
        method="levers",
        rise_is_good=False,
    )


def curve_chart(result: Optimization) -> Chart:
    """Cost against the committed level, of the model with the largest saving."""
    entry = result.commitments[0]
    factor, name = result.month_factor, entry.model or UNALLOCATED
    curve = entry.plan.curve
    labels = tuple(f"{point.level:,.0f}" for point in curve)
    chosen = entry.plan.chosen
    saved = entry.saving_usd * factor
    title = (
        f"{name} is cheapest with {chosen.level:,.0f} tokens per hour committed: {usd(saved)} per month saved"
        if saved
        else f"{name} is cheapest without a commitment"
    )
    return Chart(
        id="cost-curve",
        kind=ChartKind.LINE,
        title=title,
        subject=f"Cost per month of {name} by committed tokens per hour",
        label_title="Committed tokens per hour",
        labels=labels,
        series=(
            Series("Cost per month", tuple(Decimal(entry.dollars(point.cost)) * factor for point in curve)),
        ),
        unit=Unit.USD,
        marks=(Mark("cheapest", f"{chosen.level:,.0f}", vertical=True),),
        method="commitment",
    )


def switch_matrix(result: Optimization) -> HeatMap:
    """Dollars per month from each model to each cheaper one, over all tasks and lengths."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in result.switches:
        pair = _model_name(entry.work.provider, entry.work.model), _model_name(entry.provider, entry.model)
        sums[pair] += entry.saving_usd * result.month_factor
    sources, targets = ({pair[place]: None for pair in sorted(sums)} for place in (0, 1))
    source, target = max(sums, key=lambda pair: (sums[pair], pair))
    return HeatMap(
        id="switch-matrix",
        title=f"Most could be saved from {source} to {target}: "
        f"{usd(sums[source, target])} per month if every call moved",
        subject="Saving per month from model to model",
        row_title="From",
        column_title="To",
        row_labels=tuple(sources),
        column_labels=tuple(targets),
        values=tuple(tuple(sums.get((one, other)) for other in targets) for one in sources),
        unit=Unit.USD,
        method="switch",
    )


def _model_name(provider: str, model: str) -> str:
    return f"{provider} {model}".strip() or UNALLOCATED
