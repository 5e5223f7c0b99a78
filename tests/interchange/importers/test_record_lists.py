"""Records under any key of JSON: at the path that the user names, or in the one list that fits."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

import import_usage
from foundation.outcome import ExitCode, UsageError
from tests.interchange.importers.importing import build_mapping, import_files, imported, written

MAPS = ["timestamp=at", "model=llm", "input_tokens=use.in", "output_tokens=use.out"]
MAPPING = build_mapping(MAPS, [])


def call(number: int, **more: Any) -> dict[str, Any]:
    return {"at": f"2026-11-20T08:{number:02}:00Z", "llm": "gpt-4o", "use": {"in": number, "out": 1}} | more


def inputs(rows: list[dict[str, str]]) -> list[str]:
    return [row["input_tokens"] for row in rows]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"next": None, "entries": [call(1), call(2)]}, "entries"),
        ({"hits": {"total": 2, "hits": [{"_source": call(1)}, {"_source": call(2)}]}}, "hits.hits._source"),
        ({"hits": {"total": 2, "hits": [{"_source": call(1)}, {"_source": call(2)}]}}, "hits.hits[]._source"),
        (
            {
                "traces": [
                    {"id": 1, "spans": [call(1)]},
                    {"id": 2, "spans": []},
                    {"id": 3, "spans": [call(2)]},
                ]
            },
            "traces.spans",
        ),
        ({"a.b": {"c": [call(1)]}, "a": {"b": {"c": [call(2)]}}}, "a.b.c"),
        ({"one": call(1), "only": {"record": call(2)}, "one_more": 3}, "only.record"),
        (
            {"data": [{"calls": [call(1)]}, {"calls": [call(2)]}]},
            "data.calls",
        ),  # a key that answers wrap records in
    ],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_the_user_names_the_list(
    tmp_path: Path, document: dict[str, Any], path: str, indent: int | None
) -> None:
    text = json.dumps(document, indent=indent)
    _, rows = imported(tmp_path, text, mapping=build_mapping(MAPS, [], records=path))
    assert inputs(rows) == (["2"] if path == "only.record" else ["1", "2"])


def test_lines_pages_and_a_packed_file(tmp_path: Path) -> None:
    lines = [
        {"page": 1, "log": {"rows": [call(1), call(2)]}},
        {"page": 2, "log": {"rows": []}},
        {"page": 3, "log": {"rows": [call(3)]}},
    ]
    source = tmp_path / "pages.jsonl.gz"
    source.write_bytes(gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode()))
    mapping = build_mapping(MAPS, [], records="log.rows")
    report = import_files(tmp_path / "o.csv", source, mapping=mapping)
    assert inputs(written(tmp_path / "o.csv")) == ["1", "2", "3"]
    # A page with an empty list has nothing to read.
    assert (report.rows_read, report.skipped) == (4, {"no_records": 1})
    assert import_files(tmp_path / "o.csv", source, mapping=mapping).calls == 0


def test_what_is_damaged_is_counted_and_costs_only_itself(tmp_path: Path) -> None:
    lines = [
        json.dumps({"log": [call(1), 7, "text", None]}),
        '{"log": [{"at": ',
        json.dumps({"other": 1}),
        "[]",
        json.dumps({"log": [call(2)]}),
    ]
    report, rows = imported(tmp_path, "\n".join(lines) + "\n", mapping=build_mapping(MAPS, [], records="log"))
    assert inputs(rows) == ["1", "2"]
    assert report.skipped == {"not_an_object": 3, "no_records": 2, "not_json": 1}


def test_a_document_that_breaks_off_keeps_what_stands_before_the_break(tmp_path: Path) -> None:
    text = json.dumps({"log": [call(1), call(2), call(3)]}, indent=1)
    report, rows = imported(
        tmp_path, text[: text.index("08:03") + 3], mapping=build_mapping(MAPS, [], records="log")
    )
    assert (inputs(rows), report.skipped) == (["1", "2"], {"not_json": 1})


def test_a_list_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    document = {"log": {"rows": [call(1), call(2)]}, "notes": ["a"], "users": [{"id": 1}]}
    with pytest.raises(
        UsageError,
        match=r"no objects at rows, which --records names; its lists of objects are log.rows \(2\), users \(1\)",
    ):
        imported(tmp_path, document, mapping=build_mapping(MAPS, [], records="rows"))
    with pytest.raises(UsageError, match="it has no list of objects; leave --records out"):
        imported(tmp_path, [call(1)], mapping=build_mapping(MAPS, [], records="rows"))
    with pytest.raises(UsageError, match="is a table; --records names a list in JSON"):
        imported(tmp_path, "at,in\n2026-11-20,1\n", mapping=build_mapping(MAPS, [], records="rows"))


def test_the_one_list_that_has_the_mapped_fields_is_found(tmp_path: Path) -> None:
    document = {"at": "2026-11-20", "users": [{"id": 1}], "log": {"rows": [call(1), call(2)]}}
    _, rows = imported(tmp_path, document, mapping=MAPPING)
    assert inputs(rows) == ["1", "2"]


def test_a_list_within_records_is_none_of_them(tmp_path: Path) -> None:
    records = [call(1, messages=[{"at": "x", "llm": "y", "role": "user"}]), call(2)]
    _, rows = imported(tmp_path, records, mapping=MAPPING)
    assert inputs(rows) == ["1", "2"]


def test_several_lists_that_fit_are_asked_about_with_the_flags(tmp_path: Path) -> None:
    document = {"today": [call(1)], "before": [call(2), call(3)]}
    with pytest.raises(
        UsageError, match=r"say which one is: --records today \(1 records\), --records before \(2 records\)"
    ):
        imported(tmp_path, document, mapping=MAPPING)
    _, rows = imported(tmp_path, document, mapping=build_mapping(MAPS, [], records="before"))
    assert inputs(rows) == ["2", "3"]


SPAN = {
    "name": "chat gpt-4o", "context": {"trace_id": "0x1", "span_id": "0x2"}, "parent_id": None, "status": {"status_code": "OK"},
    "start_time": "2026-01-05T10:00:01Z", "end_time": "2026-01-05T10:00:03Z", "resource": {}, "kind": "SpanKind.CLIENT",
    "attributes": {"gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 7,
                   "gen_ai.operation.name": "chat"},
}  # fmt: skip


def test_a_known_format_under_a_key_of_its_own_needs_no_flag(tmp_path: Path) -> None:
    report, (row,) = imported(tmp_path, {"spans": [SPAN], "final_output": "x"})
    assert report.files[0].format == "OpenTelemetry spans (SDK console)"
    # 100 x 2.50 / M + 7 x 10 / M
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == ("100", "7", "0.000320000")


def test_totals_under_a_key_are_still_totals(tmp_path: Path) -> None:
    bucket = {"usage_date_utc": "2026-11-20", "model_version": "claude", "usage_output_tokens": 5}
    with pytest.raises(UsageError, match="a usage export of Anthropic's console"):
        imported(
            tmp_path, {"report": {"lines": [bucket]}}, mapping=build_mapping(["timestamp=usage_date_utc"], [])
        )


def test_a_large_document_is_cut_piece_by_piece(tmp_path: Path) -> None:
    rows = [call(number % 60, id=number, text="x" * 300) for number in range(20_000)]
    source = tmp_path / "large.json"
    source.write_text(json.dumps({"meta": {"n": 1}, "log": {"rows": rows}}))
    report = import_files(tmp_path / "o.csv", source, mapping=build_mapping([*MAPS, "call_id=id"], []))
    assert (report.calls, report.totals.input_tokens) == (20_000, sum(n % 60 for n in range(20_000)))


def test_the_script_takes_the_flag_and_the_file_of_a_mapping(tmp_path: Path) -> None:
    source, mapping = tmp_path / "u.json", tmp_path / "m.toml"
    source.write_text(json.dumps({"today": [call(1)], "before": [call(2), call(3)]}))
    mapping.write_text(
        'records = "today"\n[map]\ntimestamp = "at"\ninput_tokens = "use.in"\noutput_tokens = "use.out"\n'
    )
    order = [str(source), "--mapping", str(mapping), "--out", str(tmp_path / "o.csv"), "--quiet"]
    assert import_usage.main(order) == ExitCode.OK
    assert inputs(written(tmp_path / "o.csv")) == ["1"]
    assert import_usage.main([*order, "--records", "before"]) == ExitCode.OK
    assert inputs(written(tmp_path / "o.csv")) == ["1", "2", "3"]
