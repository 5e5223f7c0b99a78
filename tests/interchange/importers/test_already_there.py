"""What an import says of records that differ from a call that is there, or that look like one."""

import json
import random
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from interchange.importers.already_there import DifferingCalls, EqualCalls
from tests.interchange.importers.importing import build_mapping, import_files, written
from tests.running import run_script

MILLION = Decimal(1_000_000)
# claude-opus-4-6: 5, 0.5 for what the cache served and 25 dollars for a million tokens.
PARTIAL_USD = 353_777 * 5 / MILLION
FINAL_USD = (825 * 5 + 364_032 * Decimal("0.5") + 285 * 25) / MILLION
# gpt-4o: 2.5 and 10 dollars for a million tokens.
ROW_USD = (1_000 * Decimal("2.5") + 100 * 10) / MILLION
MAPPING = build_mapping(
    ["timestamp=when", "input_tokens=in", "output_tokens=out", "customer_id=client"],
    ["provider=openai", "model=gpt-4o"],
)


def answer(place: Path, uncached: int, cached: int, output: int, stop: str | None) -> Path:
    usage = {
        "input_tokens": uncached, "output_tokens": output, "cache_read_input_tokens": cached,
        "cache_creation_input_tokens": 0,
    }  # fmt: skip
    message = {
        "id": "m1", "type": "message", "role": "assistant", "model": "claude-opus-4-6", "stop_reason": stop,
        "content": [], "usage": usage,
    }  # fmt: skip
    line = {
        "sessionId": "s1", "version": "2.1.0", "type": "assistant", "uuid": place.name, "requestId": "r1",
        "timestamp": "2026-11-10T10:00:00.000Z", "message": message,
    }  # fmt: skip
    place.write_text(json.dumps(line) + "\n")
    return place


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    return answer(tmp_path / "monday.jsonl", 353_777, 0, 0, None)


@pytest.fixture
def final(tmp_path: Path) -> Path:
    return answer(tmp_path / "tuesday.jsonl", 825, 364_032, 285, "tool_use")


def test_a_final_record_after_its_partial_one_is_told_with_its_tokens_and_dollars(
    tmp_path: Path, partial: Path, final: Path
) -> None:
    target = tmp_path / "calls.csv"
    assert import_files(target, partial).told_otherwise == DifferingCalls()
    report = import_files(target, final)
    assert report.skipped == {"already_imported": 1}
    assert report.told_otherwise == DifferingCalls(
        1, 353_777, 825 + 364_032 + 285, PARTIAL_USD.quantize(Decimal("1e-9")), FINAL_USD
    )
    assert import_files(target, partial).told_otherwise == DifferingCalls()


def test_the_way_out_that_is_named_keeps_the_fuller_record_in_any_order(
    tmp_path: Path, partial: Path, final: Path
) -> None:
    again = answer(tmp_path / "again.jsonl", 353_777, 0, 0, None)
    for place, files in enumerate(permutations((partial, final, again))):
        target = tmp_path / f"{place}.csv"
        assert import_files(target, *files).told_otherwise == DifferingCalls()
        assert [Decimal(row["cost_usd"]) for row in written(target)] == [FINAL_USD]


def test_the_console_says_it_even_when_quiet_and_json_holds_it(
    tmp_path: Path, partial: Path, final: Path
) -> None:
    target = tmp_path / "calls.csv"
    run_script("import_usage.py", partial, "--out", target)
    for flags in (["--quiet"], ["--report"]):
        said = run_script("import_usage.py", final, "--out", target, *flags).stderr
        assert "1 record left out with the id of a call that is there already" in said
        assert f"353,777 tokens and ${PARTIAL_USD:.9f} stay" in said
        assert f"365,142 tokens and ${FINAL_USD:.9f} do not count" in said
        assert "import all files together into a new file with --out" in said
    told = json.loads(run_script("import_usage.py", final, "--out", target, "--json").stdout)[
        "told_otherwise"
    ]
    assert (told["calls"], told["tokens_left_out"]) == (1, 365_142)


def own(place: Path, **changes: Any) -> Path:
    row = {
        "timestamp": "2026-11-10T10:00:00Z", "call_id": "c1", "provider": "openai", "model": "gpt-4o",
        "input_tokens": 1_000, "output_tokens": 100, "cost_usd": "0.5", "cost_source": "reported", "request_id": "r1",
    } | changes  # fmt: skip
    place.write_text(",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n")
    return place


@pytest.mark.parametrize(
    ("changes", "calls"),
    [
        ({}, 0),
        ({"cost_usd": "0.6"}, 1),
        ({"output_tokens": 101}, 1),
        ({"request_id": "", "output_tokens": 101}, 1),
        ({"cost_usd": "0.6", "cost_source": "computed"}, 0),
        ({"input_tokens": 0, "output_tokens": 0, "cost_usd": "", "cost_source": "", "status": "error"}, 0),
    ],
    ids=["same", "reported cost", "tokens", "no request", "price of another day", "says nothing of usage"],
)
def test_what_differs_is_what_the_source_says(tmp_path: Path, changes: dict[str, Any], calls: int) -> None:
    target = tmp_path / "calls.csv"
    import_files(target, own(tmp_path / "first.csv"))
    report = import_files(target, own(tmp_path / "second.csv", **changes))
    assert report.skipped == {"already_imported": 1}
    assert report.told_otherwise.calls == calls


def table(place: Path, rows: list[str]) -> Path:
    place.write_text("when,in,out,client\n" + "".join(row + "\n" for row in rows))
    return place


def rows(count: int) -> list[str]:
    return [f"2026-11-{1 + place // 24:02}T{place % 24:02}:00:00Z,1000,100,acme" for place in range(count)]


def test_a_file_that_grew_is_told_and_the_way_out_counts_it_once(tmp_path: Path) -> None:
    monday, tuesday = table(tmp_path / "mon.csv", rows(70)), table(tmp_path / "tue.csv", rows(80))
    target = tmp_path / "calls.csv"
    assert import_files(target, monday, mapping=MAPPING).lookalikes == EqualCalls()
    assert import_files(target, monday, mapping=MAPPING).lookalikes == EqualCalls()
    dry = import_files(target, tuesday, mapping=MAPPING, dry_run=True)
    assert dry.lookalikes == EqualCalls(70, 70 * ROW_USD, 0)
    assert import_files(target, tuesday, mapping=MAPPING).lookalikes == dry.lookalikes
    alone = import_files(tmp_path / "new.csv", tuesday, mapping=MAPPING)
    assert (alone.calls, alone.cost.computed_usd, alone.lookalikes) == (80, 80 * ROW_USD, EqualCalls())


def test_files_of_one_import_are_compared_in_any_order(tmp_path: Path) -> None:
    grown = rows(9)
    random.Random(7).shuffle(grown)
    files = [table(tmp_path / "a.csv", rows(6)), table(tmp_path / "b.csv", grown)]
    for place, order in enumerate((files, files[::-1])):
        report = import_files(tmp_path / f"{place}.csv", *order, mapping=MAPPING)
        assert report.lookalikes == EqualCalls(6, 6 * ROW_USD, 0)


@pytest.mark.parametrize(("there", "added", "alike"), [(1, 3, 1), (2, 2, 2), (3, 1, 1), (0, 3, 0)])
def test_a_record_counts_as_often_as_in_the_place_that_has_it_most_often(
    tmp_path: Path, there: int, added: int, alike: int
) -> None:
    row, other = rows(2)
    target = tmp_path / "calls.csv"
    import_files(target, table(tmp_path / "a.csv", [row] * there + [other]), mapping=MAPPING)
    found = import_files(target, table(tmp_path / "b.csv", [row] * added), mapping=MAPPING).lookalikes
    assert found == EqualCalls(alike, alike * ROW_USD, 0)


def test_other_times_tokens_or_customers_are_other_calls(tmp_path: Path) -> None:
    target = tmp_path / "calls.csv"
    import_files(target, table(tmp_path / "a.csv", rows(1)), mapping=MAPPING)
    others = [
        rows(2)[1], "2026-11-01T00:00:00Z,1001,100,acme", "2026-11-01T00:00:00Z,1000,101,acme",
        "2026-11-01T00:00:00Z,1000,100,globex",
    ]  # fmt: skip
    assert import_files(target, table(tmp_path / "b.csv", others), mapping=MAPPING).lookalikes == EqualCalls()


def test_the_console_says_what_may_count_twice(tmp_path: Path) -> None:
    flags = [
        "--format", "csv", "--map", "timestamp=when", "--map", "input_tokens=in", "--map", "output_tokens=out",
        "--set", "model=secret-9", "--quiet", "--out", tmp_path / "calls.csv",
    ]  # fmt: skip
    run_script("import_usage.py", table(tmp_path / "a.csv", rows(2)), *flags)
    said = run_script("import_usage.py", table(tmp_path / "b.csv", rows(3)), *flags).stderr
    assert (
        "2 records added without an id, but with the time, model, tokens and customer of calls in the target"
        in said
    )
    assert "an unknown cost on 2" in said
    assert "--map call_id=FIELD" in said
