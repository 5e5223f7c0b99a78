"""Imports converge: any order and any overlap of files gives the same calls, and the report says what happened."""

import csv
import json
import random
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.schema import REQUIRED_NAMES
from foundation.outcome import UserError
from interchange.importers.convergence import Convergence, Outranked, Replaced
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


def test_a_final_record_takes_the_place_of_its_partial_one_and_the_report_says_what_moves(
    tmp_path: Path, partial: Path, final: Path
) -> None:
    target = tmp_path / "calls.csv"
    assert import_files(target, partial).convergence == Convergence()
    report = import_files(target, final)
    assert (report.calls, report.added, report.skipped) == (1, 0, {})
    assert report.convergence.replaced == Replaced(1, 353_777, 825 + 364_032 + 285, PARTIAL_USD, FINAL_USD)
    assert [Decimal(row["cost_usd"]) for row in written(target)] == [FINAL_USD]
    again = import_files(target, partial)
    assert again.skipped == {"fuller_there": 1}
    assert again.convergence.outranked == Outranked(1, 365_142, 353_777, FINAL_USD, PARTIAL_USD)
    assert [Decimal(row["cost_usd"]) for row in written(target)] == [FINAL_USD]


def test_a_dry_run_tells_the_same_and_changes_nothing(tmp_path: Path, partial: Path, final: Path) -> None:
    target = tmp_path / "calls.csv"
    import_files(target, partial)
    before = target.read_bytes()
    assert import_files(target, final, dry_run=True).convergence.replaced.usd_after == FINAL_USD
    assert target.read_bytes() == before


def test_a_final_record_counts_even_if_the_partial_one_has_more_tokens(tmp_path: Path) -> None:
    more, last = answer(tmp_path / "a", 900, 0, 9, None), answer(tmp_path / "b", 100, 0, 5, "end_turn")
    for place, order in enumerate(permutations((more, last))):
        for file in order:
            import_files(tmp_path / f"{place}.csv", file)
        assert [row["input_tokens"] for row in written(tmp_path / f"{place}.csv")] == ["100"]


def test_files_together_or_one_by_one_in_any_order_give_the_same(
    tmp_path: Path, partial: Path, final: Path
) -> None:
    again = answer(tmp_path / "again.jsonl", 353_777, 0, 0, None)
    for place, files in enumerate(permutations((partial, final, again))):
        together, alone = tmp_path / f"{place}-a.csv", tmp_path / f"{place}-b.csv"
        import_files(together, *files)
        for file in files:
            import_files(alone, file)
        assert [Decimal(row["cost_usd"]) for row in written(together)] == [FINAL_USD]
        assert written(alone) == written(together)


def test_the_console_says_it_and_json_holds_it(tmp_path: Path, partial: Path, final: Path) -> None:
    target = tmp_path / "calls.csv"
    run_script("import_usage.py", partial, "--out", target)
    told = json.loads(run_script("import_usage.py", final, "--out", target, "--json", "--dry-run").stdout)
    assert (told["added"], told["replaced"], told["same"]) == (0, 1, 0)
    assert Decimal(str(told["convergence"]["replaced"]["usd_after"])) == FINAL_USD
    said = run_script("import_usage.py", final, "--out", target, "--report").stdout
    assert "Rows read: 1 = 0 calls added + 1 replaced + 0 the same + 0 skipped" in said
    assert "353,777 tokens become 365,142" in said
    assert f"${PARTIAL_USD:.9f} become ${FINAL_USD:.9f}" in said


def test_a_replacement_leaves_every_other_row_its_columns_and_its_place(
    tmp_path: Path, partial: Path, final: Path
) -> None:
    target = tmp_path / "calls.csv"
    other = {
        "timestamp": "2026-11-01T10:00:00Z", "call_id": "é, \"x\"", "input_tokens": "1", "output_tokens": "2",
        "model": "a\nb", "colour": "blue",
    }  # fmt: skip
    names = [*REQUIRED_NAMES, "colour"]
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\r\n")
        writer.writeheader()
        writer.writerow(other)
    target.chmod(0o640)
    import_files(target, partial)
    last = own(tmp_path / "own.csv")
    import_files(target, last)
    import_files(target, final)
    rows = written(target)
    assert [row["call_id"] for row in rows] == [other["call_id"], "c1", "r1"]
    assert {name: rows[0][name] for name in other} == other
    assert target.stat().st_mode & 0o777 == 0o640
    assert import_files(target, partial, final, last).calls == 0


def test_a_file_that_is_not_wholly_readable_keeps_what_it_has(
    tmp_path: Path, partial: Path, final: Path
) -> None:
    target = tmp_path / "calls.csv"
    import_files(target, partial)
    with target.open("a") as file:
        file.write("a,line,of,its,own\n")
    before = target.read_bytes()
    with pytest.raises(UserError, match="lines that cannot be read"):
        import_files(target, final)
    assert target.read_bytes() == before


def event(place: Path, **changes: Any) -> Path:
    said = {
        "event.name": "api_request", "request_id": "r1", "model": "claude-opus-4-6", "input_tokens": 825,
        "cache_read_tokens": 364_032, "cache_creation_tokens": 0, "output_tokens": 285, "cost_usd": "0.2",
        "duration_ms": 5_000, "event.timestamp": "2026-11-10T10:00:04Z",
    } | changes  # fmt: skip
    attributes = [{"key": key, "value": {"stringValue": str(value)}} for key, value in said.items()]
    record = {"body": {"stringValue": "claude_code.api_request"}, "attributes": attributes}
    place.write_text(json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}) + "\n")
    return place


def test_a_transcript_and_the_telemetry_of_one_request_are_one_call_with_the_reported_cost(
    tmp_path: Path, final: Path
) -> None:
    log = event(tmp_path / "log.jsonl")
    for place, files in enumerate(permutations((final, log))):
        together, alone = tmp_path / f"{place}-a.csv", tmp_path / f"{place}-b.csv"
        import_files(together, *files)
        for file in files:
            import_files(alone, file)
        for (row,) in (written(together), written(alone)):
            assert (row["input_tokens"], row["cached_input_tokens"]) == ("364857", "364032")
            assert (Decimal(row["cost_usd"]), row["cost_source"]) == (Decimal("0.2"), "reported")


def own(place: Path, **changes: Any) -> Path:
    row = {
        "timestamp": "2026-11-10T10:00:00Z", "call_id": "c1", "provider": "openai", "model": "gpt-4o",
        "input_tokens": 1_000, "output_tokens": 100, "cost_usd": "0.5", "cost_source": "reported", "request_id": "r1",
    } | changes  # fmt: skip
    place.write_text(",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n")
    return place


@pytest.mark.parametrize(
    ("changes", "kept", "reason"),
    [
        ({}, "0.5", "already_imported"),
        ({"cost_usd": "0.4"}, "0.5", "fuller_there"),
        ({"cost_usd": "0.6"}, "0.6", ""),
        ({"output_tokens": 101}, "0.5", ""),
        ({"output_tokens": 99}, "0.5", "fuller_there"),
        ({"request_id": "", "output_tokens": 101, "cost_usd": "0.7"}, "0.7", ""),
        ({"cost_usd": "0.6", "cost_source": "computed"}, "0.5", "already_imported"),
        ({"input_tokens": 0, "output_tokens": 0, "cost_usd": "", "status": "error"}, "0.5", "fuller_there"),
    ],
    ids=["same", "less cost", "more cost", "more", "less", "no request", "price of another day", "an error"],
)
def test_the_fuller_record_of_an_id_stays(
    tmp_path: Path, changes: dict[str, Any], kept: str, reason: str
) -> None:
    target = tmp_path / "calls.csv"
    import_files(target, own(tmp_path / "first.csv"))
    report = import_files(target, own(tmp_path / "second.csv", **changes))
    assert report.skipped == ({reason: 1} if reason else {})
    (row,) = written(target)
    assert Decimal(row["cost_usd"]) == Decimal(kept)
    back = tmp_path / "back.csv"
    for name in ("second.csv", "first.csv"):
        import_files(back, tmp_path / name)
    assert written(back)[0]["cost_usd"] == row["cost_usd"]


def test_an_id_of_an_application_at_another_time_is_another_call(tmp_path: Path) -> None:
    target = tmp_path / "calls.csv"
    import_files(target, own(tmp_path / "first.csv", request_id=""))
    later = own(tmp_path / "second.csv", request_id="", timestamp="2026-11-10T10:00:01Z")
    report = import_files(target, later)
    assert (report.added, report.convergence.apart.same_id) == (1, 1)
    assert report.convergence.apart.same_id_usd == Decimal("0.5")
    assert import_files(target, later).calls == 0


def table(place: Path, rows: list[str]) -> Path:
    place.write_text("when,in,out,client\n" + "".join(row + "\n" for row in rows))
    return place


def rows(count: int) -> list[str]:
    return [f"2026-11-{1 + place // 24:02}T{place % 24:02}:00:00Z,1000,100,acme" for place in range(count)]


def test_of_a_file_that_grew_only_what_is_new_is_added_whatever_its_order(tmp_path: Path) -> None:
    grown = rows(80)
    random.Random(7).shuffle(grown)
    monday, tuesday = table(tmp_path / "mon.csv", rows(70)), table(tmp_path / "tue.csv", grown)
    windows = tmp_path / "windows.csv"
    windows.write_bytes(tuesday.read_bytes().replace(b"\n", b"\r\n"))
    target = tmp_path / "calls.csv"
    assert import_files(target, monday, mapping=MAPPING).calls == 70
    assert import_files(target, tuesday, mapping=MAPPING, dry_run=True).calls == 10
    report = import_files(target, tuesday, mapping=MAPPING)
    assert (report.added, report.same, report.cost.computed_usd) == (10, 70, 10 * ROW_USD)
    assert import_files(target, windows, monday, mapping=MAPPING).calls == 0
    assert sum(Decimal(row["cost_usd"]) for row in written(target)) == 80 * ROW_USD


def test_a_mapping_that_says_more_finds_the_same_rows(tmp_path: Path) -> None:
    target = tmp_path / "calls.csv"
    source = table(tmp_path / "a.csv", rows(3))
    less = build_mapping(["timestamp=when", "input_tokens=in", "output_tokens=out"], ["model=gpt-4o"])
    import_files(target, source, mapping=less)
    report = import_files(target, source, mapping=MAPPING)
    assert (report.added, report.convergence.replaced.calls) == (0, 3)
    assert [row["customer_id"] for row in written(target)] == ["acme"] * 3
    assert import_files(target, source, mapping=less).same == 3


@pytest.mark.parametrize(("there", "added"), [(1, 3), (2, 2), (3, 1), (0, 3)])
def test_a_record_counts_as_often_as_in_the_file_that_has_it_most_often(
    tmp_path: Path, there: int, added: int
) -> None:
    row, other = rows(2)
    files = [table(tmp_path / "a.csv", [row] * there + [other]), table(tmp_path / "b.csv", [row] * added)]
    for file in files:
        import_files(tmp_path / "alone.csv", file, mapping=MAPPING)
    import_files(tmp_path / "together.csv", *files[::-1], mapping=MAPPING)
    for name in ("alone.csv", "together.csv"):
        assert len(written(tmp_path / name)) == max(there, added) + 1


def test_other_times_tokens_or_customers_are_other_calls(tmp_path: Path) -> None:
    target = tmp_path / "calls.csv"
    import_files(target, table(tmp_path / "a.csv", rows(1)), mapping=MAPPING)
    others = [
        rows(2)[1], "2026-11-01T00:00:00Z,1001,100,acme", "2026-11-01T00:00:00Z,1000,101,acme",
        "2026-11-01T00:00:00Z,1000,100,globex",
    ]  # fmt: skip
    report = import_files(target, table(tmp_path / "b.csv", others), mapping=MAPPING)
    assert (report.calls, report.convergence) == (4, Convergence())


def test_the_console_says_what_may_count_twice(tmp_path: Path) -> None:
    flags = [
        "--format", "csv", "--map", "timestamp=when", "--map", "input_tokens=in", "--map", "output_tokens=out",
        "--set", "model=secret-9", "--quiet", "--out", tmp_path / "calls.csv",
    ]  # fmt: skip
    run_script("import_usage.py", table(tmp_path / "a.csv", rows(2)), *flags)
    noted = tmp_path / "b.csv"
    noted.write_text("when,in,out,client,note\n" + "".join(f"{row},seen\n" for row in rows(3)))
    said = run_script("import_usage.py", noted, *flags).stderr
    assert (
        "2 records added without an id, but with the time, model, tokens and customer of calls in the target"
        in said
    )
    assert "an unknown cost on 2" in said
    assert "--map call_id=FIELD" in said


LINES = st.lists(
    st.builds(
        dict,
        request=st.sampled_from(["r1", "r2", "r3"]), input=st.integers(0, 3), output=st.integers(0, 3),
        stop=st.sampled_from([None, "end_turn"]), second=st.integers(0, 2),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


def transcript(place: Path, lines: list[dict[str, Any]]) -> Path:
    texts = []
    for number, line in enumerate(lines):
        message = {
            "id": f"m-{line['request']}", "model": "claude-opus-4-6", "stop_reason": line["stop"],
            "usage": {"input_tokens": line["input"], "output_tokens": line["output"]},
        }  # fmt: skip
        texts.append(json.dumps({
            "sessionId": "s", "version": "2", "type": "assistant", "uuid": f"{place.name}-{number}",
            "requestId": line["request"], "timestamp": f"2026-11-10T10:00:0{line['second']}Z", "message": message,
        }))  # fmt: skip
    place.write_text("\n".join(texts) + "\n")
    return place


def money(target: Path) -> list[tuple[str, ...]]:
    names = ("call_id", "input_tokens", "output_tokens", "cost_usd", "status")
    return sorted(tuple(row[name] for name in names) for row in written(target))


@settings(max_examples=12, deadline=None)
@given(LINES, st.data())
def test_any_order_and_any_split_of_the_lines_of_a_session_give_the_same_calls(
    tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, Any]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("split")
    whole, pieces = folder / "whole.csv", folder / "pieces.csv"
    import_files(whole, transcript(folder / "whole.jsonl", lines))
    shuffled = data.draw(st.permutations(lines))
    cut = data.draw(st.integers(0, len(lines)))
    for place, piece in enumerate((shuffled[cut:], shuffled[:cut])):
        if piece:
            report = import_files(pieces, transcript(folder / f"{place}.jsonl", piece))
            assert report.rows_read == report.added + report.convergence.replaced.calls + sum(
                report.skipped.values()
            )
    assert money(pieces) == money(whole)
    assert {row[0] for row in money(whole)} == {line["request"] for line in lines}


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", ""]), st.integers(0, 2), st.integers(0, 3), st.integers(0, 3)),
        min_size=1, max_size=8, unique=True,
    ),
    st.data(),
)  # fmt: skip
def test_any_order_and_any_split_of_a_table_give_the_same_calls(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, int, int, int]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("split")
    mapping = build_mapping(
        ["timestamp=t", "input_tokens=i", "output_tokens=o", "call_id=id"], ["model=gpt-4o"]
    )

    def table_of(name: str, chosen: list[tuple[str, int, int, int]]) -> Path:
        text = "".join(f"2026-11-10T10:00:0{t}Z,{id_},{i},{o}\n" for id_, t, i, o in chosen)
        (folder / name).write_text("t,id,i,o\n" + text)
        return folder / name

    import_files(folder / "whole.csv", table_of("whole", lines), mapping=mapping)
    shuffled = data.draw(st.permutations(lines))
    cut = data.draw(st.integers(0, len(lines)))
    for place, piece in enumerate((shuffled[:cut], shuffled[cut:])):
        if piece:
            import_files(folder / "pieces.csv", table_of(str(place), piece), mapping=mapping)
    assert money(folder / "pieces.csv") == money(folder / "whole.csv")
