"""Section on what is spent, day by day, and what of it is unknown."""

from analyzers.understanding.result import Understanding
from analyzers.usage.cells import COST
from analyzers.usage.timeline import rolling_mean
from analyzers.words.figures import counted, day, usd
from reporting.cells import Sum
from reporting.document import Block, Chart, ChartKind, Method, Note, Section, Series, SeriesRole, Unit

MEAN_DAYS = 7

METHOD = Method(
    id="totals",
    title="Totals and unit costs",
    formula="cost per call = known cost / calls of known cost; "
    "cost per 1,000 tokens = 1,000 × known cost / their tokens",
    assumptions=(
        "Money is added exactly and rounded only where it is shown.",
        "Input tokens include cached ones, output tokens include reasoning.",
        "Change compares the period with the equal one before it where --since begins it within the file, else the "
        "last 7 complete days with the 7 before.",
        "Average daily cost is the mean of complete days; a first or last day that lacks hours is left out.",
    ),
    exclusions=("Calls of unknown cost: counted and named, in no average; totals then say at least.",),
)

LISTED = 10
"""Models of unknown cost that are named."""


def section(result: Understanding) -> Section:
    """Cost by day, and the models whose cost is unknown."""
    blocks: list[Block] = []
    if result.total.priced_calls:
        blocks += [_daily_chart(result)]
    else:
        blocks.append(
            Note("No call has a known cost: add the models to pricing.toml and import or reprice the file.")
        )
    if result.unpriced:
        names = [
            f"{f'{entry.provider} {entry.model}'.strip() or 'an unnamed model'} ({counted(entry.calls, 'call')})"
            for entry in result.unpriced[:LISTED]
        ]
        left = len(result.unpriced) - len(names)
        if left:
            names.append(f"{left:,} more")
        blocks.append(Note(f"Unknown cost, by model: {', '.join(names)}. It is in no average and no total."))
    return Section("spending", "What is spent", blocks=tuple(blocks))


def _daily_chart(result: Understanding) -> Chart:
    """Cost by day with its 7-day mean."""
    days = result.time.days
    costliest = max(days, key=lambda entry: entry.usage.cost_usd)
    title = f"{day(costliest.day)} was the most expensive day at {usd(costliest.usage.cost_usd)}"
    labels = tuple(entry.day.isoformat() for entry in days)
    series = [Series("Cost", result.time.known_cost_usd, sum=COST)]
    if len(days) >= MEAN_DAYS:
        mean = rolling_mean(result.time.known_cost_usd)
        formed = Sum("cost", rolling=MEAN_DAYS)
        series.append(Series("7-day mean", mean, role=SeriesRole.REFERENCE, sum=formed))
    return Chart(
        id="daily-cost",
        kind=ChartKind.LINE,
        title=title,
        subject="Cost by day",
        label_title="Day",
        labels=labels,
        series=tuple(series),
        unit=Unit.USD,
        method="totals",
        wide=True,
        by="period",
        members=labels,
    )
