"""Tables of rate optimization: levers, savings, switches to cheaper models, commitments, volume tiers."""

from collections.abc import Callable

from analyzers.advice.cheaper_models import Switch
from analyzers.optimization.result import Commitment, Lever, Optimization, Saving, Volume
from analyzers.usage.tables import share_value, shown_name
from analyzers.words.figures import percent
from calls.dimensions import UNALLOCATED
from reporting.document import Cell, Facets, Row, Table, Unit, Value
from reporting.filled_tables import Fields, field, filled_table, summed


def lever_table(result: Optimization) -> Table:
    """Each lever in order."""
    factor = result.month_factor
    fields: Fields[Lever] = (
        field("lever", "Lever, in order", lambda each: each.title),
        field("before", "Cost per month before", lambda each: each.before_usd * factor, Unit.USD),
        summed("saving", "Saving per month", lambda each: each.saving_usd * factor, Unit.USD),
        field(
            "share",
            "% of the cost before",
            lambda each: share_value(each.saving_share, "no cost"),
            Unit.SHARE,
        ),
        field("after", "Cost per month after", lambda each: each.after_usd * factor, Unit.USD),
        field("rests", "Rests on", lambda each: _rests_on(result, each)),
    )
    total = Row(
        (
            "Total", result.total.cost_usd * factor, result.saving_usd * factor,
            share_value(result.saving_share, "no cost"), result.best_usd * factor, "all of them",
        )
    )  # fmt: skip
    return filled_table(
        "lever-order",
        "Levers in order",
        result.levers,
        fields,
        key=lambda each: each.id,
        total=total,
        method="levers",
    )


def _rests_on(result: Optimization, lever: Lever) -> str:
    """What of a lever is seen in the data and what is assumed, and whether quality is at risk."""
    return {
        "switch": f"assumed: {percent(result.switch_share)} of the calls can move; test the quality first",
        "cache": f"assumed, not in the data: {percent(result.repeatable_share)} of input repeats; no risk to quality",
        "batch": "seen: the tasks; assumed: all their calls can wait; no risk to quality",
        "commit": "seen: use by hour; assumed: it goes on; no risk to quality",
    }.get(lever.id, "")


def saving_table(result: Optimization, key: Callable[[Saving], str]) -> Table:
    """What each lever saves on which subject."""
    factor = result.month_factor
    fields: Fields[Saving] = (
        field("lever", "Lever", lambda each: each.lever),
        field("subject", "On", lambda each: shown_name(each.subject)),
        field("task", "Task", _task),
        field(
            "calls",
            "Calls",
            lambda each: Value(each.calls or None, Unit.COUNT, reason="hourly use"),
            Unit.COUNT,
            together=lambda some: sum(each.calls for each in some),
        ),
        summed("saving", "Saving per month", lambda each: each.usd * factor, Unit.USD),
    )
    return filled_table(
        "savings",
        "What each lever saves",
        result.savings,
        fields,
        facets=lambda each: Facets(provider=each.provider) if each.provider else None,
        key=key,
        total=Row(("Total", "all", "all", None, result.saving_usd * factor)),
        method="levers",
    )


def _task(entry: Saving) -> str:
    """The task of a saving; caches and commitments serve all of a model's."""
    return "all" if entry.lever in {"cache", "commit"} else entry.task or UNALLOCATED


def switch_table(result: Optimization) -> Table:
    """From and to, by task and length."""
    factor = result.month_factor
    fields: Fields[Switch] = (
        field("from", "From", lambda each: shown_name(each.work.named)),
        field("to", "To", lambda each: shown_name(each.model)),
        field("task", "Task", lambda each: shown_name(each.work.task)),
        field("band", "Input tokens", lambda each: each.work.band_name),
        summed("calls", "Calls", lambda each: each.work.usage.calls, Unit.COUNT),
        summed(
            "test",
            "Calls to test first",
            lambda each: round(each.work.usage.calls * result.test_share),
            Unit.COUNT,
        ),
        summed("cost", "Cost per month", lambda each: each.work.usage.cost_usd * factor, Unit.USD),
        summed("after", "Cost there", lambda each: each.usd_after * factor, Unit.USD),
        summed("saving", "Difference", lambda each: each.saving_usd * factor, Unit.USD),
        field("risk", "Risk", lambda each: "a grade below" if each.grade_steps else "same grade"),
    )
    return filled_table(
        "switches",
        "Cheaper model for the same task and length",
        result.switches,
        fields,
        facets=lambda each: Facets(provider=each.work.provider),
        key=lambda each: f"{each.work.provider}/{each.work.named}/{each.work.task}/{each.work.band}",
        method="switch",
    )


def commitment_table(result: Optimization) -> Table:
    """The cheapest commitment of each model."""
    factor = result.month_factor
    fields: Fields[Commitment] = (
        field("model", "Model", lambda each: shown_name(each.model)),
        field("level", "Commit, tokens per hour", lambda each: each.plan.chosen.level, Unit.TOKENS),
        *_use_fields(),
        summed("saving", "Saving per month", lambda each: each.saving_usd * factor, Unit.USD),
        field("rate", "Effective savings rate", _savings_rate, Unit.SHARE),
        field("month", "Break-even month", _break_even_month, Unit.COUNT),
        summed(
            "fewer",
            "Saving per month at demand −20%",
            lambda each: each.saving_if_fewer_usd * factor,
            Unit.USD,
        ),
        summed("regret", "Regret against hindsight per month", lambda each: _regret(result, each), Unit.USD),
    )
    return filled_table(
        "commitments",
        "The cheapest commitment of each model",
        result.commitments,
        fields,
        facets=lambda each: Facets(provider=each.provider),
        key=lambda each: f"{each.provider}/{each.model}",
        method="commitment",
    )


def _use_fields() -> Fields[Commitment]:
    """How much of the use is committed to, and how much of the commitment is used."""

    def utilisation(entry: Commitment) -> Cell:
        return share_value(entry.plan.chosen.utilisation, "nothing committed")

    def break_even(entry: Commitment) -> float:
        return entry.plan.break_even_utilisation

    return (
        field("coverage", "Coverage", lambda each: share_value(each.plan.chosen.coverage), Unit.SHARE),
        field("utilisation", "Utilisation", utilisation, Unit.SHARE),
        field("break-even", "Break-even utilisation", break_even, Unit.SHARE),
    )


def _savings_rate(entry: Commitment) -> Cell:
    return share_value(entry.plan.chosen.effective_savings_rate)


def _break_even_month(entry: Commitment) -> Value:
    return Value(entry.break_even_month, Unit.COUNT, reason="a commitment does not pay")


def _regret(result: Optimization, entry: Commitment) -> Value:
    # regret is judged on the second half of the period, hence twice the month's factor
    missed = None if entry.regret_usd is None else entry.regret_usd * result.month_factor * 2
    return Value(missed, Unit.USD, reason="too little history")


def volume_table(result: Optimization) -> Table:
    """Each provider's place among its tiers."""
    none = "no further tier in settings.toml"
    fields: Fields[Volume] = (
        field("provider", "Provider", lambda each: shown_name(each.provider)),
        summed("spend", "Spend per month", lambda each: each.month_usd, Unit.USD),
        summed("discount", "Discount now", lambda each: each.discount_usd, Unit.USD),
        field(
            "next", "Next tier from", lambda each: Value(each.next_from_usd, Unit.USD, reason=none), Unit.USD
        ),
        field(
            "rate",
            "Its discount",
            lambda each: Value(each.next_discount, Unit.SHARE, reason=none),
            Unit.SHARE,
        ),
        field(
            "distance",
            "Missing to it",
            lambda each: Value(each.distance_usd, Unit.USD, reason=none),
            Unit.USD,
        ),
        field(
            "consolidated", "Discount if all spend went here", lambda each: each.consolidated_usd, Unit.USD
        ),
    )
    return filled_table(
        "volume-tiers",
        "Volume tiers",
        result.volumes,
        fields,
        facets=lambda each: Facets(provider=each.provider),
        key=lambda each: each.provider,
        note="Volume discounts are shown apart: they are not part of the levers above.",
        method="volume",
    )
