"""Rows C30 and C31: values that are kept though they cannot be true, and what the reports make of them."""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from calls.engine import open_calls
from calls.reading.load_statistics import EARLIEST
from calls.selection import Selection
from foundation.outcome import NoUsableData
from tests.calls.call_files import row, write
from tests.running import run_script

DAYS = 20


def plain_rows() -> list[dict[str, str]]:
    """Two calls per hour for twenty days, of five customers, at a cent each."""
    return [
        row(
            number,
            timestamp=f"2026-05-{1 + number // 48:02}T{number % 48 // 2:02}:00:00.{number % 2:06}Z",
            customer_id=f"c{number % 5}",
            cost_usd="0.01",
            input_tokens="100",
            output_tokens="10",
            latency_ms="900",
        )
        for number in range(DAYS * 48)
    ]


def all_reports(data: Path, out: Path) -> dict[str, Any]:
    """The eight JSON reports of a file; none may fail."""
    run_script("run_all_analyzers.py", "--data", data, "--out", out, "--quiet", env=os.environ)
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in (out / "json").glob("*.json")}
    statuses = json.loads((out / "html" / "manifest.json").read_text("utf-8"))["pages"]
    assert [page.get("stale") for page in statuses if page.get("stale")] == []
    return found


@pytest.mark.parametrize("suffix", ["", "--parquet"])
def test_c30_sums_of_absurd_counts_are_exact(tmp_path: Path, suffix: str) -> None:
    absurd = "9" * 18
    entries = plain_rows()
    for number in range(12):
        entries.append(
            row(5000 + number, timestamp="2026-05-10T12:30:00Z", customer_id="c1", cost_usd="0.01",
                input_tokens=absurd, output_tokens=absurd, latency_ms=absurd)
        )  # fmt: skip
    data = write(tmp_path / "x.csv", entries)
    if suffix:
        with open_calls(data) as calls:
            data = tmp_path / "x.parquet"
            calls.write_parquet(data)
    reports = all_reports(data, tmp_path / "out")
    assert len(reports) >= 8
    quality = reports["data_quality"]["source"]
    assert quality["flagged"]["input_tokens_out_of_range"] == 12
    assert Decimal(quality["total_usd"]) == Decimal("0.01") * (DAYS * 48 + 12)
    total = reports["finops_understanding"]["result"]["breakdown"]["total"]
    assert total["input_tokens"] == 100 * DAYS * 48 + 12 * int(absurd)


def test_c31_a_time_far_off_counts_in_totals_and_in_no_series(tmp_path: Path) -> None:
    far = [row(9000, timestamp="2099-03-04T05:06:07Z", customer_id="only then", cost_usd="7"),
           row(9001, timestamp="2001-03-04T05:06:07Z", customer_id="c1", cost_usd="5")]  # fmt: skip
    data = write(tmp_path / "x.csv", plain_rows() + far)
    reports = all_reports(data, tmp_path / "out")
    quality = reports["data_quality"]["source"]
    assert (quality["flagged"]["future_timestamp"], quality["flagged"]["past_timestamp"]) == (1, 1)
    assert quality["undated"] == 2
    expected = Decimal("0.01") * DAYS * 48 + 12
    assert Decimal(quality["total_usd"]) == expected
    result = reports["finops_understanding"]["result"]
    assert Decimal(str(result["breakdown"]["total"]["cost_usd"])) == expected
    assert len(result["time"]["days"]) == DAYS
    assert sum(Decimal(str(day["usage"]["cost_usd"])) for day in result["time"]["days"]) == expected - 12
    page = (tmp_path / "out" / "html" / "finops_understanding.html").read_text("utf-8")
    assert "2 calls with a time that is not plausible" in page
    assert "1 May to 20 May 2026" in (tmp_path / "out" / "summary.txt").read_text("utf-8")


def test_c31_the_bounds_of_plausible_times(tmp_path: Path) -> None:
    entries = [
        row(0, timestamp="2014-12-31T23:59:59.999999Z"),
        row(1, timestamp="2015-01-01T00:00:00Z"),
        row(2),
    ]
    with open_calls(write(tmp_path / "x.csv", entries)) as calls:
        assert (calls.source.undated, calls.source.period.first) == (1, EARLIEST)
        assert calls.source.used == 3
        assert [tuple(r) for r in calls.sql("select count(*), count(local_hour) from calls")] == [(3, 2)]


def test_c31_a_span_back_begins_at_the_last_plausible_call(tmp_path: Path) -> None:
    data = write(tmp_path / "x.csv", [*plain_rows(), row(9000, timestamp="2099-03-04T05:06:07Z")])
    with open_calls(data, Selection(since="2d")) as calls:
        assert calls.source.period.first.isoformat() == "2026-05-18T23:00:00.000001"
        assert calls.source.undated == 1


def test_c31_times_that_are_all_alike_are_taken_as_they_are(tmp_path: Path) -> None:
    data = write(tmp_path / "x.csv", [row(n, timestamp=f"2001-03-04T0{n}:06:07Z") for n in range(5)])
    with open_calls(data) as calls:
        assert (calls.source.undated, calls.source.period.days) == (0, 1)
        assert calls.source.flagged["past_timestamp"] == 5


def test_c31_filters_that_leave_such_times_alone_are_refused(tmp_path: Path) -> None:
    data = write(
        tmp_path / "x.csv", [*plain_rows(), row(9000, timestamp="2099-03-04T05:06:07Z", customer_id="x")]
    )
    with pytest.raises(NoUsableData, match="not plausible"):
        open_calls(data, Selection(where=(("customer_id", "x"),)))
