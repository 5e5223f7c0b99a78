"""Tables of usage and cost that only this report has: forecast, budgets, what changed, concentration."""

from collections.abc import Container
from decimal import Decimal

from analyzers.budgets.table import bounds
from analyzers.understanding.result import Understanding
from analyzers.usage.compared import Compared, relative
from analyzers.usage.sums import Usage
from analyzers.words.figures import sentence
from methods.bridge import CostBridge, CostEffects
from methods.concentration import Concentration
from methods.forecast import Forecast
from reporting.document import Column, Row, Table, Unit, Value

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
                *bounds(total.interval_80),
                *bounds(total.interval_95),
                "extrapolated: read the range" if total.extrapolated else "tested on the past",
            ),
            key=str(total.days),
        )
        for total in result.outlook
    )
    return Table("outlook", "What the next days will cost", columns, rows, method="forecast")


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
