"""Tables of usage and cost that only this report has: forecast, budgets, what changed, concentration."""

from collections.abc import Container, Sequence
from decimal import Decimal

from analyzers.budgets.drivers import Driver
from analyzers.budgets.standing import BudgetState
from analyzers.understanding.result import Understanding
from analyzers.usage.compared import Compared, relative
from analyzers.usage.sums import Usage
from analyzers.usage.tables import UNALLOCATED
from analyzers.words.figures import sentence, usd
from methods.bridge import CostBridge, CostEffects
from methods.concentration import Concentration
from methods.forecast import Forecast, Interval
from reporting.document import Cell, Column, Row, Table, Unit, Value

NO_INTERVAL = "too few past forecast errors"
ROWS = 500


def outlook_table(result: Understanding) -> Table:
    """The next 30, 90 and 365 days."""
    columns = (
        Column("days", "Next days", Unit.COUNT),
        Column("cost", "Expected", Unit.USD),
        Column("low-80", "80% from", Unit.USD),
        Column("high-80", "80% to", Unit.USD),
        Column("low-95", "95% from", Unit.USD, sparse=True),
        Column("high-95", "95% to", Unit.USD, sparse=True),
        Column("kind", "How sure"),
    )
    rows = tuple(
        Row(
            (
                total.days,
                round(Decimal(total.amount), 2),
                *_bounds(total.interval_80),
                *_bounds(total.interval_95),
                "extrapolated: read the range" if total.extrapolated else "tested on the past",
            ),
            key=str(total.days),
        )
        for total in result.outlook
    )
    return Table("outlook", "What the next days will cost", columns, rows, method="forecast")


def _bounds(interval: Interval | None) -> tuple[Cell, Cell]:
    if interval is None:
        return Value(None, Unit.USD, NO_INTERVAL), Value(None, Unit.USD, NO_INTERVAL)
    return round(Decimal(interval.low), 2), round(Decimal(interval.high), 2)


def score_table(forecast: Forecast) -> Table:
    """How each candidate did on the past."""
    columns = (
        Column("method", "Method"),
        Column("wape", "Error (WAPE)", Unit.SHARE),
        Column("mase", "MASE", Unit.RATIO),
        Column("chosen", "Chosen"),
    )
    rows = tuple(
        Row(
            (
                score.title,
                Value(score.wape, Unit.SHARE, "nothing to judge"),
                Value(score.mase, Unit.RATIO, "no scale to compare with"),
                "yes" if score.id == forecast.method else "no",
            ),
            key=score.id,
        )
        for score in forecast.scores
    )
    return Table("forecast-scores", "How the candidates did on the past", columns, rows, method="forecast")


def budget_table(states: Sequence[BudgetState], *, at_least: bool) -> Table:
    """The budgets of the month; `at_least` says that the cost of some calls is unknown."""
    columns = (
        Column("scope", "Budget for"),
        Column("month", "Month"),
        Column("budget", "Budget", Unit.USD),
        Column("spent", "Spent", Unit.USD),
        Column("spent-share", "Spent of budget", Unit.SHARE),
        Column("pace", "Month gone", Unit.SHARE),
        Column("estimate", "Month-end estimate", Unit.USD),
        Column("low", "80% from", Unit.USD),
        Column("high", "80% to", Unit.USD),
        Column("overrun", "Chance of overrun", Unit.SHARE),
        Column("runs-out", "Runs out on", Unit.DATE),
        Column("driver", "Driver"),
    )
    return Table(
        "budgets",
        "Budgets of the month",
        columns,
        tuple(_budget_row(state, at_least) for state in states),
        method="budget",
    )


def _budget_row(state: BudgetState, at_least: bool) -> Row:
    short, least = "too little history", at_least or state.covered_from is not None
    return Row(
        (
            state.title,
            f"{state.month:%b %Y}",
            state.monthly_usd,
            Value(state.spent_usd, Unit.USD, at_least=least),
            Value(state.spent_share, Unit.SHARE, "the budget is zero"),
            state.pace_share,
            Value(state.estimate_usd, Unit.USD, short, least),
            *(_bounds(state.month_end.interval_80) if state.month_end else _bounds(None)),
            Value(state.overrun_probability, Unit.SHARE, short),
            Value(state.runs_out_on, Unit.DATE, "not in this month" if state.month_end else short),
            _driver_words(state.driver),
        ),
        key=f"{state.scope}/{state.name}",
    )


def _driver_words(driver: Driver | None) -> str:
    if driver is None:
        return "nothing is spent"
    name = driver.model or UNALLOCATED
    if driver.grew_usd:
        return f"{name}: {usd(driver.grew_usd)} more in the last 7 days than in the 7 before"
    return f"{name}: {usd(driver.cost_usd)} of the period's cost"


def change_table(versus: Compared[Usage]) -> Table:
    """The two spans side by side."""
    columns = (
        Column("figure", "Figure"),
        Column("earlier", sentence(versus.spans.before)),
        Column("later", sentence(versus.spans.now)),
        Column("change", "Change", Unit.SHARE),
    )
    one, two = versus.before, versus.now
    figures = (
        ("Cost", Unit.USD, one.known_cost_usd, two.known_cost_usd),
        ("Calls", Unit.COUNT, one.calls, two.calls),
        ("Tokens", Unit.TOKENS, one.tokens, two.tokens),
        ("Cost a call", Unit.USD_RATE, one.cost_per_call_usd, two.cost_per_call_usd),
        ("Cost per 1,000 tokens", Unit.USD_RATE, one.cost_per_1k_tokens_usd, two.cost_per_1k_tokens_usd),
    )
    rows = tuple(
        Row(
            (
                name,
                Value(before, unit, "no known cost"),
                Value(after, unit, "no known cost"),
                Value(relative(before, after), Unit.SHARE, "nothing to compare with"),
            ),
            key=name,
        )
        for name, unit, before, after in figures
    )
    return Table("week-on-week", sentence(versus.spans.against), columns, rows)


def bridge_table(bridge: CostBridge[str], unknown: Container[str]) -> Table:
    """The change by model and effect; of the models in `unknown` no call has a known cost."""
    columns = (
        Column("model", "Model"),
        Column("before", "Before", Unit.USD),
        Column("volume", "Calls", Unit.USD),
        Column("mix", "Model mix", Unit.USD),
        Column("tokens", "Tokens a call", Unit.USD),
        Column("price", "Price a token", Unit.USD),
        Column("coverage", "Cost coverage", Unit.USD, sparse=True),
        Column("after", "After", Unit.USD),
        Column("change", "Change", Unit.USD),
    )
    rows = tuple(
        _unknown_row(line.key, len(columns) - 1)
        if line.key is not None and line.key in unknown
        else _effects_row(line.key or "(unnamed)", line)
        for line in bridge.lines[:ROWS]
    )
    note = "Some calls have no known cost; the change covers the others." if bridge.at_least else ""
    total = _effects_row("Total", bridge.total)
    return Table("change-by-model", "What changed, by model", columns, rows, total, note, "bridge")


def _unknown_row(name: str, amounts: int) -> Row:
    none = Value(None, Unit.USD, "no call has a known cost")
    return Row((name or "(unnamed)", *[none] * amounts), key=name)


def _effects_row(name: str, line: CostEffects[str]) -> Row:
    return Row(
        (
            name, line.before, line.volume, line.mix, line.tokens, line.price, line.coverage, line.after,
            line.change,
        ),
        key=name,
    )  # fmt: skip


def concentration_table(result: Understanding) -> Table:
    """How much of the cost sits with few."""
    columns = (
        Column("of", "Among"),
        Column("count", "Number", Unit.COUNT),
        Column("top", "Largest share", Unit.SHARE),
        Column("herfindahl", "Herfindahl index", Unit.RATIO),
        Column("effective", "Equal shares it amounts to", Unit.RATIO),
    )
    entries = [("providers", result.provider_concentration)]
    if result.customer_concentration:
        entries.append(("customers", result.customer_concentration))
    rows = tuple(_concentration_row(name, entry) for name, entry in entries)
    return Table("concentration", "Concentration of cost", columns, rows, method="concentration")


def _concentration_row(name: str, found: Concentration) -> Row:
    reason = "no known cost"
    return Row(
        (
            name,
            found.count,
            Value(found.top_share, Unit.SHARE, reason),
            Value(found.herfindahl, Unit.RATIO, reason),
            Value(found.effective_count, Unit.RATIO, reason),
        ),
        key=name,
    )
