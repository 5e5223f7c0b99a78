"""Tables of performance."""

from collections import defaultdict

from analyzers.performance.charts import bucket_label, bucket_sums
from analyzers.performance.latency import Service
from analyzers.performance.result import Performance
from analyzers.usage.tables import UNALLOCATED, rate_value, share_value
from analyzers.words.figures import listed
from reporting.document import Cell, Column, Facets, Row, Table, Unit, Value

ROWS = 500
NO_TIME = "no call has a latency"


def service_table(result: Performance, group: str, label: str) -> Table:
    """Percentiles, speed, errors and cost efficiency by group."""
    columns = (
        Column("name", label),
        Column("calls", "Calls", Unit.COUNT),
        Column("timed", "With latency", Unit.COUNT),
        Column("p50", "P50", Unit.MILLISECONDS),
        Column("p95", "P95", Unit.MILLISECONDS),
        Column("p95-low", "P95 at least", Unit.MILLISECONDS),
        Column("p95-high", "P95 at most", Unit.MILLISECONDS),
        Column("p99", "P99", Unit.MILLISECONDS),
        Column("speed", "Output tokens a second", Unit.TOKENS_PER_SECOND),
        Column("errors", "Error rate", Unit.SHARE),
        Column("cost-per-1k", "Cost per 1,000 tokens", Unit.USD_RATE),
        Column("efficiency", "Tokens/s for each USD per 1,000 tokens", Unit.RATIO),
    )
    rows = tuple(_service_row(result, entry) for entry in result.groups[group][:ROWS])
    return Table(
        f"latency-by-{group}", f"Latency, speed and price by {label.lower()}", columns, rows,
        note="P95 at least and at most bound the 95% interval.", method="percentiles",
    )  # fmt: skip


def _facets(service: Service) -> Facets | None:
    return None if len(service.key) != 2 else Facets(provider=service.key[0])


def _service_row(result: Performance, entry: Service) -> Row:
    short = NO_TIME if not entry.timed else f"fewer than {result.percentile_calls} timed calls"
    wide = entry.at(0.95)
    return Row(
        (
            entry.name or UNALLOCATED,
            entry.calls,
            entry.timed,
            _at(entry, 0.5, short),
            _at(entry, 0.95, short),
            Value(wide.low if wide else None, Unit.MILLISECONDS, short),
            Value(wide.high if wide else None, Unit.MILLISECONDS, short),
            _at(entry, 0.99, short),
            Value(entry.tokens_per_second, Unit.TOKENS_PER_SECOND, NO_TIME),
            share_value(entry.error_rate if result.knows_status else None, "the file has no status"),
            rate_value(entry.cost_per_1k_tokens_usd),
            Value(entry.efficiency, Unit.RATIO, "speed or cost is unknown, or the calls are free"),
        ),
        _facets(entry),
        "/".join(entry.key),
    )


def _at(entry: Service, wanted: float, reason: str) -> Value:
    found = entry.at(wanted)
    return Value(found.value if found else None, Unit.MILLISECONDS, reason)


def distribution_table(result: Performance) -> Table:
    """Calls by latency bucket and model."""
    starts = list(bucket_sums(result))
    ends = [*starts[1:], None]
    counts: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for bucket in result.buckets:
        counts[bucket.provider, bucket.model][bucket.from_ms] = bucket.calls
    columns = (
        Column("model", "Model"),
        *(
            Column(f"from-{start}", bucket_label(start, end), Unit.COUNT)
            for start, end in zip(starts, ends, strict=True)
        ),
    )
    rows = tuple(
        Row(
            (key[1] or UNALLOCATED, *(found.get(start, 0) for start in starts)),
            Facets(provider=key[0]),
            "/".join(key),
        )
        for key, found in sorted(counts.items())
    )
    sums = bucket_sums(result)
    total = Row(("Total", *(sums[start] for start in starts)))
    return Table(
        "distribution-by-model",
        "Calls by latency and model",
        columns,
        rows[:ROWS],
        total,
        method="percentiles",
    )


def line_table(result: Performance) -> Table:
    """Waiting and time a token by model."""
    columns = (
        Column("model", "Model"),
        Column("intercept", "Waiting", Unit.MILLISECONDS),
        Column("slope", "Each output token", Unit.MILLISECONDS),
        Column("calls", "Calls", Unit.COUNT),
    )
    rows = tuple(
        Row(
            (line.model or UNALLOCATED, line.line.intercept, Value(line.line.slope, Unit.RATIO), line.calls),
            Facets(provider=line.provider),
            f"{line.provider}/{line.model}",
        )
        for line in result.lines
    )
    return Table("latency-line", "Latency against output tokens", columns, rows, method="line")


def sla_table(result: Performance, group: str, label: str) -> Table:
    """Calls within the SLA by group, most late calls first."""
    entries = sorted(result.groups[group], key=lambda entry: (-entry.late, entry.key))
    columns = (
        Column("name", label),
        Column("timed", "Calls with latency", Unit.COUNT),
        Column("late", "Late", Unit.COUNT),
        Column("compliance", "Within the SLA", Unit.SHARE),
        Column("verdict", "Target"),
    )
    rows = [_sla_row(result, entry) for entry in entries[:ROWS]]
    if len(entries) > ROWS:
        timed = sum(entry.timed for entry in entries[ROWS:])
        late = sum(entry.late for entry in entries[ROWS:])
        rest = share_value((timed - late) / timed if timed else None, NO_TIME)
        rows.append(Row((f"Other ({len(entries) - ROWS:,})", timed, late, rest, "several")))
    total = _sla_row(result, result.overall, "Total")
    return Table(
        f"sla-by-{group}", f"Service level by {label.lower()}", columns, tuple(rows), total, method="slo"
    )


def _sla_row(result: Performance, entry: Service, name: str = "") -> Row:
    verdict = "few calls"
    if entry.timed >= result.percentile_calls:
        verdict = "met" if (entry.compliance or 0) >= result.target else "missed"
    cells: tuple[Cell, ...] = (
        name or entry.name or UNALLOCATED,
        entry.timed,
        entry.late,
        share_value(entry.compliance, NO_TIME),
        verdict,
    )
    return Row(cells, _facets(entry), "/".join(entry.key))


def frontier_table(result: Performance) -> Table:
    """Each model's price and wait, and which model beats it."""
    columns = (
        Column("model", "Model"),
        Column("cost", "Cost per 1,000 tokens", Unit.USD_RATE),
        Column("p95", "P95", Unit.MILLISECONDS),
        Column("beaten-by", "Beaten on both by"),
    )
    rows = tuple(
        Row(
            (
                entry.contender.key,
                entry.contender.cost,
                entry.contender.wait,
                entry.beaten_by.key if entry.beaten_by else "none",
            ),
            key=entry.contender.key,
        )
        for entry in result.frontier
    )
    return Table("frontier-table", "Price and wait by model", columns, rows, method="frontier")


def choice_table(result: Performance) -> Table:
    """The cheapest model that meets the SLA for each task."""
    columns = (
        Column("task", "Task"),
        Column("best", "Best model"),
        Column("candidates", "Models that meet the SLA", Unit.COUNT),
        Column("compliance", "Within the SLA", Unit.SHARE),
        Column("price", "Cost per 1,000 tokens", Unit.USD_RATE),
        Column("moved", "Calls dearer elsewhere", Unit.COUNT),
        Column("from", "Now on"),
        Column("saving", "Saving if all moved, a month", Unit.USD),
    )
    rows = []
    for choice in result.choices[:ROWS]:
        best = choice.best
        none = f"no model with {result.comparison_calls} calls meets the SLA at a known cost"
        rows.append(
            Row(
                (
                    choice.task or UNALLOCATED,
                    best.key[1] if best else f"none: {none}",
                    choice.candidates,
                    share_value(best.compliance if best else None, none),
                    Value(best.cost_per_1k_tokens_usd if best else None, Unit.USD_RATE, none),
                    choice.moved_calls,
                    listed(choice.moved_from) or "none",
                    choice.saving_usd * result.month_factor,
                ),
                key=choice.task,
            )
        )
    return Table(
        "best-by-task", "The cheapest model within the SLA, by task", columns, tuple(rows), method="choice"
    )
