"""Rows C3 to C5, C10, C14 and policies P1 and P3: what the pages say of a file that is not all good."""

import json
import os
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from calls.schema import REQUIRED_NAMES
from foundation.outcome import ExitCode
from tests.calls.call_files import row, rows, text, write
from tests.faults.report_sets import copied, set_on_disk
from tests.running import run_script

NUMBERS = ("input_tokens", "output_tokens", "cost_usd", "latency_ms")
NO_NUMBERS = ("nan", "inf", "-inf", "1e309")


def report(data: Path, out: Path, *flags: object, code: int = 0, **environment: str) -> str:
    """Runs the analyzers; what they said on stderr."""
    done = run_script(
        "run_all_analyzers.py", "--data", data, "--out", out, *flags, "--quiet", code=code, env=os.environ | environment
    )  # fmt: skip
    return done.stderr


def quality(out: Path) -> dict[str, Any]:
    source: dict[str, Any] = json.loads((out / "json" / "data_quality.json").read_text(encoding="utf-8"))[
        "source"
    ]
    return source


def no_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def test_c03_no_file_says_nan_or_infinity(tmp_path: Path) -> None:
    entries = [row(number, customer_id=f"c{number % 5}") for number in range(60)]
    entries += [row(100, **{name: value}) for name in NUMBERS for value in NO_NUMBERS]
    entries += [
        row(200 + number, cost_usd="", latency_ms="", input_tokens="0", output_tokens="0")
        for number in range(9)
    ]
    entries += [row(300, customer_id="no cost known", cost_usd="", model="unpriced")]
    report(write(tmp_path / "x.csv", entries), tmp_path)
    assert quality(tmp_path)["rejected"] == {"bad_number": len(NUMBERS) * len(NO_NUMBERS)}
    for file in (*tmp_path.rglob("*.json"), tmp_path / "summary.txt"):
        content = file.read_text(encoding="utf-8")
        assert not re.search(r"\b(NaN|Infinity)\b", content), file.name
        if file.suffix == ".json":
            json.loads(content, parse_constant=no_constant)
    for file in tmp_path.rglob("*.html"):
        content = file.read_text(encoding="utf-8")
        for block in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', content, re.DOTALL):
            json.loads(block, parse_constant=no_constant)
        code_free = re.sub(r"<(script|style)\b(?![^>]*json).*?</\1>", "", content, flags=re.DOTALL)
        assert not re.search(r"\b(NaN|Infinity|undefined)\b", code_free), file.name


def test_c04_credits_are_shown_apart(tmp_path: Path) -> None:
    entries = [row(n, customer_id=f"c{n % 5}") for n in range(40)]
    entries += [row(50, cost_usd="-0.25"), row(51, cost_usd="-1.5")]
    report(write(tmp_path / "x.csv", entries), tmp_path, "--allow-credits")
    found = quality(tmp_path)
    assert (found["total_usd"], found["credits_usd"]) == ("-1.690000000", "-1.750000000")
    assert (found["flagged"], found["rejected"]) == ({"credit": 2}, {})
    assert json.loads((tmp_path / "html" / "manifest.json").read_text())["source"]["allow_credits"] is True
    for page in (tmp_path / "html").glob("*.html"):
        assert '<dd data-quality="credits">−$1.75</dd>' in page.read_text(), page.name


def masked(content: bytes) -> bytes:
    """Without what tells one file from another: fingerprint, size and times."""
    for rule in (rb"[0-9a-f]{64}", rb"[0-9a-f]{32}", rb"<code>[0-9a-f]{12}</code>", rb'"(size_bytes|mtime_ns)": ?\d+',
                 rb"\d{8}T\d{6}Z-[0-9a-f]{10}", rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", rb"file written [^<]*"):  # fmt: skip
        content = re.sub(rule, b"", content)
    return content


def test_c05_a_byte_order_mark_changes_no_page(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [row(number, customer_id=f"c{number % 5}") for number in range(60)])
    report(path, tmp_path / "plain", SOURCE_DATE_EPOCH="1795000000")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    report(path, tmp_path / "marked", SOURCE_DATE_EPOCH="1795000000")
    plain, marked = set_on_disk(tmp_path / "plain"), set_on_disk(tmp_path / "marked")
    assert plain.keys() == marked.keys()
    for name in plain:
        assert masked(plain[name]) == masked(marked[name]), name


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before")
    report(write(folder / "x.csv", rows(40)), folder / "reports")
    return folder / "reports"


@pytest.mark.parametrize("trouble", ["lacks", "repeats"])
def test_c10_a_header_that_cannot_be_used_publishes_nothing(
    before: Path, tmp_path: Path, trouble: str
) -> None:
    reports = copied(before, tmp_path / "reports")
    names = tuple(name for name in REQUIRED_NAMES if name != "model")
    data = write(tmp_path / "x.csv", rows(3), names if trouble == "lacks" else (*REQUIRED_NAMES, "model"))
    said = report(data, reports, code=ExitCode.NO_DATA)
    assert "'model'" in said
    assert len(said.strip().splitlines()) == 1
    assert set_on_disk(reports) == set_on_disk(before)
    assert (reports / "summary.txt").read_bytes() == (before / "summary.txt").read_bytes()


def header_only() -> bytes:
    return text([]).encode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "run_all_simulators.py"),
        (b"", "run_all_simulators.py"),
        (header_only(), "run a simulator or an import"),
        (header_only() + b"x,y\n" * 5, "not one of 5 lines can be used"),
        (text([row(1, cost_usd="-1"), row(2, input_tokens="x")]).encode(), "bad_number 1, negative_cost 1"),
    ],
    ids=["missing", "empty", "header", "ragged", "rejected"],
)
def test_c14_nothing_usable_leaves_the_reports_as_they_were(
    before: Path, tmp_path: Path, content: bytes | None, says: str
) -> None:
    reports, data = copied(before, tmp_path / "reports"), tmp_path / "x.csv"
    if content is not None:
        data.write_bytes(content)
    said = report(data, reports, code=ExitCode.NO_DATA)
    assert says in said
    assert len(said.strip().splitlines()) == 1
    assert set_on_disk(reports) == set_on_disk(before)
    assert verify_passes(reports)


def verify_passes(reports: Path) -> bool:
    return run_script("verify_reports.py", "--out", reports).returncode == 0


def test_p01_p03_every_line_has_a_verdict_that_every_page_shows(tmp_path: Path) -> None:
    long = row(7, customer_id="<b>\t\x1b" + "y" * 300, input_tokens="1.5")
    entries = [row(number, customer_id=f"c{number % 5}") for number in range(50)]
    entries += [row(1, customer_id="c1"), row(2, customer_id="other"), long, row(8, timestamp="never")]
    path = write(tmp_path / "x.csv", entries)
    with path.open("a") as file:
        file.write("1,2\n2026-03-09T10:00:00Z,torn")
    report(path, tmp_path)
    found = quality(tmp_path)
    assert found["data_lines"] == len(entries) + 1
    assert found["rejected"] == {"bad_number": 1, "bad_timestamp": 1, "field_count": 1}
    assert found["accepted"] + found["duplicates"] + found["rejected_total"] == found["data_lines"]
    assert (found["duplicates"], found["flagged"], found["torn_tail"]) == (1, {"shared_call_id": 2}, True)
    raw = path.read_bytes()
    for line in found["rejected_lines"]:
        assert raw[line["byte_offset"] :].startswith(raw.splitlines(keepends=True)[line["line"] - 1])
    first = found["rejected_lines"][0]
    assert (first["line"], first["reason"]) == (54, "bad_number")
    assert first["text"].isprintable()
    assert len(first["text"]) <= 200 + len("\\x1b\\t")
    for page in (tmp_path / "html").glob("*.html"):
        shown = page.read_text(encoding="utf-8")
        facts = dict(re.findall(r'<dd data-quality="(\w+)">([^<]*)</dd>', shown))
        assert (facts["read"], facts["used"], facts["rejected"], facts["duplicates"]) == (
            "55",
            "51",
            "3",
            "1",
        ), page.name
        assert facts["total"] == f"${0.0015 * 51:.2f}"
        assert "The file&#39;s last line was cut off" in shown or "The file's last line was cut off" in shown
        assert "<code>shared_call_id</code> 2" in shown
        assert first["text"] in unescape(shown)
    for json_report in (tmp_path / "json").glob("*.json"):
        source = json.loads(json_report.read_text(encoding="utf-8"))["source"]
        assert source["total_usd"] == "0.076500000", json_report.name
