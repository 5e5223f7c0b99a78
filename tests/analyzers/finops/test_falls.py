"""A fall is an incident: counted, listed, charted, alerted and acted on once, its dollars once."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from analyzers.finops.realtime import FinopsRealtime
from analyzers.realtime.actions import actions
from analyzers.realtime.incidents import Found, falls
from reporting.document import Chart, Note, Table
from settings.model import Event

REPORT = FinopsRealtime()
START = datetime.fromisoformat("2026-09-01")


def two_leave(days: int = 40, gone_after: int = 30):
    """Cal makes an even hundred calls a day; ann and bob five each at $1, until they leave together."""
    rows = [
        {"day": day + place / 100, "cost_usd": "0.01", "customer_id": "cal"}
        for day in range(days)
        for place in range(100)
    ]
    return rows + [
        {"day": day + (place + 1) / 8, "cost_usd": "1", "customer_id": customer}
        for day in range(gone_after)
        for place in range(5)
        for customer in ("ann", "bob")
    ]


def part(kind: str, name: str, day: int, missing: float) -> Found:
    start = START + timedelta(days=day)
    return Found(
        0, 10.0, 0.0, missing, kind, name, "day", start, start + timedelta(days=5), None, stopped=True
    )


def test_parts_of_one_kind_add_up_and_kinds_do_not() -> None:
    found = [
        part("total", "", 3, 50),
        part("customer", "a", 3, 40),
        part("customer", "b", 4, 30),
        part("model", "m", 9, 7),
    ]
    one, other = falls(found)
    assert (one.lead.kind, [each.name for each in one.parts]) == ("total", ["a", "b"])
    assert one.excess_usd == -70
    assert (other.lead.name, other.excess_usd) == ("m", -7)


@pytest.mark.parametrize(("stopped", "current_days"), [(True, 13), (False, 18)])
def test_an_incident_is_current_for_two_weeks_from_its_end_or_from_when_calls_stopped(
    stopped: bool, current_days: int
) -> None:
    """Five days long from 4 September on: what is over is counted from its end, silence from its first day."""
    [event] = falls([replace(part("total", "", 3, 50), stopped=stopped)])
    began = date(2026, 9, 4)
    assert event.is_current(began + timedelta(days=current_days - 1))
    assert not event.is_current(began + timedelta(days=current_days))


def test_an_old_departure_steps_behind_a_small_burst_of_today(make_calls, settings) -> None:
    rows = [
        *two_leave(days=60, gone_after=30),
        *({"day": 58 + place / 1e5, "cost_usd": "0.01", "customer_id": "cal"} for place in range(700)),
    ]
    result = REPORT.analyze(make_calls(rows), settings)
    burst, departure = result.search.events
    assert (burst.is_fall, departure.is_fall) == (False, True)
    assert 0 < burst.excess_usd < -departure.excess_usd
    document = REPORT.document(result)
    assert document.finding.startswith("The largest of 1 incident of the last 14 days (1 before): ")
    assert " on 29 Oct 2026 from 00:00" in document.summary_lines[0].text
    assert len(document.alerts) == 1
    assert not [action for action in actions(result) if "stopped" in action.what]


def test_customers_who_leave_together_are_one_incident(make_calls, settings) -> None:
    result = REPORT.analyze(make_calls(two_leave()), settings)
    [event] = result.search.events
    assert event.is_fall
    assert {found.name for found in (event.lead, *event.parts) if found.kind == "customer"} == {"ann", "bob"}
    assert event.lead.start.date().isoformat() == "2026-10-01"
    # ten days without ten dollars a day, or nine if the last one is not whole
    assert -event.excess_usd == pytest.approx(100, abs=11)
    assert (result.anomaly_usd, result.missing_usd) == (0, Decimal(-event.excess_usd))


def test_it_is_on_the_page_in_every_place_once(make_calls, settings) -> None:
    result = REPORT.analyze(make_calls(two_leave()), settings)
    document = REPORT.document(result)
    blocks = [block for section in document.sections for block in section.blocks]
    [table] = [block for block in blocks if isinstance(block, Table) and block.id == "anomalies"]
    [chart] = [block for block in blocks if isinstance(block, Chart) and block.id == "anomaly-cost-chart"]
    card = next(card for card in document.cards if card.id == "anomalies")
    assert card.value.amount == len(table.rows) == len(document.alerts) == len(chart.labels) == 1
    assert "less than expected" in chart.title
    assert document.alerts[0].title.endswith("no call since 1 Oct 2026")
    assert document.summary_lines[0].figures["anomalies"] == 1
    told = [action for action in actions(result) if "why its calls stopped" in action.what]
    assert len(told) == 1
    assert told[0].who == "Account management"
    assert "ann" in told[0].what
    assert "bob" in told[0].what
    assert told[0].usd == round(result.missing_usd, 2)


def test_a_day_on_which_half_the_world_is_silent_names_engineering(make_calls, settings) -> None:
    rows = [
        {
            "day": day + place / 60,
            "cost_usd": "0.1",
            "customer_id": f"c{place % 6}",
            "feature_id": f"f{place % 3}",
        }
        for day in range(30)
        for place in range(60)
        if day != 25 or place < 5
    ]
    result = REPORT.analyze(make_calls(rows), settings)
    event = result.search.events[0]
    assert (event.lead.kind, event.lead.start.day, event.is_fall) == ("total", 26, True)
    assert -event.excess_usd == pytest.approx(5.5, abs=0.2)


def test_the_last_day_counts_only_where_it_is_whole(make_calls, settings) -> None:
    rows = [{"day": day + place / 60, "cost_usd": "0.1"} for day in range(30) for place in range(60)]
    rows += [{"day": 30 + place / 60, "cost_usd": "0.1"} for place in range(10)]
    assert REPORT.analyze(make_calls(rows), settings).search.events == ()


def test_a_named_event_is_no_incident_and_stands_on_the_page(make_calls, settings) -> None:
    rows = [
        {"day": day + place / 60, "cost_usd": "0.1"}
        for day in range(30)
        for place in range(60)
        if day != 25 or place < 5
    ]
    calls = make_calls(rows)
    named = replace(settings, event=(Event("holiday", date(2026, 9, 26), recurs="yearly"),))
    assert len(REPORT.analyze(calls, settings).search.events) == 1
    result = REPORT.analyze(calls, named)
    assert result.search.events == ()
    notes = [
        block.text
        for section in REPORT.document(result).sections
        for block in section.blocks
        if isinstance(block, Note)
    ]
    assert any("in no expectation: holiday (26 Sep 2026)." in note for note in notes)
