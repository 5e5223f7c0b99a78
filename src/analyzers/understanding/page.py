"""The page of usage and cost: what is said first, and which sections follow."""

from decimal import Decimal
from typing import Any

from analyzers.advice import topics
from analyzers.base import Analyzer, report
from analyzers.budgets.table import budget_table
from analyzers.understanding.advice import recommendations
from analyzers.understanding.against_invoice import against_invoice
from analyzers.understanding.cards import cards
from analyzers.understanding.charts import (
    bridge_chart,
    cost_chart,
    cumulative_chart,
    daily_chart,
    forecast_chart,
    heat_map,
    price_map,
    weekday_chart,
)  # fmt: skip
from analyzers.understanding.methods import METHODS
from analyzers.understanding.result import Understanding
from analyzers.understanding.summary_lines import summary_lines
from analyzers.understanding.tables import (
    bridge_table,
    change_table,
    concentration_table,
    outlook_table,
    score_table,
)  # fmt: skip
from analyzers.usage.compared import relative
from analyzers.usage.sums import Group
from analyzers.usage.tables import (
    by_organization,
    by_provider,
    cost_table,
    token_table,
)
from analyzers.words.figures import counted, not_named, percent, tokens, unit_usd, usd
from analyzers.words.opening import bound_words, cost_words, period_words
from reporting.document import (
    Alert,
    Block,
    Document,
    Facets,
    Level,
    Note,
    Section,
)  # fmt: skip

DIMENSIONS = (
    ("organization", "organization", "organization_id"),
    ("product", "product", "product_id"),
    ("feature", "feature", "feature_id"),
    ("customer", "customer", "customer_id"),
    ("environment", "environment", "environment"),
    ("task", "task", "task_type"),
    ("plan", "plan", "subscription_tier"),
)


def page(analyzer: Analyzer[Any], result: Understanding) -> Document:
    """The document of a result."""
    shown = cards(result)
    return report(
        analyzer,
        shown,
        summary=_summary(result),
        finding=_finding(result),
        sections=(
            _spending(result),
            *_parts(result),
            _tokens(result),
            _time(result),
            _change(result),
            _future(result),
            against_invoice(result),
        ),
        recommendations=recommendations(result),
        alerts=_alerts(result),
        methods=METHODS,
        in_brief=summary_lines(result),
    )


def _summary(result: Understanding) -> tuple[str, ...]:
    total = result.total
    period = period_words(result.first_day, result.last_day)
    first = f"{period}, {counted(total.calls, 'call')} with {tokens(total.tokens)} cost {cost_words(result.total)}"
    if total.cost_per_call_usd is not None:
        first += f", {unit_usd(total.cost_per_call_usd)} a call"
    return (f"{first}.", _dearest(result), *_outlook_words(result))


def _finding(result: Understanding) -> str:
    """The dearest model, the change, and where it is going."""
    ahead = f" The next 30 days: {_outlook_amount(result)}." if result.outlook else ""
    return f"{_dearest(result)}{ahead}"


def _dearest(result: Understanding) -> str:
    top = result.by("provider", "model")[0]
    if result.total.known_cost_usd is None:
        return f"No call has a known cost; most tokens went to {top.name or 'an unnamed model'}."
    held = percent(top.usage.cost_usd / result.total.cost_usd) if result.total.cost_usd else "none"
    return f"The dearest model, {top.name or 'unnamed'}, takes {held} of cost{_change_words(result)}."


def _change_words(result: Understanding) -> str:
    if result.versus is None:
        return ""
    moved = relative(result.versus.before.known_cost_usd, result.versus.now.known_cost_usd)
    if moved is None:
        return ""
    spans, more = result.versus.spans, "more" if moved > 0 else "less"
    return f"; {spans.now} cost {percent(abs(moved))} {more} than {spans.before}"


def _outlook_amount(result: Understanding) -> str:
    return bound_words(Decimal(result.outlook[0].amount), result.total.unpriced_calls, "at least")


def _outlook_words(result: Understanding) -> tuple[str, ...]:
    if result.forecast is None:
        return (result.forecast_reason,)
    total = result.outlook[0]
    words = f"The next 30 days are forecast to cost {_outlook_amount(result)}"
    if total.interval_80:
        kind = "rough range" if total.extrapolated else "80% range"
        words += f" ({kind} {usd(Decimal(total.interval_80.low))} to {usd(Decimal(total.interval_80.high))})"
    return (f"{words}.",)


def _alerts(result: Understanding) -> tuple[Alert, ...]:
    return tuple(
        Alert(
            Level.CRITICAL if state.spent_usd > state.monthly_usd else Level.WARNING,
            f"The budget for {state.title} is heading for an overrun",
            f"{usd(state.spent_usd)} of {usd(state.monthly_usd)} is spent and the month is forecast to end at "
            f"{usd(state.estimate_usd or 0)}.",
            state.overrun_usd,
            "budgets",
            topics.budget(state),
        )
        for state in result.budgets
        if state.overrun_usd is not None and state.overrun_usd > 0
    )


def _spending(result: Understanding) -> Section:
    blocks: list[Block] = []
    if result.total.priced_calls:
        blocks += [daily_chart(result)]
    else:
        blocks.append(
            Note("No call has a known cost: add the models to pricing.toml and import or reprice the file.")
        )
    if result.unpriced:
        names = ", ".join(
            f"{f'{entry.provider} {entry.model}'.strip() or 'an unnamed model'} ({counted(entry.calls, 'call')})"
            for entry in result.unpriced[:10]
        )
        blocks.append(Note(f"Unknown cost, by model: {names}. It is in no average and no total."))
    return Section("spending", "What is spent", tuple(blocks))


def _parts(result: Understanding) -> tuple[Section, ...]:
    providers, models = result.by("provider"), result.by("provider", "model")
    blocks: list[Block] = []
    if result.total.cost_usd:
        blocks += [cost_chart("provider", "provider", providers, result)] if len(providers) > 1 else []
        blocks += [cost_chart("model", "model", models, result)] if len(models) > 1 else []
    blocks += [
        cost_table("by-provider", "Cost by provider", "Provider", providers, by_provider),
        cost_table("by-model", "Cost by provider and model", "Model", models, by_provider),
    ]
    if result.total.cost_usd:
        blocks.append(concentration_table(result))
    return (Section("models", "Providers and models", tuple(blocks)), _dimensions(result))


def _dimensions(result: Understanding) -> Section:
    charts: list[Block] = []
    blocks: list[Block] = []
    missing = []
    for identity, noun, column in DIMENSIONS:
        groups = result.by(column)
        if not result.breakdown.allocated(column):
            missing.append(noun)
            continue
        if (
            result.total.cost_usd
            and len(groups) > 1
            and identity in {"organization", "product", "feature", "task"}
        ):
            charts.append(cost_chart(identity, noun, groups, result))
        facets = by_organization if identity == "organization" else _no_facets
        blocks.append(cost_table(f"by-{identity}", f"Cost by {noun}", noun.capitalize(), groups, facets))
    if missing:
        blocks.append(Note(not_named(missing)))
    return Section("allocation", "Who and what it is spent on", (*charts, *blocks))


def _no_facets(_: Group) -> Facets | None:
    return None


def _tokens(result: Understanding) -> Section:
    models, tasks = result.by("provider", "model"), result.by("task_type")
    prices = price_map(result)
    return Section(
        "tokens",
        "Tokens and their price",
        (
            *((prices,) if prices else ()),
            token_table("tokens-by-model", "Tokens by model", "Model", models, result.columns, by_provider),
            token_table("tokens-by-task", "Tokens by task", "Task", tasks, result.columns),
        ),
    )


def _time(result: Understanding) -> Section:
    blocks: list[Block] = [heat_map(result)]
    if any(entry.cost_a_day_usd for entry in result.weekdays) and result.total.priced_calls:
        blocks += [weekday_chart(result), cumulative_chart(result)]
    else:
        blocks.append(Note("No complete day with a known cost: a profile by weekday needs at least one."))
    return Section("time", "When it is spent", tuple(blocks))


def _change(result: Understanding) -> Section:
    blocks: list[Block] = []
    if result.versus:
        blocks.append(change_table(result.versus))
    if result.bridge and result.versus:
        blocks += [
            bridge_chart(result.bridge, result.versus.spans.against),
            bridge_table(result.bridge, _unpriced_models(result)),
        ]
    else:
        blocks.append(Note(result.bridge_reason))
    return Section("change", "What changed and why", tuple(blocks))


def _unpriced_models(result: Understanding) -> frozenset[str]:
    """The models of which no call has a known cost, as the bridge names them."""
    groups = result.by("provider", "model")
    return frozenset(" ".join(group.key).strip() for group in groups if group.usage.known_cost_usd is None)


def _future(result: Understanding) -> Section:
    blocks: list[Block] = []
    if result.forecast:
        blocks += [forecast_chart(result, result.forecast), outlook_table(result), Note(_quality(result))]
        if result.forecast.scores:
            blocks.append(score_table(result.forecast))
    else:
        blocks.append(Note(result.forecast_reason))
    blocks += [Note(_driver(result))] if result.total.cost_usd else []
    if result.budgets:
        blocks.append(budget_table(result.budgets, at_least=result.total.at_least))
    return Section("where-it-goes", "Where it is going", tuple(blocks))


def _quality(result: Understanding) -> str:
    found = result.forecast
    if found is None or found.wape is None:
        return "The history is too short to judge a forecast by the past: take the figures as a rough guess."
    words = f"Judged on the past, up to 7 days ahead, the error is {percent(found.wape)} of cost"
    words += (
        f" ({percent_or_ratio(found.mase)} times that of repeating last week)"
        if found.mase is not None
        else ""
    )
    words += f"; FinOps maturity of the forecast: {found.grade.value}." if found.grade else "."
    inside = found.coverage_80
    if inside.share is not None:
        words += f" {percent(inside.share)} of {inside.judged:,} past days fell inside their 80% range."
    if not found.knows_weekdays:
        words += f" {counted(found.history_days, 'day')} of history: weekday effects need 14."
    return f"{words} A year ahead is a range, no more."


def percent_or_ratio(ratio: float) -> str:
    """A plain figure with two decimals."""
    return f"{ratio:.2f}"


def _driver(result: Understanding) -> str:
    """What drives the month: the model that grew most, or else the dearest."""
    if result.bridge and result.bridge.total.change > 0:
        line = max(result.bridge.lines, key=lambda entry: entry.change)
        return (
            f"The main driver is {line.key}: {usd(line.change)} more in the last 7 days than in the 7 before."
        )
    top = result.by("provider", "model")[0]
    return f"The main driver is {top.name or 'the unnamed model'}: {usd(top.usage.cost_usd)} of the period's cost."
