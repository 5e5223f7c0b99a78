"""What headlines are compared with: the equal period before where the file has one, else the last two weeks."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from analyzers.instances import analyzers
from analyzers.usage.earlier_period import Periods
from calls.engine import open_calls
from calls.schema import REQUIRED_NAMES
from calls.selection import Selection
from reporting.document import Change
from settings.loader import load_settings
from tests.calls import call_files

START = datetime(2026, 3, 1)  # noqa: DTZ001 - the file's times are UTC by definition
SETTINGS = load_settings()


@pytest.fixture(scope="module")
def calls_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 days, a call an hour, of one customer who pays $99 per month.

    In the last ten days a call costs three times as much, every fourth is late, and half of the cost names no
    organization.
    """
    rows = []
    for hour in range(40 * 24):
        last = hour >= 30 * 24
        rows.append(
            call_files.row(0)
            | {
                "timestamp": (START + timedelta(hours=hour, minutes=1)).isoformat(),
                "call_id": f"h{hour:04}",
                "cost_usd": "0.03" if last else "0.01",
                "latency_ms": "20000" if last and hour % 4 == 0 else "100",
                "organization_id": "" if last and hour % 2 else "org",
                "tier_price_usd": "99",
            }
        )
    names = (*REQUIRED_NAMES, "tier_price_usd")
    return call_files.write(tmp_path_factory.mktemp("compared") / "calls.csv", rows, names)


def changes(path: Path, **filters: str) -> dict[tuple[str, str], Change]:
    with open_calls(path, Selection(**filters)) as calls:
        documents = [each.document(each.analyze(calls, SETTINGS)) for each in analyzers()]
    return {(found.id, card.id): card.change for found in documents for card in found.cards if card.change}


def test_with_a_period_of_ten_days_the_ten_before_are_compared(calls_file: Path) -> None:
    """The last day is whole, so that ten whole days stand against ten."""
    found = changes(calls_file, since="2026-03-31")
    periods = "vs previous 10 days"
    amounts = {key: change.value.amount for key, change in found.items() if change.against.endswith(periods)}
    for report in ("finops_understanding", "finops_alignment", "customer_profitability", "feature_economics"):
        assert amounts[report, "cost"] == 2
    assert amounts["finops_performance", "sla"] == Decimal("-0.25")
    assert amounts["finops_alignment", "coverage"] == Decimal("-0.5")
    now, before = Decimal(99) * 1 / 31 + Decimal(99) * 9 / 30, Decimal(99) * 10 / 31
    assert amounts["customer_profitability", "revenue"] == pytest.approx((now - before) / before)
    now, before = now - Decimal("7.2"), before - Decimal("2.4")
    assert amounts["customer_profitability", "margin"] == pytest.approx((now - before) / before)
    assert amounts["feature_economics", "return"] == pytest.approx(
        now / Decimal("7.2") - before / Decimal("2.4")
    )


def test_without_a_period_before_the_last_two_weeks_are_compared(calls_file: Path) -> None:
    found = changes(calls_file)["finops_understanding", "cost"]
    assert found.against == "vs previous 7 days"
    # of the 7 before the first 4 are cheap
    before, now = 4 * Decimal("0.24") + 3 * Decimal("0.72"), 7 * Decimal("0.72")
    assert found.value.amount == (now - before) / before


def test_the_change_explained_spans_the_same_days(calls_file: Path) -> None:
    with open_calls(calls_file, Selection(since="2026-03-31")) as calls:
        total = analyzers()[0].analyze(calls, SETTINGS).bridge.total
    assert (total.before, total.after, total.price) == (Decimal("2.4"), Decimal("7.2"), Decimal("4.8"))


def test_what_a_change_is_told_against():
    assert Periods("the last 7 complete days", "the 7 before").previous == "previous 7 days"
    assert Periods("these 24 hours", "the 24 before").previous == "previous 24 hours"
    assert Periods("this day", "the day before").previous == "previous day"
