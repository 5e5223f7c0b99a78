"""The last 30 days, foreseen from those before them: what the page says of its own chances."""

from analyzers.profitability.replay import Case, replay_of
from analyzers.ubr.profitability import CustomerProfitability
from reporting.document import Table


def table_of(document, id_):
    return next(
        (block for section in document.sections for block in section.blocks
         if isinstance(block, Table) and block.id == id_), None)  # fmt: skip


def two_months(days):
    """One earns all along; one costs $2 a day, at a price of $29, all along."""
    return [
        {"customer_id": customer, "day": day + 0.5, "cost_usd": cost}
        for day in range(days)
        for customer, cost in (("ann", "0.1"), ("bob", "2"))
    ]


def test_chances_fall_into_bands_whose_upper_limit_counts() -> None:
    cases = [
        Case(0.01, True, False),
        Case(0.011, True, False),
        Case(0.5, False, True),
        Case(0.51, True, False),
    ]
    replay = replay_of(cases)
    assert (replay.customers, replay.held) == (4, 3)
    assert [band.customers for band in replay.bands] == [1, 1, 1, 1, 0]
    assert [band.losses for band in replay.bands] == [0, 0, 1, 0, 0]
    assert replay.bands[2].mean_chance == 0.5
    assert replay.bands[2].lost_share == 1
    assert (replay.bands[4].mean_chance, replay.bands[4].lost_share) == (None, None)


def test_a_long_file_replays_its_last_month(make_calls, settings) -> None:
    """The calls of the first and the last day begin and end late: 62 days hold 60 whole ones."""
    report = CustomerProfitability()
    result = report.analyze(make_calls(two_months(62)), settings)
    assert (result.replay.customers, result.replay.held) == (2, 2)
    assert [band.customers for band in result.replay.bands] == [1, 0, 0, 0, 1]
    assert [band.losses for band in result.replay.bands] == [0, 0, 0, 0, 1]
    document = report.document(result)
    assert [row.cells[1] for row in table_of(document, "replay-table").rows] == [1, 0, 0, 0, 1]
    assert "lay within the range for 100% of 2 customers" in document.sections[0].intro


def test_a_short_file_says_what_others_measured(make_calls, settings) -> None:
    report = CustomerProfitability()
    result = report.analyze(make_calls(two_months(61)), settings)
    assert result.replay is None
    document = report.document(result)
    assert table_of(document, "replay-table") is None
    assert "On real series of others" in document.sections[0].intro
