"""A kitchen-sink report: every block and every unit, with totals that tie out. Tests render it as eight pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from calls.source import Filters, Period, RejectedLine, Source, Unpriced
from reporting.document import (
    Alert,
    Category,
    Change,
    Chart,
    ChartKind,
    Column,
    Confidence,
    Document,
    Facets,
    HeatMap,
    Level,
    Mark,
    Method,
    MetricCard,
    Note,
    Point,
    PointGroup,
    Recommendation,
    Row,
    Scatter,
    Section,
    Series,
    SeriesRole,
    SideBySide,
    Slice,
    Table,
    Unit,
    Value,
)
from reporting.page_or_failure import Page
from reporting.provenance import Provenance

FIRST = date(2026, 10, 24)
DAYS = tuple(FIRST + timedelta(days=number) for number in range(30))
PROVIDERS = ("anthropic", "bedrock", "openai")
ORGANIZATIONS = ("Acme", "Borealis", "Cobalt", "Dune")
SHARE = {"anthropic": 3, "bedrock": 2, "openai": 5}
SIZE = {"Acme": 4, "Borealis": 3, "Cobalt": 2, "Dune": 1}


def spend(day: int, provider: str, organization: str) -> Decimal:
    """Dollars of a day, a provider and an organization: exact, and easy to add up by hand."""
    weekend = DAYS[day].weekday() >= 5
    units = SHARE[provider] * SIZE[organization] * (60 if weekend else 100 + day)
    return Decimal(units) * Decimal("0.0417")


def slices(provider: str | None = None) -> tuple[Slice, ...]:
    return tuple(
        Slice(
            number,
            spend(number, name, organization),
            facets=Facets(day=day, provider=name, organization=organization),
        )
        for number, day in enumerate(DAYS)
        for name in PROVIDERS
        if provider in {None, name}
        for organization in ORGANIZATIONS
    )


def by_day(provider: str | None = None) -> tuple[Decimal, ...]:
    totals = [Decimal(0)] * len(DAYS)
    for part in slices(provider):
        totals[part.label] += Decimal(part.value)
    return tuple(totals)


TOTAL = sum(by_day(), Decimal(0))


@dataclass(frozen=True)
class ExampleReport:
    id: str
    title: str
    question: str
    category: Category
    order: int
    description: str

    @property
    def filename(self) -> str:
        return f"{self.id}.html"


@dataclass(frozen=True)
class ExampleResult:
    """What an analyzer would have computed."""

    total: Decimal
    calls: int
    first_day: date

    @property
    def cost_per_call(self) -> Decimal | None:
        return self.total / self.calls if self.calls else None


REPORTS = tuple(
    ExampleReport(identity, title, question, category, order, description)
    for order, (identity, title, question, category, description) in enumerate(
        (
            ("finops_understanding", "Understanding usage and cost", "What are we spending, on what, and where is it going?", Category.FINOPS, "Cost, forecast and drivers."),
            ("finops_performance", "Performance tracking", "Which model is worth its price and its wait?", Category.FINOPS, "Latency and cost efficiency."),
            ("finops_realtime", "Real-time decision making", "What is wrong right now, what did it cost, who must act?", Category.FINOPS, "Anomalies and budgets."),
            ("finops_optimization", "Rate optimization", "What would the same work cost if we bought it better?", Category.FINOPS, "Commitments and switches."),
            ("finops_alignment", "Organizational alignment", "Whose cost is it, and can I bill it?", Category.FINOPS, "Chargeback."),
            ("customer_profitability", "Customer profitability", "Who pays for themselves?", Category.UBR, "Margins by customer."),
            ("pricing_strategy", "Pricing strategy", "What should we charge?", Category.UBR, "Plans re-rated."),
            ("feature_economics", "Feature economics", "Which features earn their tokens?", Category.UBR, "Cost and return by feature."),
        ),
        start=1,
    )
)  # fmt: skip


def day_label(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def cards() -> tuple[MetricCard, ...]:
    total = tuple(Slice(0, part.value, facets=part.facets) for part in slices())
    return (
        MetricCard(id="total", label="Total cost", value=Value(TOTAL, Unit.USD), note="All providers.",
                   change=Change(value=Value(Decimal("0.123"), Unit.SHARE), against="vs previous 7 days", good=False), trend=by_day(), slices=total),
        MetricCard(id="cost-per-call", label="Cost per call", value=Value(Decimal("0.016912"), Unit.USD_RATE), note="",
                   change=Change(value=Value(Decimal("-0.04"), Unit.SHARE), against="vs previous 7 days", good=True)),
        MetricCard(id="tokens", label="Tokens", value=Value(34_612_345, Unit.TOKENS), note="Input and output.",
                   change=Change(value=Value(Decimal("0.02"), Unit.SHARE), against="vs previous 7 days"), trend=(3, 5, 4, 6, 8, 7)),
        MetricCard(id="margin", label="Gross margin", value=Value(Decimal("-12.3"), Unit.USD), note="Revenue less cost to serve."),
        MetricCard(id="p95", label="P95 latency", value=Value(2345, Unit.MILLISECONDS)),
        MetricCard(id="forecast", label="Forecast, 90 days", value=Value(None, Unit.USD, reason="9 days of history: weekday effects need 14")),
        MetricCard(id="known", label="Known cost", value=Value(Decimal("1234.5"), Unit.USD, at_least=True)),
        MetricCard(id="runs-out", label="Budget runs out", value=Value(date(2026, 12, 3), Unit.DATE), note="At today's pace."),
    )  # fmt: skip


def trend() -> Chart:
    actual = by_day()
    tail: tuple[None, ...] = (None,) * 7
    level = sum(actual[-7:], Decimal(0)) / 7
    ahead = tuple(level + step for step in range(7))
    gap: tuple[None, ...] = (None,) * len(DAYS)
    labels = tuple(day_label(DAYS[0] + timedelta(days=number)) for number in range(37))
    return Chart(
        id="daily-cost", kind=ChartKind.LINE, title="Cost rises by about a dollar a day and will pass the budget line in December",
        subject="Daily cost with forecast", label_title="Day", labels=labels,
        series=(
            Series("Cost", (*actual, *tail), slices=slices()),
            Series("Forecast", (*gap, *ahead), role=SeriesRole.FORECAST),
            Series("80 % low", (*gap, *(value * Decimal("0.9") for value in ahead)), role=SeriesRole.BAND_LOW),
            Series("80 % high", (*gap, *(value * Decimal("1.1") for value in ahead)), role=SeriesRole.BAND_HIGH),
        ),
        unit=Unit.USD, marks=(Mark("Daily budget", Decimal(560)), Mark("Forecast starts", labels[30], vertical=True)),
        note="The band holds 80 % of outcomes.", method="forecast",
    )  # fmt: skip


def by_provider() -> Chart:
    series = tuple(
        Series(name, by_day(name), entity=name, slices=slices(name))
        for name in ("openai", "anthropic", "bedrock")
    )
    return Chart(id="provider-cost", kind=ChartKind.BAR_STACKED, title="openai is half of every day's cost", subject="Daily cost by provider",
                 label_title="Day", labels=tuple(day_label(day) for day in DAYS), series=series, unit=Unit.USD)  # fmt: skip


def bars() -> Chart:
    models = ("gpt-large", "claude-mid", "nova-lite", "gpt-small", "claude-small", "Other")
    values = (
        Decimal("812.40"),
        Decimal("555.10"),
        Decimal("231.00"),
        Decimal("98.75"),
        Decimal("41.02"),
        Decimal("12.00"),
    )
    return Chart(id="model-cost", kind=ChartKind.BAR_HORIZONTAL, title="Two models are 78 % of cost", subject="Cost by model", label_title="Model", labels=models,
                 series=(Series("Cost", values),), unit=Unit.USD)  # fmt: skip


def waterfall() -> Chart:
    steps = (Decimal(1000), Decimal(-180), Decimal(-75), Decimal(-40), Decimal(-130), Decimal(575))
    labels = ("Today", "Switch", "Cache", "Batch", "Commit", "Best")
    return Chart(id="savings", kind=ChartKind.WATERFALL, title="Four levers take 42.5 % off the bill", subject="Savings by lever", label_title="Lever", labels=labels,
                 series=(Series("Monthly cost", steps),), unit=Unit.USD, method="levers")  # fmt: skip


def doughnut() -> Chart:
    return Chart(id="tokens-split", kind=ChartKind.DOUGHNUT, title="Three quarters of tokens are input", subject="Tokens by direction", label_title="Direction",
                 labels=("Input", "Cached input", "Output"), series=(Series("Tokens", (19_000_000, 7_000_000, 8_612_345)),), unit=Unit.TOKENS)  # fmt: skip


def vertical_bars() -> Chart:
    return Chart(id="bill-change", kind=ChartKind.BAR, title="Most bills change by less than 10 %", subject="Customers by change of bill", label_title="Change of bill",
                 labels=("under -20 %", "-20 to -10 %", "-10 to 0 %", "0 to 10 %", "10 to 20 %", "over 20 %"),
                 series=(Series("Customers", (4, 17, 61, 72, 22, 9)),), unit=Unit.COUNT)  # fmt: skip


def heat() -> HeatMap:
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    hours = tuple(f"{hour:02d}" for hour in range(24))
    values = tuple(
        tuple(None if (day, hour) == (6, 3) else (7 - day) * (12 - abs(13 - hour)) + 5 for hour in range(24))
        for day in range(7)
    )
    return HeatMap(id="hours", title="Work happens on weekdays between 9 and 17", subject="Calls by hour and weekday", row_title="Weekday", column_title="Hour",
                   row_labels=days, column_labels=hours, values=values, unit=Unit.COUNT)  # fmt: skip


def scatter() -> Scatter:
    frontier = PointGroup("Frontier", (Point("nova-lite", Decimal("0.0021"), y=640), Point("gpt-small", Decimal("0.0065"), y=520),
                                       Point("claude-mid", Decimal("0.0240"), y=410)), joined=True)  # fmt: skip
    beaten = PointGroup("Beaten", (Point("gpt-large", Decimal("0.0310"), y=1250, size=400), Point("claude-small", Decimal("0.0081"), y=930, size=90)))  # fmt: skip
    return Scatter(id="frontier", title="gpt-large is beaten on both price and wait", subject="Cost per call against P95 latency", x_title="Cost per call",
                   y_title="P95 latency", x_unit=Unit.USD_RATE, y_unit=Unit.MILLISECONDS, groups=(frontier, beaten), y_marks=(Mark("SLA", 1000),),
                   method="frontier")  # fmt: skip


def customers(count: int = 220) -> Table:
    rows = []
    for number in range(1, count + 1):
        revenue = Decimal((29, 99, 299)[number % 3])
        cost = Decimal(number * 37 % 211) + Decimal(number % 100) / 100
        margin = revenue - cost
        share: Any = Value(None, Unit.SHARE, reason="no revenue") if number == 7 else margin / revenue
        rows.append(
            Row(
                (f"cust_{number:04d}", ("starter", "pro", "enterprise")[number % 3], ORGANIZATIONS[number % 4], revenue, cost, margin, share,
                 cost / (number * 13), number * 13, None if number == 9 else number * 31 % 997, DAYS[number % 30]),
                Facets(organization=ORGANIZATIONS[number % 4]), key=f"cust_{number:04d}",
            )
        )  # fmt: skip
    total = Row(("Total", "", "", *(sum((Decimal(row.cells[place]) for row in rows), Decimal(0)) for place in (3, 4, 5)),
                 None, None, sum(int(row.cells[8]) for row in rows), None, None))  # fmt: skip
    columns = (
        Column("customer", "Customer"), Column("plan", "Plan"), Column("organization", "Organization"), Column("revenue", "Revenue", unit=Unit.USD),
        Column("cost", "Cost", unit=Unit.USD), Column("margin", "Margin", unit=Unit.USD), Column("share", "Margin", unit=Unit.SHARE),
        Column("rate", "Cost per call", unit=Unit.USD_RATE), Column("calls", "Calls", unit=Unit.COUNT), Column("p95", "P95", unit=Unit.MILLISECONDS),
        Column("last", "Last call", unit=Unit.DATE),
    )  # fmt: skip
    return Table(
        id="customers",
        title="Customers by margin",
        columns=columns,
        rows=tuple(rows),
        total=total,
        note="Sorted by customer.",
        method="margin",
    )


def models() -> Table:
    columns = (Column("model", "Model"), Column("provider", "Provider"), Column("tokens", "Tokens", unit=Unit.TOKENS), Column("cost", "Cost", unit=Unit.USD),
               Column("speed", "Speed", unit=Unit.TOKENS_PER_SECOND), Column("ratio", "Against the mean", unit=Unit.RATIO), Column("lead", "Lead", unit=Unit.DAYS),
               Column("hour", "Busiest hour", unit=Unit.HOUR))  # fmt: skip
    rows = (
        Row(("gpt-large", "openai", 12_000_000, Decimal("812.40"), Decimal("45.61"), Decimal("1.43"), 12, datetime(2026, 11, 3, 14, tzinfo=UTC)), Facets(provider="openai")),
        Row(("claude-mid", "anthropic", 9_500_000, Decimal("555.10"), Decimal("61.20"), Decimal("0.87"), 3, datetime(2026, 11, 9, 9, tzinfo=UTC)), Facets(provider="anthropic")),
        Row(("nova-lite", "bedrock", 8_000_000, Decimal("231.00"), Decimal("112.90"), Decimal("0.51"), 1, datetime(2026, 11, 17, 16, tzinfo=UTC)), Facets(provider="bedrock")),
    )  # fmt: skip
    total = Row(("Total", "", 29_500_000, Decimal("1598.50"), None, None, None, None))
    return Table(id="models", title="Models", columns=columns, rows=rows, total=total)


def document(report: ExampleReport) -> Document:
    return Document(
        id=report.id, title=report.title, question=report.question, category=report.category,
        summary=(
            f"Cost was {TOTAL:,.2f} dollars over 30 days, 12.3% more in the last week than in the week before.",
            "openai is half of it, and two models are 78 % of it.",
            "Four levers would take 42.5 % off the bill.",
        ),
        headline=cards()[0], finding="Cost rises by about a dollar a day; two models are 78 % of it.", cards=cards(),
        sections=(
            Section("trend", "Where cost goes", blocks=(trend(), by_provider(), bars(), doughnut(), heat()), intro="Daily cost, and what it is made of."),
            Section("levers", "What would help", blocks=(waterfall(), scatter(), vertical_bars(), SideBySide(id="metering", title="With and without metering", first="Without metering", second="With metering",
                rows=(("Cost by customer", "unknown until the invoice", "known after each call"), ("Loss-makers", "found after a quarter", "found in a day")))), intro=""),
            Section("who", "Who it is for", blocks=(customers(), models(), Note("Quality of answers is not in these data."),
                Alert(level=Level.INFO, title="Latency is missing for one customer", text="It is shown as n/a.", target="customers"))),
        ),
        recommendations=(
            Recommendation(id="cap-cust-0007", action="Cap usage", subject="cust_0007", usd_month=Decimal("118.20"), confidence=Confidence.MEDIUM, why="30 days of history; assumes the plan price stays.",
                           rows="1,204 calls of cust_0007 in 30 days", target="customers", target_row="cust_0007"),
            Recommendation(id="switch-qa", action="Switch qa from gpt-large to gpt-small", subject="task type qa", usd_month=Decimal("412.75"), confidence=Confidence.HIGH,
                           why="Same token band; quality is not in the data, test 5 % first.", rows="8,311 calls of task type qa", target="models"),
        ),
        alerts=(Alert(level=Level.CRITICAL, title="Budget of Acme runs out", text="On 3 Dec 2026 at today's pace.", usd=Decimal("940.00"), target="daily-cost"),
                Alert(level=Level.WARNING, title="bedrock is slower than its SLA", text="P95 is above 1,000 ms for two days.", usd=None, target="frontier")),
        methods=(
            Method(id="forecast", title="Forecast", formula="trend + weekday regression, chosen by rolling-origin backtest", assumptions=("weekdays repeat",), exclusions=("calls of unknown cost",), source="Hyndman and Athanasopoulos, Forecasting"),
            Method(id="margin", title="Margin", formula="revenue - cost to serve", assumptions=("plan prices: starter $29, pro $99, enterprise $299 per month",)),
            Method(id="levers", title="Savings levers", formula="applied in order to the same calls, so that savings never overlap"),
            Method(id="frontier", title="Frontier", formula="no other model is both cheaper and faster"),
        ),
    )  # fmt: skip


def source() -> Source:
    first = datetime(2026, 10, 24, 0, 4, 11, tzinfo=UTC)
    last = datetime(2026, 11, 22, 23, 58, 2, tzinfo=UTC)
    return Source(
        path="data/simulated_calls.csv", size_bytes=1_234_567, mtime_ns=1_795_392_000_000_000_000, fingerprint="sha256:" + "3f9c" * 16,
        data_lines=142_010, accepted=142_003, used=142_003, duplicates=2, period=Period(first, last, DAYS[0], DAYS[-1]),
        filters=Filters(), columns=frozenset({"status"}), rejected={"bad_number": 3, "field_count": 2}, flagged={"cost_range": 1},
        rejected_lines=(RejectedLine(17, 2210, "bad_number", "2026-10-24T00:10:00Z,c17,openai,gpt,abc"),),
        unpriced=(Unpriced("openai", "gpt-new", 31),),
    )  # fmt: skip


def provenance(**changes: Any) -> Provenance:
    made = {
        "source": source(), "tool_version": "0.1.0", "settings_digest": "9a41" * 16,
        "generated_at": datetime(2026, 11, 23, 6, 0, tzinfo=UTC), "total_usd": TOTAL,
    }  # fmt: skip
    return Provenance(**(made | changes))


def pages(reports: Sequence[ExampleReport] = REPORTS) -> list[Page]:
    result = ExampleResult(TOTAL, 142_003, FIRST)
    return [Page(report, document(report), result) for report in reports]
