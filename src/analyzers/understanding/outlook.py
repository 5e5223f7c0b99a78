"""Section on where cost is going: the forecast with its range, how it did on the past, and the budgets."""

from datetime import timedelta
from decimal import Decimal

from analyzers.budgets.alerts import closed_alert, overrun_alert, unused_alert
from analyzers.budgets.budget_state import LEAST_DAYS
from analyzers.budgets.table import bounds, budget_table, closed_table, no_budgets_words
from analyzers.understanding.months import month_table
from analyzers.understanding.one_off_days import spike_words
from analyzers.understanding.result import Understanding
from analyzers.usage.sums import Breakdown
from analyzers.usage.timeline import Timeline
from analyzers.words.figures import counted, percent, usd
from methods.forecast import Forecast, ForecastTotal, Score
from reporting.document import (
    Alert,
    Block,
    Chart,
    ChartKind,
    Mark,
    Method,
    Note,
    Section,
    Series,
    SeriesRole,
    Table,
    Unit,
    Value,
)
from reporting.filled_tables import Fields, field, filled_table

AHEAD = 30
"""Days of forecast drawn."""
BEHIND = 60
"""Days of history drawn before them."""

FORECAST = Method(
    id="forecast",
    title="Forecast",
    formula="weighted mean of the methods, each by its inverse squared error up to 7 days ahead in a rolling-origin "
    "backtest; the range is set by the errors that this mean made then",
    assumptions=(
        "Methods: repeat last week, damped trend (also on logarithms), mean weekday of four weeks, Theta, trend with "
        "weekday regression. Growth or decline at a steady rate over six weeks is carried on alone.",
        "A day of over three times every other within four weeks is a spike: named and kept out.",
        "How errors grow with the days ahead and add up in sums is taken from 12 real daily series (city bikes, "
        "page views, tweets, sales). On 3 others, held out, 80% ranges held 79% to 82% of days up to 30 days ahead "
        "and 82% of 30-day totals, from 60 days of history.",
        "The next days behave as the past ones did; no launches, price changes or holidays are known.",
        "WAPE is the sum of absolute errors over the sum of actuals; MASE compares with repeating last week.",
        "Grades: within 12% run, 15% walk, 20% crawl.",
        "Ranges need 4 (80%) and 19 (95%) days from which was forecast. Beyond the backtest's reach the figure is an "
        "extrapolation.",
        "A trend is carried on for as long as it was seen, then the level stays.",
    ),
    exclusions=("Days that are not complete.", "Calls of unknown cost."),
    source="FinOps Framework, capability Forecasting; Bates and Granger (1969); Tashman (2000); Lei et al. (2018)",
)
BUDGET = Method(
    id="budget",
    title="Budgets",
    formula="estimate of the end = every dollar spent in the month or window + forecast of the days left",
    assumptions=(
        "A last day that lacks hours counts with what it has; the forecast adds what it may still bring. So no "
        "estimate lies below what is spent.",
        "A month is closed when the file holds its last day whole, in the reporting zone.",
        "The chance of an overrun comes from the forecast's own past errors of such sums. Measured on 18 real daily "
        "series: 80% ranges of a month's end held 80% to 84% of months from 30 days before it, 84% to 88% from 14.",
        "Where the file begins within the month or window, what was spent before is unknown: at least.",
        "The driver is the model that grew most in the last week, or else the most expensive of the period; of a "
        "customer's budget it is the most expensive, of a feature's a provider.",
    ),
)


def no_forecast(parts: Breakdown, time: Timeline) -> str:
    """Why there is no forecast."""
    if not parts.total.cost_usd:
        return "No call has a known cost above zero, so no cost can be forecast."
    complete = counted(len(time.complete), "complete day")
    return f"{complete} of history: a forecast needs {LEAST_DAYS}, weekday effects need 14."


def section(result: Understanding) -> Section:
    """The forecast with its past errors, what drives it, and the budgets."""
    blocks: list[Block] = [month_table(result)]
    if result.forecast:
        blocks += [_forecast_chart(result, result.forecast), _outlook_table(result), Note(_quality(result))]
        blocks += [Note(words) for words in [spike_words(result)] if words]
        if result.forecast.scores:
            blocks.append(_score_table(result.forecast))
    else:
        blocks.append(Note(result.forecast_reason))
    blocks += [Note(_driver(result))] if result.total.cost_usd else []
    if result.budgets:
        closed = closed_table(result.budgets, at_least=result.total.at_least)
        blocks += [
            budget_table(result.budgets, at_least=result.total.at_least),
            *([closed] if closed else ()),
        ]
    else:
        blocks.append(Note(no_budgets_words(result.total)))
    return Section("where-it-goes", "Where it is going", blocks=tuple(blocks))


def alerts(result: Understanding) -> tuple[Alert, ...]:
    """Budgets that are overrun, heading for it, or were so in closed windows."""
    judged = [
        alert
        for state in result.budgets
        for alert in (overrun_alert(state), closed_alert(state), unused_alert(state))
    ]
    return tuple(alert for alert in judged if alert)


def _quality(result: Understanding) -> str:
    found = result.forecast
    if found is None or found.wape is None:
        return "The history is too short to judge a forecast by the past: take the figures as a rough guess."
    words = f"Judged on the past, up to 7 days ahead, the error is {percent(found.wape)} of cost"
    words += (
        f" ({_two_decimals(found.mase)} times that of repeating last week)" if found.mase is not None else ""
    )
    words += f"; FinOps maturity of the forecast: {found.grade.value}." if found.grade else "."
    inside = found.coverage_80
    if inside.share is not None:
        words += f" {percent(inside.share)} of {inside.judged:,} past days of these data fell inside the 80% range "
        words += "given for them then."
    if not found.knows_weekdays:
        words += f" {counted(found.history_days, 'day')} of history: weekday effects need 14."
    return f"{words} A year ahead is a range that was not measured, no more."


def _two_decimals(ratio: float) -> str:
    """A plain figure with two decimals."""
    return f"{ratio:.2f}"


def _driver(result: Understanding) -> str:
    """What drives the month: the model that grew most, or else the most expensive."""
    if result.bridge and result.bridge.total.change > 0:
        line = max(result.bridge.lines, key=lambda entry: entry.change)
        return (
            f"The main driver is {line.key}: {usd(line.change)} more in the last 7 days than in the 7 before."
        )
    top = result.by("provider", "model")[0]
    return f"The main driver is {top.name or 'the unnamed model'}: {usd(top.usage.cost_usd)} of the period's cost."


def _forecast_chart(result: Understanding, forecast: Forecast) -> Chart:
    """The last days, the next 30, and the range they fall in."""
    behind = result.time.complete[-BEHIND:]
    ahead = forecast.days[:AHEAD]
    last = behind[-1].day
    labels = [entry.day.isoformat() for entry in behind]
    labels += [(last + timedelta(days=entry.ahead)).isoformat() for entry in ahead]
    gap: list[Decimal | float | None] = [None] * len(behind)
    lows = [entry.interval_80.low if entry.interval_80 else None for entry in ahead]
    highs = [entry.interval_80.high if entry.interval_80 else None for entry in ahead]
    series = [
        Series("Cost", (*(entry.usage.known_cost_usd for entry in behind), *([None] * len(ahead)))),
        Series("Forecast", (*gap, *(entry.amount for entry in ahead)), role=SeriesRole.FORECAST),
    ]
    if any(low is not None for low in lows):
        series.append(Series("80% range, low", (*gap, *lows), role=SeriesRole.BAND_LOW))
        series.append(Series("80% range, high", (*gap, *highs), role=SeriesRole.BAND_HIGH))
    amount = Decimal(forecast.total(len(ahead)).amount)
    return Chart(
        id="forecast",
        kind=ChartKind.LINE,
        title=f"The next {len(ahead)} days are forecast to cost {usd(amount)}",
        subject=f"Cost by day and its forecast ({forecast.method_title})",
        label_title="Day",
        labels=tuple(labels),
        series=tuple(series),
        unit=Unit.USD,
        marks=(Mark("forecast begins", labels[len(behind)], vertical=True),),
        note="The band is set by the errors of past forecasts.",
        method="forecast",
        wide=True,
    )


def _outlook_table(result: Understanding) -> Table:
    """The next 30, 90 and 365 days."""
    fields: Fields[ForecastTotal] = (
        field("days", "Next days", lambda total: total.days, Unit.COUNT),
        field("cost", "Expected", lambda total: round(Decimal(total.amount), 2), Unit.USD),
        field("low-80", "80% from", lambda total: bounds(total.interval_80)[0], Unit.USD),
        field("high-80", "80% to", lambda total: bounds(total.interval_80)[1], Unit.USD),
        field("low-95", "95% from", lambda total: bounds(total.interval_95)[0], Unit.USD, sparse=True),
        field("high-95", "95% to", lambda total: bounds(total.interval_95)[1], Unit.USD, sparse=True),
        field(
            "kind",
            "How sure",
            lambda total: "extrapolated: read the range" if total.extrapolated else "tested on the past",
        ),
    )
    return filled_table(
        "outlook",
        "What the next days will cost",
        result.outlook,
        fields,
        key=lambda total: str(total.days),
        method="forecast",
    )


def _score_table(forecast: Forecast) -> Table:
    """How each method did on the past."""
    fields: Fields[Score] = (
        field("method", "Method", lambda score: score.title),
        field(
            "wape",
            "Error (WAPE)",
            lambda score: Value(score.wape, Unit.SHARE, reason="nothing to judge"),
            Unit.SHARE,
        ),
        field(
            "mase",
            "MASE",
            lambda score: Value(score.mase, Unit.RATIO, reason="no scale to compare with"),
            Unit.RATIO,
        ),
        field("chosen", "Shown", lambda score: "yes" if score.id == forecast.method else "no"),
    )
    return filled_table(
        "forecast-scores",
        "How the methods did on the past",
        forecast.scores,
        fields,
        key=lambda score: score.id,
        method="forecast",
    )
