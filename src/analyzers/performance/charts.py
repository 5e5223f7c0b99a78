"""Charts of performance: percentiles, distribution, calls within the SLA, cost against latency."""

from collections import defaultdict
from decimal import Decimal

from analyzers.performance.result import Performance
from analyzers.words.figures import percent
from calls.dimensions import UNALLOCATED
from reporting.document import Chart, ChartKind, Mark, Point, PointGroup, Scatter, Series, Unit

BARS = 12


def percentile_chart(result: Performance) -> Chart:
    """P50 and P95 by model, the slowest first."""
    known = [(m, m.at(0.5), m.at(0.95)) for m in result.groups["model"]]
    rows = [
        (m, a.value, b.value) for m, a, b in known if a and b and a.value is not None and b.value is not None
    ]
    rows.sort(key=lambda row: (-row[2], row[0].key))
    slowest = rows[0]
    return Chart(
        id="percentiles",
        kind=ChartKind.BAR_HORIZONTAL,
        title=f"{slowest[0].name or UNALLOCATED} is the slowest: 5% of its calls take over {slowest[2] / 1000:,.1f} s",
        subject="Latency percentiles by model",
        label_title="Model",
        labels=tuple(model.name or UNALLOCATED for model, _, _ in rows[:BARS]),
        series=(
            Series("P50", tuple(row[1] for row in rows[:BARS])),
            Series("P95", tuple(row[2] for row in rows[:BARS])),
        ),
        unit=Unit.MILLISECONDS,
        marks=(Mark("SLA", result.limit_ms),),
        method="percentiles",
    )


def bucket_label(start: int, end: int | None) -> str:
    """A bucket of the distribution in words."""
    return f"{start / 1000:g} s and more" if end is None else f"{start / 1000:g} to {end / 1000:g} s"


def bucket_sums(result: Performance) -> dict[int, int]:
    """Calls by bucket, in order."""
    sums: dict[int, int] = defaultdict(int)
    for bucket in result.buckets:
        sums[bucket.from_ms] += bucket.calls
    return dict(sorted(sums.items()))


def distribution_chart(result: Performance) -> Chart:
    """Calls by how long they took."""
    sums = bucket_sums(result)
    peak = max(sums, key=lambda start: (sums[start], -start))
    labels = _labels(list(sums))
    part = percent(Decimal(sums[peak]) / result.overall.timed)
    return Chart(
        id="distribution",
        kind=ChartKind.BAR,
        title=f"{part} of calls take {labels[list(sums).index(peak)]}",
        subject="Calls by latency",
        label_title="Latency",
        labels=labels,
        series=(Series("Calls", tuple(sums.values())),),
        unit=Unit.COUNT,
        method="percentiles",
    )


def _labels(starts: list[int]) -> tuple[str, ...]:
    from_to = zip(starts, [*starts[1:], None], strict=True)
    return tuple(bucket_label(start, end) for start, end in from_to)


def compliance_chart(result: Performance) -> Chart:
    """Share of calls within the SLA by day."""
    shares = [(day, 1 - Decimal(late) / timed if timed else None) for day, timed, late in result.late_by_day]
    below = sum(1 for _, value in shares if value is not None and value < result.target)
    return Chart(
        id="compliance",
        kind=ChartKind.LINE,
        title=_days_missed(below, len(shares), percent(result.target)),
        subject=f"Calls within {result.limit_ms / 1000:g} s by day",
        label_title="Day",
        labels=tuple(day.isoformat() for day, _ in shares),
        series=(Series("Within the SLA", tuple(value for _, value in shares)),),
        unit=Unit.SHARE,
        marks=(Mark("target", result.target),),
        method="slo",
    )


def _days_missed(below: int, days: int, target: str) -> str:
    if not below:
        return f"Every day met the target of {target}" if days > 1 else f"The day met the target of {target}"
    if below == days:
        return (
            f"Every day missed the target of {target}"
            if days > 1
            else f"The day missed the target of {target}"
        )
    return f"{below} of {days} days missed the target of {target}"


def frontier_chart(result: Performance) -> Scatter:
    """Cost against P95, with the models nobody beats joined."""
    best = [entry.contender for entry in result.frontier if entry.on_frontier]
    rest = [entry.contender for entry in result.frontier if not entry.on_frontier]
    groups = [PointGroup("On the frontier", tuple(Point(c.key, c.cost, y=c.wait) for c in best), joined=True)]
    if rest:
        groups.append(PointGroup("Beaten on both", tuple(Point(c.key, c.cost, y=c.wait) for c in rest)))
    count = len(rest)
    title = f"{count} of {len(result.frontier)} models {'is' if count == 1 else 'are'} beaten on both price and wait"
    return Scatter(
        id="frontier",
        title=title,
        subject="Cost per 1,000 tokens against P95 latency by model",
        x_title="Cost per 1,000 tokens",
        y_title="P95 latency",
        x_unit=Unit.USD_RATE,
        y_unit=Unit.MILLISECONDS,
        groups=tuple(groups),
        y_marks=(Mark("SLA", result.limit_ms),),
        x_logarithmic=all(entry.contender.cost > 0 for entry in result.frontier),
        method="frontier",
    )
