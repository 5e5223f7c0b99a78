"""Charts of anomalies and of risk."""

from decimal import Decimal

from analyzers.realtime.customer_risk import BANDS
from analyzers.realtime.result import Realtime
from analyzers.words.figures import day, percent, sentence, usd
from reporting.document import Chart, ChartKind, Series, Unit

BARS = 12


def anomaly_chart(result: Realtime) -> Chart:
    """The dearest anomalies: expected and actual cost."""
    shown = result.search.ranked[:BARS]
    top = shown[0]
    return Chart(
        "anomaly-cost-chart",
        ChartKind.BAR_HORIZONTAL,
        f"{sentence(top.who)} on {day(top.start)} cost {usd(top.excess_usd)} over expectation",
        "Expected and actual cost of the dearest anomalies",
        "Anomaly",
        tuple(f"{found.who}, {found.start:%d %b}{found.start:, %H:00}" for found in shown),
        (
            Series("Expected", tuple(found.expected_usd for found in shown)),
            Series("Actual", tuple(found.usd for found in shown)),
        ),
        Unit.USD,
        method="anomaly",
    )


def risk_chart(result: Realtime) -> Chart:
    """Cost by risk band."""
    sums = {band: sum((e.cost_usd for e in result.risks if e.band == band), Decimal(0)) for band in BANDS}
    whole = sum(sums.values(), Decimal(0))
    part = percent(sums["high"] / whole) if whole else "none"
    return Chart(
        "risk-bands",
        ChartKind.BAR,
        f"Customers of high risk stand for {part} of the cost of named customers",
        "Cost by risk band",
        "Band",
        BANDS,
        (Series("Cost", tuple(sums.values())),),
        Unit.USD,
        method="risk",
    )
