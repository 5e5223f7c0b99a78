"""What nobody set is shown as a default; a budget that names nobody is told."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analyzers.base import Analyzer
from analyzers.finops.performance import FinopsPerformance
from analyzers.finops.realtime import FinopsRealtime
from analyzers.finops.understanding import FinopsUnderstanding
from analyzers.ubr.profitability import CustomerProfitability
from analyzers.words.defaults import NOT_AGREED
from calls.engine import open_calls
from calls.schema import REQUIRED_NAMES
from reporting.document import Alert, Document, Level
from settings.loader import load_settings
from settings.model import Budget, Settings
from tests.calls.call_files import row, write


def document(analyzer: Analyzer[Any], data: Path, settings: Settings) -> Document:
    with open_calls(data) as calls:
        return analyzer.document(analyzer.analyze(calls, settings))


@pytest.fixture
def late(tmp_path: Path) -> Path:
    """Calls of which half are over ten seconds."""
    waits = ("9000", "11000")
    entries = [row(number, latency_ms=waits[number % 2], customer_id="acme") for number in range(400)]
    return write(tmp_path / "x.csv", entries)


def test_c37_the_shipped_service_level_is_told_as_a_default(late: Path) -> None:
    page = document(FinopsPerformance(), late, load_settings())
    assert page.alerts[0].title == "m1 is within the default SLA for 50% of calls"
    assert "(default target 95%)" in page.summary_lines[0].text
    assert NOT_AGREED in repr(page.sections)
    assert "default limit 10 s" in repr(document(FinopsRealtime(), late, load_settings()))


def test_a_service_level_of_the_users_own_is_not(tmp_path: Path, late: Path) -> None:
    (tmp_path / "own.toml").write_text("[service_levels]\nlatency_ms = 10000\n")
    own = load_settings(tmp_path / "own.toml")
    page = document(FinopsPerformance(), late, own)
    assert page.alerts[0].title == "m1 is within the SLA for 50% of calls"
    assert "default" not in repr((page.alerts, page.summary_lines, page.summary))
    assert NOT_AGREED not in repr(page.sections)
    assert own.digest != load_settings().digest


def margin_alert(data: Path, settings: Settings) -> Alert:
    return document(CustomerProfitability(), data, settings).alerts[0]


def test_c37_what_nobody_set_is_a_warning_at_most(tmp_path: Path, late: Path) -> None:
    """Half of the calls are late where one in twenty may be; a margin of 10% is below both floors."""
    assert document(FinopsPerformance(), late, load_settings()).alerts[0].level is Level.WARNING
    (tmp_path / "levels.toml").write_text("[service_levels]\ncompliance_target = 0.95\n")
    own = load_settings(tmp_path / "levels.toml")
    assert document(FinopsPerformance(), late, own).alerts[0].level is Level.CRITICAL

    days = [f"2026-03-{day:02d}T12:00:00Z" for day in range(1, 31)]
    entries = [
        row(place, timestamp=day, cost_usd="0.9", customer_id="acme", tier_price_usd="31.00")
        for place, day in enumerate(days)
    ]
    data = write(tmp_path / "margins.csv", entries, (*REQUIRED_NAMES, "tier_price_usd"))
    (tmp_path / "floors.toml").write_text("[alerts]\nmargin_floor_critical = 0.2\n")
    (tmp_path / "shares.toml").write_text("[alerts]\nbudget_shares = [1.0]\n")
    for name, level in (("floors", Level.CRITICAL), ("shares", Level.WARNING)):
        found = margin_alert(data, load_settings(tmp_path / f"{name}.toml"))
        assert found.level is level
        assert ("default floor" in found.text) == (level is Level.WARNING)


@pytest.mark.parametrize("analyzer", [FinopsUnderstanding(), FinopsRealtime()])
def test_c37_a_budget_that_names_nobody_is_told(late: Path, analyzer: Analyzer[Any]) -> None:
    for name, told in (("Acme", True), ("acme", False)):
        budget = Budget(scope="customer", name=name, monthly_usd=Decimal(100))
        alerts = document(analyzer, late, replace(load_settings(), budget=(budget,))).alerts
        found = [alert for alert in alerts if "counts no call" in alert.title]
        assert bool(found) == told
        assert all("[[budget]]" in alert.text for alert in found)
