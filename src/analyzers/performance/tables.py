"""Tables of performance: percentiles, latency buckets, speed, calls within the SLA, best model for each task."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from analyzers.performance.charts import bucket_label, bucket_sums
from analyzers.performance.latency import Service
from analyzers.performance.result import ModelLine, Performance, TaskChoice
from analyzers.usage.tables import rate_value, share_value, shown_name
from analyzers.words.figures import listed
from methods.frontier import Standing
from reporting.document import Cell, Facets, Row, Table, Unit, Value
from reporting.filled_tables import Fields, field, filled_table, over, summed

NO_TIME = "no call has a latency"


def service_table(result: Performance, group: str, label: str) -> Table:
    """Percentiles, speed, errors and cost efficiency by group."""
    fields: Fields[Service] = (
        field("name", label, _name),
        summed("calls", "Calls", lambda each: each.calls, Unit.COUNT),
        summed("timed", "With latency", lambda each: each.timed, Unit.COUNT),
        *_percentile_fields(result),
        field("speed", "Output tokens per second", _speed, Unit.TOKENS_PER_SECOND),
        field("errors", "Error rate", lambda each: _error_rate(result, each), Unit.SHARE),
        field("cost-per-1k", "Cost per 1,000 tokens", _cost_per_1k, Unit.USD_RATE),
        field("efficiency", "Tokens/s for each USD per 1,000 tokens", _efficiency, Unit.RATIO),
    )
    return filled_table(
        f"latency-by-{group}",
        f"Latency, speed and price by {label.lower()}",
        result.groups[group],
        fields,
        facets=_facets,
        key=_key,
        note="P95 at least and at most bound the 95% interval.",
        method="percentiles",
    )


def _percentile_fields(result: Performance) -> Fields[Service]:
    """Percentiles of the latency, with the interval around the 95th."""
    return (
        field("p50", "P50", lambda each: _at(result, each, 0.5), Unit.MILLISECONDS),
        field("p95", "P95", lambda each: _at(result, each, 0.95), Unit.MILLISECONDS),
        field("p95-low", "P95 at least", lambda each: _bound(result, each, "low"), Unit.MILLISECONDS),
        field("p95-high", "P95 at most", lambda each: _bound(result, each, "high"), Unit.MILLISECONDS),
        field("p99", "P99", lambda each: _at(result, each, 0.99), Unit.MILLISECONDS),
    )


def _speed(service: Service) -> Value:
    return Value(service.tokens_per_second, Unit.TOKENS_PER_SECOND, reason=NO_TIME)


def _error_rate(result: Performance, service: Service) -> Cell:
    return share_value(service.error_rate if result.knows_status else None, "the file has no status")


def _cost_per_1k(service: Service) -> Cell:
    return rate_value(service.cost_per_1k_tokens_usd)


def _efficiency(service: Service) -> Value:
    reason = "speed or cost is unknown, or the calls are free"
    return Value(service.efficiency, Unit.RATIO, reason=reason)


def _name(service: Service) -> str:
    return shown_name(service.name)


def _facets(service: Service) -> Facets | None:
    return None if len(service.key) != 2 else Facets(provider=service.key[0])


def _key(service: Service) -> str:
    return "/".join(service.key)


def _too_few(result: Performance, entry: Service) -> str:
    return NO_TIME if not entry.timed else f"fewer than {result.percentile_calls} timed calls"


def _at(result: Performance, entry: Service, wanted: float) -> Value:
    found = entry.at(wanted)
    return Value(found.value if found else None, Unit.MILLISECONDS, reason=_too_few(result, entry))


def _bound(result: Performance, entry: Service, bound: str) -> Value:
    """The low or the high end of the interval around the 95th percentile."""
    found = entry.at(0.95)
    return Value(getattr(found, bound) if found else None, Unit.MILLISECONDS, reason=_too_few(result, entry))


ModelBuckets = tuple[tuple[str, str], Mapping[int, int]]
"""Provider and model, and their calls by the start of a latency bucket."""


def distribution_table(result: Performance) -> Table:
    """Calls by latency bucket and model."""
    sums = bucket_sums(result)
    starts = list(sums)
    counts: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for bucket in result.buckets:
        counts[bucket.provider, bucket.model][bucket.from_ms] = bucket.calls
    fields: Fields[ModelBuckets] = (
        field("model", "Model", lambda each: shown_name(each[0][1])),
        *(
            over(f"from-{start}", bucket_label(start, end), _calls_from(start), Unit.COUNT)
            for start, end in zip(starts, [*starts[1:], None], strict=True)
        ),
    )
    return filled_table(
        "distribution-by-model",
        "Calls by latency and model",
        sorted(counts.items()),
        fields,
        facets=lambda each: Facets(provider=each[0][0]),
        key=lambda each: "/".join(each[0]),
        total=Row(("Total", *(sums[start] for start in starts))),
        method="percentiles",
    )


def _calls_from(start: int) -> Callable[[Sequence[ModelBuckets]], Cell]:
    """How many calls of some models lie in the bucket with this start."""
    return lambda some: sum(found.get(start, 0) for _, found in some)


def line_table(result: Performance) -> Table:
    """Waiting and time per token by model."""
    fields: Fields[ModelLine] = (
        field("model", "Model", lambda each: shown_name(each.model)),
        field("intercept", "Waiting", lambda each: each.line.intercept, Unit.MILLISECONDS),
        field(
            "slope", "Each output token", lambda each: Value(each.line.slope, Unit.RATIO), Unit.MILLISECONDS
        ),
        summed("calls", "Calls", lambda each: each.calls, Unit.COUNT),
    )
    return filled_table(
        "latency-line",
        "Latency against output tokens",
        result.lines,
        fields,
        facets=lambda each: Facets(provider=each.provider),
        key=lambda each: f"{each.provider}/{each.model}",
        method="line",
    )


def sla_table(result: Performance, group: str, label: str) -> Table:
    """Calls within the SLA by group, most late calls first."""
    fields: Fields[Service] = (
        field("name", label, _name),
        summed("timed", "Calls with latency", lambda each: each.timed, Unit.COUNT),
        summed("late", "Late", lambda each: each.late, Unit.COUNT),
        field(
            "compliance",
            "Within the SLA",
            lambda each: share_value(each.compliance, NO_TIME),
            Unit.SHARE,
            together=_compliance,
        ),
        field("verdict", "Target", lambda each: _verdict(result, each)),
    )
    overall = result.overall
    return filled_table(
        f"sla-by-{group}",
        f"Service level by {label.lower()}",
        sorted(result.groups[group], key=lambda entry: (-entry.late, entry.key)),
        fields,
        facets=_facets,
        key=_key,
        total=Row(("Total", *(each.cell(overall) for each in fields[1:])), key=_key(overall)),
        method="slo",
    )


def _compliance(some: Sequence[Service]) -> Value:
    """The share of the calls of several groups that were within the SLA."""
    timed, late = sum(entry.timed for entry in some), sum(entry.late for entry in some)
    return share_value((timed - late) / timed if timed else None, NO_TIME)


def _verdict(result: Performance, entry: Service) -> str:
    if entry.timed < result.percentile_calls:
        return "few calls"
    return "met" if (entry.compliance or 0) >= result.target else "missed"


def frontier_table(result: Performance) -> Table:
    """Each model's price and wait, and which model beats it."""
    fields: Fields[Standing[str]] = (
        field("model", "Model", lambda each: each.contender.key),
        field("cost", "Cost per 1,000 tokens", lambda each: each.contender.cost, Unit.USD_RATE),
        field("p95", "P95", lambda each: each.contender.wait, Unit.MILLISECONDS),
        field(
            "beaten-by", "Beaten on both by", lambda each: each.beaten_by.key if each.beaten_by else "none"
        ),
    )
    return filled_table(
        "frontier-table",
        "Price and wait by model",
        result.frontier,
        fields,
        key=lambda each: each.contender.key,
        method="frontier",
    )


def choice_table(result: Performance) -> Table:
    """The cheapest model that meets the SLA for each task."""
    none = f"no model with {result.comparison_calls} calls meets the SLA at a known cost"

    def compliance(entry: TaskChoice) -> Cell:
        return share_value(entry.best.compliance if entry.best else None, none)

    def price(entry: TaskChoice) -> Value:
        return Value(entry.best.cost_per_1k_tokens_usd if entry.best else None, Unit.USD_RATE, reason=none)

    def saving(entry: TaskChoice) -> Decimal:
        return entry.saving_usd * result.month_factor

    fields: Fields[TaskChoice] = (
        field("task", "Task", lambda each: shown_name(each.task)),
        field("best", "Best model", lambda each: each.best.key[1] if each.best else f"none: {none}"),
        field("candidates", "Models that meet the SLA", lambda each: each.candidates, Unit.COUNT),
        field("compliance", "Within the SLA", compliance, Unit.SHARE),
        field("price", "Cost per 1,000 tokens", price, Unit.USD_RATE),
        summed("moved", "Calls more expensive elsewhere", lambda each: each.moved_calls, Unit.COUNT),
        field("from", "Now on", lambda each: listed(each.moved_from) or "none"),
        summed("saving", "Saving if all moved, per month", saving, Unit.USD),
    )
    return filled_table(
        "best-by-task",
        "The cheapest model within the SLA, by task",
        result.choices,
        fields,
        key=lambda each: each.task,
        method="choice",
    )
