"""Tables of better buying."""

from collections.abc import Callable

from analyzers.optimization.result import Commitment, Optimization, Saving, Volume
from analyzers.usage.tables import UNALLOCATED, share_value
from reporting.document import Column, Facets, Row, Table, Unit, Value

ROWS = 500


def _usd(key: str, label: str) -> Column:
    return Column(key, label, Unit.USD)


def lever_table(result: Optimization) -> Table:
    """Each lever in order."""
    factor = result.month_factor
    columns = (
        Column("lever", "Lever, in order"),
        _usd("before", "Cost a month before"),
        _usd("saving", "Saving a month"),
        Column("share", "Of the cost before", Unit.SHARE),
        _usd("after", "Cost a month after"),
    )
    rows = tuple(
        Row(
            (
                lever.title, lever.before_usd * factor, lever.saving_usd * factor,
                share_value(lever.saving_share, "no cost"), lever.after_usd * factor,
            ),
            key=lever.id,
        )
        for lever in result.levers
    )  # fmt: skip
    total = Row(
        (
            "Total", result.total.cost_usd * factor, result.saving_usd * factor,
            share_value(result.saving_share, "no cost"), result.best_usd * factor,
        )
    )  # fmt: skip
    return Table("lever-order", "Levers in order", columns, rows, total, method="levers")


def saving_table(result: Optimization, key: Callable[[Saving], str]) -> Table:
    """What each lever saves on which subject."""
    factor = result.month_factor
    columns = (
        Column("lever", "Lever"),
        Column("subject", "On"),
        Column("task", "Task"),
        Column("calls", "Calls", Unit.COUNT),
        _usd("saving", "Saving a month"),
    )
    rows = [
        Row(
            (
                e.lever, e.subject or UNALLOCATED, _task(e),
                Value(e.calls or None, Unit.COUNT, "hourly use"), e.usd * factor,
            ),
            Facets(provider=e.provider) if e.provider else None,
            key(e),
        )
        for e in result.savings[:ROWS]
    ]  # fmt: skip
    rest = result.savings[ROWS:]
    if rest:
        rows.append(
            Row(
                (
                    f"Other ({len(rest):,})",
                    "several",
                    "several",
                    sum(e.calls for e in rest),
                    sum(e.usd for e in rest) * factor,
                )
            )
        )
    total = Row(("Total", "all", "all", None, result.saving_usd * factor))
    return Table("savings", "What each lever saves", columns, tuple(rows), total, method="levers")


def _task(entry: Saving) -> str:
    """The task of a saving; caches and commitments serve all of a model's."""
    return "all" if entry.lever in {"cache", "commit"} else entry.task or UNALLOCATED


def switch_table(result: Optimization) -> Table:
    """From and to, by task and length."""
    factor = result.month_factor
    columns = (
        Column("from", "From"),
        Column("to", "To"),
        Column("task", "Task"),
        Column("band", "Input tokens"),
        Column("calls", "Calls", Unit.COUNT),
        Column("test", "Calls to test first", Unit.COUNT),
        _usd("cost", "Cost a month"),
        _usd("after", "Cost there"),
        _usd("saving", "Difference"),
        Column("risk", "Risk"),
    )
    rows = [
        Row(
            (
                s.work.model or UNALLOCATED, s.model or UNALLOCATED, s.work.task or UNALLOCATED, s.work.band_name,
                s.work.usage.calls, round(s.work.usage.calls * result.test_share),
                s.work.usage.cost_usd * factor, s.usd_after * factor, s.saving_usd * factor,
                "a grade below" if s.grade_steps else "same grade",
            ),
            Facets(provider=s.work.provider),
            f"{s.work.provider}/{s.work.model}/{s.work.task}/{s.work.band}",
        )
        for s in result.switches[:ROWS]
    ]  # fmt: skip
    return Table(
        "switches", "Cheaper model for the same task and length", columns, tuple(rows), method="switch"
    )


def commitment_table(result: Optimization) -> Table:
    """The cheapest commitment of each model."""
    columns = (
        Column("model", "Model"),
        Column("level", "Commit, tokens an hour", Unit.TOKENS),
        Column("coverage", "Coverage", Unit.SHARE),
        Column("utilisation", "Utilisation", Unit.SHARE),
        Column("break-even", "Break-even utilisation", Unit.SHARE),
        _usd("saving", "Saving a month"),
        Column("rate", "Effective savings rate", Unit.SHARE),
        Column("month", "Break-even month", Unit.COUNT),
        _usd("fewer", "Saving a month at demand −20%"),
        _usd("regret", "Regret against hindsight a month"),
    )
    rows = tuple(_commitment_row(result, entry) for entry in result.commitments[:ROWS])
    return Table("commitments", "The cheapest commitment of each model", columns, rows, method="commitment")


def _commitment_row(result: Optimization, entry: Commitment) -> Row:
    chosen, factor = entry.plan.chosen, result.month_factor
    # regret is judged on the second half of the period, hence twice the month's factor
    missed = None if entry.regret_usd is None else entry.regret_usd * factor * 2
    return Row(
        (
            entry.model or UNALLOCATED,
            chosen.level,
            share_value(chosen.coverage),
            share_value(chosen.utilisation, "nothing committed"),
            entry.plan.break_even_utilisation,
            entry.saving_usd * factor,
            share_value(chosen.effective_savings_rate),
            Value(entry.break_even_month, Unit.COUNT, "a commitment does not pay"),
            entry.saving_if_fewer_usd * factor,
            Value(missed, Unit.USD, "too little history"),
        ),
        Facets(provider=entry.provider),
        f"{entry.provider}/{entry.model}",
    )


def volume_table(result: Optimization) -> Table:
    """Each provider's place among its tiers."""
    columns = (
        Column("provider", "Provider"),
        _usd("spend", "Spend a month"),
        _usd("discount", "Discount now"),
        _usd("next", "Next tier from"),
        Column("rate", "Its discount", Unit.SHARE),
        _usd("distance", "Missing to it"),
        _usd("consolidated", "Discount if all spend went here"),
    )
    rows = tuple(_volume_row(entry) for entry in result.volumes)
    note = "Volume discounts are shown apart: they are not part of the levers above."
    return Table("volume-tiers", "Volume tiers", columns, rows, note=note, method="volume")


def _volume_row(entry: Volume) -> Row:
    none = "no further tier in settings.toml"
    return Row(
        (
            entry.provider or UNALLOCATED, entry.month_usd, entry.discount_usd,
            Value(entry.next_from_usd, Unit.USD, none), Value(entry.next_discount, Unit.SHARE, none),
            Value(entry.distance_usd, Unit.USD, none), entry.consolidated_usd,
        ),
        Facets(provider=entry.provider),
        entry.provider,
    )  # fmt: skip
