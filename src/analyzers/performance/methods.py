"""Notes on method of performance: percentiles, latency against tokens, error budget, frontier, best model."""

from reporting.document import Method

METHODS = (
    Method(
        id="percentiles",
        title="Percentiles, speed and efficiency",
        formula="P95 = the value that 95% of the calls stay below, linearly interpolated; speed = output "
        "tokens / seconds",
        assumptions=(
            "The interval lies between two order statistics and holds for any distribution of calls that "
            "do not depend on each other: by theory, not measured on data.",
            "Efficiency = tokens per second / cost per 1,000 tokens.",
            "A percentile is shown from the number of calls in settings.toml on ([sample] percentile_calls).",
        ),
        exclusions=("Calls without a latency.",),
        source="Hyndman and Fan (1996), type 7; Conover (1999), section 3.2",
    ),
    Method(
        id="line",
        title="Latency against output tokens",
        formula="latency = waiting + ms per token × output tokens",
        assumptions=(
            "Theil-Sen line through the median latency of bins of 25 output tokens, weighted by calls.",
        ),
        exclusions=("Failed calls.",),
        source="Sen (1968)",
    ),
    Method(
        id="slo",
        title="Service level and error budget",
        formula="within the SLA = calls at or below the limit / timed calls; budget left = 1 − late / allowed late",
        assumptions=(
            "Limit and target are those of settings.toml ([service_levels]).",
            "The fastest-burning hour is looked for among hours with at least 20 timed calls.",
        ),
        exclusions=("Calls without a latency.",),
        source="The Site Reliability Workbook (2018), chapter 5",
    ),
    Method(
        id="frontier",
        title="Frontier of price and wait",
        formula="a model is beaten when another costs no more and waits no longer, and is better in one of both",
        assumptions=("Models with enough calls of known cost and latency ([sample] comparison_calls).",),
        source="Pareto dominance: Ehrgott, Multicriteria Optimization (2005)",
    ),
    Method(
        id="choice",
        title="Best model for a task",
        formula="the cheapest per 1,000 tokens among the models that meet the SLA target for the task with "
        "enough calls",
        assumptions=(
            "Saving: the tokens of more expensive calls of the same task and input length at the ratio of list prices.",
            "Recommendations take the share of calls of settings.toml ([levers] switch_share). A month is 30 days.",
        ),
        exclusions=("Quality, which is not in the data: test a share of the calls first.",),
    ),
)
