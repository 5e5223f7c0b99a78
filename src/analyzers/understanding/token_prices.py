"""Section on tokens and their price, by model and task."""

from dataclasses import replace

from analyzers.understanding.result import Understanding
from analyzers.usage.tables import by_model, shown_name, token_table
from analyzers.words.figures import unit_usd
from calls.dimensions import UNALLOCATED
from reporting.document import HeatMap, Method, Section, Unit

MOST = 12
"""Models and tasks of the map of prices; the tables have all."""
METHOD = Method(
    id="tokens",
    title="Kinds of tokens",
    formula="share = tokens of the kind / tokens of the whole it is part of",
    assumptions=("Cached tokens are part of input; reasoning is part of output.",),
)


def section(result: Understanding) -> Section:
    """What tokens cost by model and task, and how many there are."""
    models, tasks = result.by("provider", "model"), result.by("task_type")
    prices = _price_map(result)
    return Section(
        "tokens",
        "Tokens and their price",
        blocks=(
            *((prices,) if prices else ()),
            replace(
                token_table(
                    identity="tokens-by-model",
                    title="Tokens by model",
                    label="Model",
                    groups=models,
                    known=result.columns,
                    facets=by_model,
                ),
                option="Model",
            ),
            replace(
                token_table("tokens-by-task", "Tokens by task", "Task", tasks, result.columns), option="Task"
            ),
        ),
        choice="Tokens grouped by",
    )


def _price_map(result: Understanding) -> HeatMap | None:
    """Cost per 1,000 tokens by model and task; None where there is one of either."""
    groups = result.by("provider", "model", "task_type")
    tasks = [group.name for group in result.by("task_type")][:MOST]
    models = [group.key for group in result.by("provider", "model")][:MOST]
    prices = {group.key: group.usage.cost_per_1k_tokens_usd for group in groups}
    known = [price for price in prices.values() if price is not None]
    if len(tasks) < 2 or len(models) < 2 or not known:
        return None
    return HeatMap(
        id="price-by-model-and-task",
        title=f"1,000 tokens cost between {unit_usd(min(known))} and {unit_usd(max(known))}",
        subject="Cost per 1,000 tokens by model and task",
        row_title="Model",
        column_title="Task",
        row_labels=tuple(model or UNALLOCATED for _, model in models),
        column_labels=tuple(shown_name(task) for task in tasks),
        values=tuple(tuple(prices.get((*model, task)) for task in tasks) for model in models),
        unit=Unit.USD_RATE,
        method="tokens",
    )
