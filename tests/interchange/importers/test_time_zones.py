"""Times without a zone: UTC unless the user names one, whose clocks are followed to the minute."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.outcome import UsageError
from interchange.importers.report_text import brief_lines
from interchange.importers.staging import workbench
from interchange.importers.time_zones import doubt_sql, in_zone_sql
from tests.interchange.importers.importing import build_mapping, imported

MAPS = ["timestamp=when", "input_tokens=in", "output_tokens=out"]


def times(
    tmp_path: Path, *texts: str, maps: list[str] = MAPS, **said: str
) -> tuple[list[str], dict[str, int], list[str]]:
    """The instants of some times, what there was to say of them, and the lines that say it."""
    text = "when,in,out\n" + "".join(f'"{each}",{number},1\n' for number, each in enumerate(texts, start=1))
    report, rows = imported(tmp_path, text, mapping=build_mapping(maps, [], **said), format="csv")
    return [row["timestamp"] for row in rows], report.unzoned, brief_lines(report)


def test_without_a_flag_they_are_utc_and_the_report_says_so(tmp_path: Path) -> None:
    found, unzoned, lines = times(
        tmp_path, "2026-11-20 08:00:00", "2026-11-20T08:00:00+01:00", "1795161600", "2026-11-20T08:00:00Z"
    )
    assert found == [
        "2026-11-20T08:00:00.000000Z",
        "2026-11-20T07:00:00.000000Z",
        "2026-11-20T08:00:00.000000Z",
        "2026-11-20T08:00:00.000000Z",
    ]
    assert unzoned == {"unzoned": 1}
    assert any(
        "1 call: the time names no zone and is read in UTC; say another one with --timezone" in line
        for line in lines
    )


def test_a_zone_holds_for_times_that_name_none(tmp_path: Path) -> None:
    found, unzoned, lines = times(
        tmp_path, "2026-11-20 08:00:00.5", "2026-07-20T08:00", "2026-07-20", "2026/07/20 08:00:00", "2026-07-20T08:00:00Z",
        "2026-07-20 08:00:00 +0000", "1795161600", timezone="Europe/Berlin",
    )  # fmt: skip
    assert found == [
        "2026-11-20T07:00:00.500000Z", "2026-07-20T06:00:00.000000Z", "2026-07-19T22:00:00.000000Z",
        "2026-07-20T06:00:00.000000Z", "2026-07-20T08:00:00.000000Z", "2026-07-20T08:00:00.000000Z",
        "2026-11-20T08:00:00.000000Z",
    ]  # fmt: skip
    assert unzoned == {"unzoned": 4}
    assert "  4 calls: the time names no zone and is read in Europe/Berlin" in lines


def test_clocks_that_are_moved_skip_an_hour_and_show_one_twice(tmp_path: Path) -> None:
    found, unzoned, lines = times(
        tmp_path,
        "2026-03-29 01:59:59", "2026-03-29 02:00:00", "2026-03-29 02:59:59", "2026-03-29 03:00:00",
        "2026-10-25 01:59:59", "2026-10-25 02:00:00", "2026-10-25 02:59:59", "2026-10-25 03:00:00",
        timezone="Europe/Berlin",
    )  # fmt: skip
    # By hand: CET is UTC+1 until 29 March 01:00Z, CEST is UTC+2 until 25 October 01:00Z.
    assert [each[5:19] for each in found] == [
        "03-29T00:59:59", "03-29T01:00:00", "03-29T01:59:59", "03-29T01:00:00",
        "10-24T23:59:59", "10-25T00:00:00", "10-25T00:59:59", "10-25T02:00:00",
    ]  # fmt: skip
    assert unzoned == {"unzoned": 4, "skipped": 2, "twice": 2}
    assert any(
        "2 calls: the clocks of Europe/Berlin showed the time twice; it is read as the first" in line
        for line in lines
    )
    assert any("2 calls: the clocks of Europe/Berlin never showed the time" in line for line in lines)


def test_times_in_a_format_of_the_users_and_ends_follow_the_zone(tmp_path: Path) -> None:
    text = "Zeit,Ende,in,out\n20.07.2026 08:00:00,2026-07-20 08:00:02,1,1\n"
    mapping = build_mapping(
        ["timestamp=Zeit", "end_time=Ende", "input_tokens=in", "output_tokens=out"], [],
        time_format="%d.%m.%Y %H:%M:%S", timezone="Europe/Berlin",
    )  # fmt: skip
    _, (row,) = imported(tmp_path, text, mapping=mapping)
    assert (row["timestamp"], row["latency_ms"]) == ("2026-07-20T06:00:00.000000Z", "2000")


def test_a_format_with_an_offset_needs_no_zone(tmp_path: Path) -> None:
    found, unzoned, _ = times(
        tmp_path, "20.07.2026 08:00 +0530", time_format="%d.%m.%Y %H:%M %z", timezone="Europe/Berlin"
    )
    assert (found, unzoned) == (["2026-07-20T02:30:00.000000Z"], {})


def test_a_start_without_a_zone_is_one_of_the_zone_and_relative_times_are_not_moved_again(
    tmp_path: Path,
) -> None:
    found, unzoned, _ = times(tmp_path, "0", "90", start="2026-07-20T08:00:00", timezone="Europe/Berlin")
    assert found == ["2026-07-20T06:00:00.000000Z", "2026-07-20T06:01:30.000000Z"]
    assert unzoned == {}
    (tmp_path / "calls.csv").unlink()
    assert times(tmp_path, "90", start="2026-07-20T08:00:00Z", timezone="Europe/Berlin")[0] == [
        "2026-07-20T08:01:30.000000Z"
    ]


def test_a_time_for_all_and_a_column_of_our_own_name_follow_the_zone(tmp_path: Path) -> None:
    records = [
        {"timestamp": "2026-07-20 08:00:00", "input_tokens": 1, "output_tokens": 1},
        {"input_tokens": 2, "output_tokens": 1},
    ]
    mapping = build_mapping([], ["timestamp=2026-07-21 08:00:00"], timezone="Asia/Kolkata")
    report, rows = imported(tmp_path, records, mapping=mapping)
    assert [row["timestamp"][:19] for row in rows] == ["2026-07-20T02:30:00", "2026-07-21T02:30:00"]
    assert report.unzoned == {"unzoned": 1}


def test_a_source_that_documents_its_zone_is_not_moved(tmp_path: Path) -> None:
    run = {
        "id": "r", "trace_id": "t", "dotted_order": "x", "run_type": "llm", "name": "ChatOpenAI",
        "start_time": "2026-07-20T08:00:00.000000", "end_time": "2026-07-20T08:00:01.000000", "prompt_tokens": 10,
        "completion_tokens": 1, "extra": {"metadata": {"ls_model_name": "gpt-4o", "ls_provider": "openai"}},
    }  # fmt: skip
    report, (row,) = imported(tmp_path, [run], mapping=build_mapping([], [], timezone="Asia/Kolkata"))
    assert (report.files[0].format, row["timestamp"]) == ("LangSmith runs", "2026-07-20T08:00:00.000000Z")
    assert report.unzoned == {}


@pytest.mark.parametrize("zone", ["Berlin", "localtime", "GMT+25", "../etc"])
def test_a_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(UsageError, match="give an IANA name such as Europe/Berlin or UTC"):
        build_mapping(MAPS, [], timezone=zone)


ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Europe/London",
]


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(zone=st.sampled_from(ZONES), data=st.data())
def test_they_are_what_the_library_of_python_says(
    tmp_path_factory: pytest.TempPathFactory, zone: str, data: st.DataObject
) -> None:
    minutes = data.draw(st.lists(st.integers(0, 10 * 365 * 24 * 2), min_size=50, max_size=50))
    locals_ = [datetime(2016, 1, 1) + timedelta(minutes=30 * each) for each in minutes]  # noqa: DTZ001  local times
    expected = [_by_python(each, ZoneInfo(zone)) for each in locals_]
    with workbench(tmp_path_factory.mktemp("bench")) as connection:
        rows = connection.execute(
            f"select strftime(instant({in_zone_sql('t', zone)}), '%Y-%m-%d %H:%M:%S'), {doubt_sql('t', zone)} "
            "from (select unnest($texts) as t)", {"texts": [str(each) for each in locals_]},
        ).fetchall()  # fmt: skip
    assert rows == expected


def _by_python(local: datetime, zone: ZoneInfo) -> tuple[str, str]:
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    doubt = "skipped" if back != local else "twice" if first.utcoffset() != second.utcoffset() else "unzoned"
    return first.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"), doubt
