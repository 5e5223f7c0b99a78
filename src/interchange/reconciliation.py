"""Compares what calls cost here with what a provider billed, and names what may explain the difference."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from calls.engine import Calls
from interchange.bills import BillLine
from settings.model_names import spellings


@dataclass(frozen=True)
class Compared:
    """One day or model: dollars in the calls and on the bill; None where one of the two has nothing."""

    name: str
    calls: int
    calls_usd: Decimal | None
    billed_usd: Decimal | None

    @property
    def difference_usd(self) -> Decimal:
        """Billed minus calls."""
        return (self.billed_usd or Decimal(0)) - (self.calls_usd or Decimal(0))


@dataclass(frozen=True)
class Reconciliation:
    """The comparison in total, by day and by model; `explanations` are sentences."""

    total: Compared
    unknown_calls: int
    by_day: tuple[Compared, ...]
    by_model: tuple[Compared, ...]
    explanations: tuple[str, ...]

    @property
    def difference_share(self) -> Decimal | None:
        """The difference as a share of the bill; None for a bill of nothing."""
        billed = self.total.billed_usd
        return (self.total.difference_usd / billed).quantize(Decimal("0.0001")) if billed else None


@dataclass(frozen=True)
class _Row:
    day: date
    model: str
    calls: int
    usd: Decimal
    unknown: int
    computed_usd: Decimal


def reconcile(calls: Calls, bill: list[BillLine]) -> Reconciliation:
    """Compares all calls of a selection with all lines of a bill."""
    rows = [
        _Row(*row)
        for row in calls.sql("""
        select cast("timestamp" as date) as day, model, count(*) as calls,
            coalesce(sum(cost_usd), 0) as usd, count(*) - count(cost_usd) as unknown,
            coalesce(sum(case when cost_source = 'computed' then cost_usd end), 0) as computed_usd
        from calls group by cast("timestamp" as date), model order by 1, 2
    """)
    ]
    total = Compared(
        "total",
        sum(row.calls for row in rows),
        sum((row.usd for row in rows), Decimal(0)),
        sum((line.usd for line in bill), Decimal(0)),
    )
    by_day = _compared(
        ((row.day.isoformat(), row) for row in rows),
        ((line.day.isoformat(), line.usd) for line in bill if line.day),
    )
    by_model = _by_model(rows, bill)
    unknown = sum(row.unknown for row in rows)
    return Reconciliation(
        total, unknown, by_day, by_model, tuple(_explained(rows, unknown, by_day, by_model))
    )


def _by_model(rows: list[_Row], bill: list[BillLine]) -> tuple[Compared, ...]:
    """Models under the name of the calls, wherever a spelling of the bill's name is one of theirs."""
    known = {spelling: row.model for row in rows for spelling in spellings(row.model)}

    def named(model: str) -> str:
        written = model.lower().replace(" ", "-")
        return next((known[name] for name in spellings(written) if name in known), model)

    return _compared(
        ((row.model, row) for row in rows), ((named(line.model), line.usd) for line in bill if line.model)
    )


def _compared(
    ours: Iterable[tuple[str, _Row]], billed: Iterable[tuple[str, Decimal]]
) -> tuple[Compared, ...]:
    """Both sides by name; empty where the bill does not tell names."""
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for name, usd in billed:
        amounts[name] += usd
    if not amounts:
        return ()
    costs: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = defaultdict(int)
    for name, row in ours:
        costs[name] += row.usd
        counts[name] += row.calls
    names = sorted(set(amounts) | set(costs))
    return tuple(Compared(name, counts.get(name, 0), costs.get(name), amounts.get(name)) for name in names)


def _explained(
    rows: list[_Row], unknown: int, by_day: tuple[Compared, ...], by_model: tuple[Compared, ...]
) -> Iterable[str]:
    if unknown:
        models = sorted({row.model for row in rows if row.unknown})
        yield f"{unknown:,} calls have no known cost ({', '.join(models[:5])}): reprice.py fills what has a rate."
    computed = sum((row.computed_usd for row in rows), Decimal(0))
    if computed:
        yield f"${computed:f} of the calls' cost is computed from list prices; discounts and batch rates are not in it."
    yield from _one_sided("day", by_day)
    yield from _one_sided("model", by_model)
    yield from _largest("day", by_day)
    yield from _largest("model", by_model)


def _one_sided(what: str, compared: tuple[Compared, ...]) -> Iterable[str]:
    only_billed = [entry for entry in compared if entry.calls_usd is None]
    only_calls = [entry for entry in compared if entry.billed_usd is None]
    for entries, side in (
        (only_billed, "on the bill but not in the calls"),
        (only_calls, "in the calls but not on the bill"),
    ):
        if entries:
            usd = abs(sum((entry.difference_usd for entry in entries), Decimal(0)))
            names = ", ".join(entry.name for entry in entries[:5])
            yield f"{len(entries):,} {what}{'s' if len(entries) > 1 else ''} {side} (${usd:f}): {names}."


def _largest(what: str, compared: tuple[Compared, ...]) -> Iterable[str]:
    both = [entry for entry in compared if entry.calls_usd is not None and entry.billed_usd is not None]
    worst = max(both, key=lambda entry: abs(entry.difference_usd), default=None)
    if worst is not None and worst.difference_usd:
        yield f"The {what} that differs most is {worst.name}: billed minus calls is {worst.difference_usd:+f} USD."


def as_lines(result: Reconciliation) -> list[str]:
    """The comparison as lines for a terminal."""
    share = result.difference_share
    lines = [
        f"Calls: {result.total.calls:,}, ${result.total.calls_usd:f}",
        f"Billed: ${result.total.billed_usd:f}",
        f"Difference: {result.total.difference_usd:+f} USD"
        + (f" ({share:+.2%} of the bill)" if share is not None else ""),
    ]
    for title, compared in (("By day", result.by_day), ("By model", result.by_model)):
        lines += [f"{title}:"] * bool(compared)
        lines += [
            f"  {entry.name or '(none)'}: {_usd(entry.calls_usd)} here, {_usd(entry.billed_usd)} billed, "
            f"{entry.difference_usd:+f}"
            for entry in compared
        ]
    return lines + [f"- {sentence}" for sentence in result.explanations]


def _usd(value: Decimal | None) -> str:
    return "nothing" if value is None else f"${value:f}"


def payload(result: Reconciliation) -> Mapping[str, object]:
    """The figures that the fields do not hold."""
    return {"difference_usd": result.total.difference_usd, "difference_share": result.difference_share}
