"""Charts of real-time decision making: anomalies in order of time, cost by risk band."""

from decimal import Decimal

from analyzers.realtime.customer_risk import BANDS
from analyzers.realtime.result import Realtime
from analyzers.words.figures import day, percent, sentence, usd
from reporting.document import Chart, ChartKind, Series, Unit

BARS = 12


def anomaly_chart(result: Realtime) -> Chart:
    """The incidents that lead the list, in order of time: expected and actual cost, each once."""
    first = result.search.events[0]
    top, less = first.lead, f"cost {usd(-first.excess_usd)} less than expected"
    shown = sorted((event.lead for event in result.search.events[:BARS]), key=lambda lead: lead.start)
    return Chart(
        id="anomaly-cost-chart",
        kind=ChartKind.BAR_HORIZONTAL,
        title=f"{sentence(top.who)} {'since' if top.stopped else 'on'} {day(top.start)} "
        + (less if first.is_fall else f"cost {usd(first.excess_usd)} over expectation"),
        subject="Expected and actual cost of the incidents that lead the list, in order of time",
        label_title="Incident",
        labels=tuple(f"{found.who}, {found.start:%d %b}{found.start:, %H:00}" for found in shown),
        series=(
            Series("Expected", tuple(found.expected_usd for found in shown)),
            Series("Actual", tuple(found.usd for found in shown)),
        ),
        unit=Unit.USD,
        method="anomaly",
    )


def risk_chart(result: Realtime) -> Chart:
    """Cost by risk band."""
    sums = {band: sum((e.cost_usd for e in result.risks if e.band == band), Decimal(0)) for band in BANDS}
    whole = sum(sums.values(), Decimal(0))
    part = percent(sums["high"] / whole) if whole else "none"
    return Chart(
        id="risk-bands",
        kind=ChartKind.BAR,
        title=f"Customers of high risk stand for {part} of the cost of named customers",
        subject="Cost by risk band",
        label_title="Band",
        labels=BANDS,
        series=(Series("Cost", tuple(sums.values())),),
        unit=Unit.USD,
        method="risk",
    )
