"""A day whose calls all have an unknown cost has no cost in any chart: it is a gap, not a day that cost nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from analyzers.instances import analyzers
from analyzers.usage.timeline import rolling_mean
from calls.engine import open_calls
from reporting.document import Chart, Document, Unit
from settings.loader import load_settings
from tests.calls import call_files

START = datetime(2026, 9, 1)  # noqa: DTZ001  the file's times are UTC by definition
DAYS = 70
UNKNOWN = START + timedelta(days=63)
"""The first day of unknown cost only; it is in no first or last week."""
GAPS = {(UNKNOWN + timedelta(days=more)).date().isoformat() for more in range(2)}
FORESEEN = ("forecast", "range", "revenue")
"""Series by day that are not the cost of the day's own calls."""


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    entries = []
    for number in range(DAYS * 24):
        moment = START + timedelta(hours=number)
        cost = "" if moment.date().isoformat() in GAPS else "0.5"
        entries.append(
            call_files.row(
                number,
                timestamp=moment.isoformat(timespec="microseconds") + "Z",
                subscription_tier="pro",
                cost_usd=cost,
            )
        )
    path: Path = call_files.write(tmp_path_factory.mktemp("gaps") / "calls.csv", entries)
    with open_calls(path) as calls:
        settings = load_settings()
        return {each.id: each.document(each.analyze(calls, settings)) for each in analyzers()}


def charts_of_days(documents: dict[str, Document]) -> Iterator[tuple[str, Chart]]:
    """Charts of dollars with a label for each day of unknown cost."""
    for name, document in documents.items():
        for section in document.sections:
            for block in section.blocks:
                if isinstance(block, Chart) and block.unit is Unit.USD and set(block.labels) >= GAPS:
                    yield f"{name}/{block.id}", block


def test_no_chart_shows_a_cost_of_days_without_a_known_one(documents: dict[str, Document]) -> None:
    seen = []
    for name, chart in charts_of_days(documents):
        for series in chart.series:
            if not any(word in series.name.lower() for word in FORESEEN):
                shown = {day: series.values[chart.labels.index(day)] for day in GAPS}
                seen.append(f"{name}/{series.name}")
                if "cumulative" not in series.name.lower():
                    assert shown == dict.fromkeys(GAPS), seen[-1]
    assert any("understanding/daily-cost" in name for name in seen)
    assert any("profitability/daily" in name for name in seen)


def test_a_mean_over_an_unknown_value_is_unknown() -> None:
    one, gap = Decimal(1), None
    assert rolling_mean([one, one, gap, one, one], 2) == (None, one, None, None, one)
