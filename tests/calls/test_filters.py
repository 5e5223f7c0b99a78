"""Which calls are asked for: periods, column values, time zones, and what is refused."""

import argparse
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from calls.arguments import add_data_argument, add_filter_arguments, selection_from
from calls.engine import open_calls
from calls.selection import Selection
from foundation.outcome import NoUsableData, TooManyBadRows, UsageError
from tests.calls.call_files import row, write

HOURS = [
    "2026-03-01T00:00:00",
    "2026-03-01T23:30:00",
    "2026-03-02T00:00:00",
    "2026-03-02T12:00:00",
    "2026-03-09T12:00:00",
]


def utc(*parts: int) -> datetime:
    """A naive instant, as the engine gives them."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Five calls; the last one on March 9th at noon."""
    return write(tmp_path / "x.csv", [row(number, timestamp=moment) for number, moment in enumerate(HOURS)])


def kept(path: Path, **filters: Any) -> list[int]:
    return kept_by(path, Selection(**filters))


def kept_by(path: Path, selection: Selection) -> list[int]:
    with open_calls(path, selection) as calls:
        found = [int(entry.call_id[-6:]) for entry in calls.sql("select call_id from calls order by call_id")]
        assert calls.source.used == len(found)
        assert calls.source.accepted == len(HOURS)
        return found


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"since": "2026-03-02"}, [2, 3, 4]),
        ({"until": "2026-03-01"}, [0, 1]),
        ({"until": "2026-03-02T00:00"}, [0, 1]),
        ({"until": "2026-03-02T00:00:01"}, [0, 1, 2]),
        ({"since": "2026-03-01T23:30:00Z", "until": "20260302"}, [1, 2, 3]),
        ({"since": "7d"}, [3, 4]),
        ({"since": "1w"}, [3, 4]),
        ({"since": "24h"}, [4]),
        ({"since": "3m"}, [0, 1, 2, 3, 4]),
        ({"until": "7d"}, [0, 1, 2]),
        ({"since": "2026-03-02", "timezone": "Asia/Tokyo"}, [1, 2, 3, 4]),
        ({"until": "2026-03-01", "timezone": "America/New_York"}, [0, 1, 2]),
        ({"since": "2026-03-02T00:00+01:00"}, [1, 2, 3, 4]),
    ],
)
def test_periods(path: Path, filters: dict[str, str], expected: list[int]) -> None:
    assert kept(path, **filters) == expected


def test_per_month_back_is_a_calendar_month(tmp_path: Path) -> None:
    moments = ["2026-02-27T23:59:59", "2026-02-28T00:00:00", "2026-03-31T00:00:00"]
    path = write(tmp_path / "x.csv", [row(n, timestamp=moment) for n, moment in enumerate(moments)])
    assert open_calls(path, Selection(since="1m")).source.used == 2


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026",
        "2026-03",
        "7",
        "7 days",
        "-7d",
        "0d",
        "2026-02-30",
        "99999y",
        "03/01/2026",
        "2026-W10",
        "2026-03-01T25:00",
    ],
)
@pytest.mark.parametrize("flag", ["since", "until"])
def test_vague_times_are_refused(path: Path, flag: str, text: str) -> None:
    with pytest.raises(UsageError, match=f"--{flag}.*7d"):
        open_calls(path, Selection(**{flag: text}))


def test_column_values(tmp_path: Path) -> None:
    entries = [
        row(0),
        row(1, provider="anthropic"),
        row(2, provider="bedrock"),
        row(3, provider="bedrock", environment="dev"),
        row(4, input_tokens="7"),
    ]
    path = write(tmp_path / "x.csv", entries)
    assert kept(path, where=[("provider", "bedrock")]) == [2, 3]
    assert kept(path, where=[("provider", "bedrock"), ("provider", "anthropic")]) == [1, 2, 3]
    assert kept(path, where=[("provider", "bedrock"), ("environment", "dev")]) == [3]
    assert kept(path, where=[("input_tokens", "7")]) == [4]
    assert kept(path, where=[("cost_usd", "0.0015"), ("provider", "anthropic")]) == [1]


def test_unknown_columns_and_zones_are_refused(path: Path) -> None:
    with pytest.raises(UsageError, match=r"'colour'.*customer_id"):
        open_calls(path, Selection(where=[("colour", "red")]))
    with pytest.raises(UsageError, match="input_tokens"):
        open_calls(path, Selection(where=[("input_tokens", "many")]))
    with pytest.raises(UsageError, match="provider: the value given is not UTF-8"):
        open_calls(path, Selection(where=[("provider", "a\udcff")]))
    for text in ("NaN", "sNaN", "-Infinity", "1000000000", "1" * 50):
        with pytest.raises(UsageError, match="cost_usd holds a decimal"):
            open_calls(path, Selection(where=[("cost_usd", text)]))
    for zone in ("Mars/Olympus", "", "../etc/passwd", "UTC'; drop"):
        with pytest.raises(UsageError, match="IANA"):
            open_calls(path, Selection(timezone=zone))


def test_nothing_left_says_so(path: Path) -> None:
    with pytest.raises(NoUsableData, match="none of 5 calls passes"):
        open_calls(path, Selection(where=[("provider", "nobody")]))


def test_the_period_is_that_of_the_zone(path: Path) -> None:
    period = open_calls(path, Selection(timezone="Asia/Tokyo", until="2026-03-02")).source.period
    assert (period.first, period.last) == (utc(2026, 3, 1), utc(2026, 3, 2, 12))
    assert (period.first_day, period.last_day, period.days) == (date(2026, 3, 1), date(2026, 3, 2), 2)


def test_local_hours_over_the_change_of_clocks(tmp_path: Path) -> None:
    """Berlin goes from 02:00 to 03:00 on 2026-03-29 and from 03:00 back to 02:00 on 2026-10-25."""
    moments = [
        "2026-03-29T00:59:59Z",
        "2026-03-29T01:00:00Z",
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
        "2026-10-24T22:00:00Z",
    ]
    path = write(tmp_path / "x.csv", [row(n, timestamp=moment) for n, moment in enumerate(moments)])
    found = open_calls(path, Selection(timezone="Europe/Berlin")).sql(
        "select local_hour, local_day from calls order by call_id"
    )
    assert [tuple(entry) for entry in found] == [
        (utc(2026, 3, 29, 1), date(2026, 3, 29)),
        (utc(2026, 3, 29, 3), date(2026, 3, 29)),
        (utc(2026, 10, 25, 2), date(2026, 10, 25)),
        (utc(2026, 10, 25, 2), date(2026, 10, 25)),
        (utc(2026, 10, 25, 0), date(2026, 10, 25)),
    ]


def test_more_bad_rows_than_allowed(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [row(0), row(1), row(2), row(3, input_tokens="x")])
    assert open_calls(path, Selection(max_bad_rows=0.25)).source.rejected_total == 1
    with pytest.raises(TooManyBadRows, match="1 of 4 lines"):
        open_calls(path, Selection(max_bad_rows=0.24))


def parsed(*arguments: str) -> Selection:
    parser = argparse.ArgumentParser()
    add_data_argument(parser)
    add_filter_arguments(parser)
    return selection_from(parser.parse_args(arguments))


def test_flags_become_filters(path: Path) -> None:
    options = parsed(
        "--since",
        "7d",
        "--where",
        "provider=openai",
        "--where",
        "user_agent=a=b",
        "--timezone",
        "Asia/Tokyo",
        "--strict",
    )
    assert options.where == (("provider", "openai"), ("user_agent", "a=b"))
    assert options.max_bad_rows == 0
    selected = parsed("--since", "7d", "--where", "provider=openai", "--memory-limit", "500MB")
    assert kept_by(path, selected) == [3, 4]


@pytest.mark.parametrize(
    "arguments",
    [("--where", "provider"), ("--max-bad-rows", "2"), ("--max-bad-rows", "nan"), ("--max-bad-rows", "x")],
)
def test_bad_flags_are_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        parsed(*arguments)
