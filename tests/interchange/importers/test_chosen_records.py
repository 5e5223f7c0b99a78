"""Records chosen by their own fields: --keep and --drop, counted by the field that left them out."""

import json
from pathlib import Path

import pytest

import import_usage
from foundation.outcome import ExitCode, UsageError
from interchange.importers.mapping import ColumnMapping
from interchange.importers.mapping_text import merged, read_mapping
from interchange.importers.report_text import report_lines
from tests.interchange.importers.importing import build_mapping, imported, imported_once

MAPS = ["timestamp=at", "call_id=id", "input_tokens=use.in", "output_tokens=use.out"]
RUNS = [
    {"id": "a", "at": "2026-11-20T08:00:00Z", "kind": "llm", "use": {"in": 100, "out": 10}, "meta": {"env.name": "prod"}},
    {"id": "b", "at": "2026-11-20T08:01:00Z", "kind": "embedding", "use": {"in": 200, "out": 0}, "test": True},
    {"id": "c", "at": "no time", "kind": "chain", "use": {"in": 300, "out": 10}},
    {"id": "d", "at": "2026-11-20T08:03:00Z", "use": {"in": 400, "out": 10}, "kind": " llm "},
    {"id": "e", "at": "2026-11-20T08:04:00Z", "use": {"in": 500, "out": 10}, "test": ""},
]  # fmt: skip


@pytest.mark.parametrize(
    ("keep", "drop", "ids", "skipped"),
    [
        (["kind=llm"], [], ["a", "d"], {"not_kept:kind": 3}),
        (["kind=llm", "kind=embedding"], [], ["a", "b", "d"], {"not_kept:kind": 2}),
        (["kind=llm", "meta.env.name=prod"], [], ["a"], {"not_kept:kind": 3, "not_kept:meta.env.name": 1}),
        (["kind="], [], ["e"], {"not_kept:kind": 4}),
        ([], ["kind=chain"], ["a", "b", "d", "e"], {"dropped:kind": 1}),
        ([], ["kind=chain", "kind="], ["a", "b", "d"], {"dropped:kind": 2}),
        ([], ["test=true"], ["a", "d", "e"], {"dropped:test": 1, "bad_timestamp": 1}),
        (
            [],
            ["kind=LLM"],
            ["a", "b", "d", "e"],
            {"bad_timestamp": 1},
        ),  # values are taken as they are written
        (["kind=llm"], ["id=d"], ["a"], {"not_kept:kind": 3, "dropped:id": 1}),
    ],
)
def test_records_are_chosen_by_their_own_fields(
    tmp_path: Path, keep: list[str], drop: list[str], ids: list[str], skipped: dict[str, int]
) -> None:
    report, rows = imported(
        tmp_path, RUNS, mapping=build_mapping(MAPS, [], keep=keep, drop=drop), format="jsonl"
    )
    assert [row["call_id"] for row in rows] == ids
    assert report.skipped == skipped
    assert sum(skipped.values()) + len(ids) == report.rows_read == 5


def test_what_is_not_wanted_is_not_lost_and_said_by_its_field(tmp_path: Path) -> None:
    report, _ = imported(
        tmp_path, RUNS, mapping=build_mapping(MAPS, [], drop=["kind=chain"]), format="jsonl", max_bad_rows=0.0
    )
    assert report.lost == {}
    assert "  skipped 1: kind is what --drop names (dropped:kind)" in report_lines(report)


def test_a_field_with_quotes_and_a_value_with_equals_signs(tmp_path: Path) -> None:
    text = 'when,in,out,"it\'s ""so"""\n2026-11-20,1,2,a=b\n2026-11-21,3,4,it\'s\n'
    maps = ["timestamp=when", "input_tokens=in", "output_tokens=out"]
    mapping = build_mapping(maps, [], keep=['it\'s "so"=a=b', "it's \"so\"=it's"])
    _, rows = imported(tmp_path, text, mapping=mapping)
    assert [row["input_tokens"] for row in rows] == ["1", "3"]


def test_a_known_format_is_chosen_from_without_a_mapping(tmp_path: Path) -> None:
    span = {
        "type": "GENERATION", "startTime": "2026-11-20T08:00:00Z", "endTime": "2026-11-20T08:00:01Z", "traceId": "t",
        "model": "gpt-4o", "usageDetails": {"input": 1000, "output": 100}, "costDetails": {},
    }  # fmt: skip
    records = [span | {"id": "1", "environment": "prod"}, span | {"id": "2", "environment": "test"}]
    source = tmp_path / "export.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in records))
    report, rows = imported_once(
        tmp_path / "o.csv", source, mapping=build_mapping([], [], drop=["environment=test"])
    )
    assert [row["call_id"] for row in rows] == ["1"]
    assert report.files[0].format == "Langfuse observations"


def test_a_column_that_a_table_does_not_have_is_refused_with_the_flag(tmp_path: Path) -> None:
    mapping = build_mapping(["timestamp=when", "input_tokens=in", "output_tokens=out"], [], keep=["kin=llm"])
    with pytest.raises(UsageError, match="has no column kin, which --keep names; it has when, in, out, kind"):
        imported(tmp_path, "when,in,out,kind\n2026-11-20,1,2,llm\n", mapping=mapping)


@pytest.mark.parametrize("text", ["kind", "=llm", ""])
def test_a_choice_without_a_field_or_a_value_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write --keep field=value"):
        build_mapping(MAPS, [], keep=[text])


def test_a_mapping_file_chooses_and_flags_go_before_it_field_by_field(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        'timezone = "Europe/Berlin"\nrecords = "a.b"\n[map]\ntimestamp = "at"\n'
        '[keep]\nkind = ["llm", "embedding"]\nmeta.env.name = "prod"\n[drop]\n"test" = true\nretries = 3\n'
    )
    mapping, _ = read_mapping(str(path))
    assert mapping.kept == {"kind": ("llm", "embedding"), "meta.env.name": ("prod",)}
    assert mapping.dropped == {"test": ("true",), "retries": ("3",)}
    assert (mapping.timezone, mapping.records) == ("Europe/Berlin", "a.b")
    over = merged(mapping, build_mapping([], [], keep=["kind=chat"], timezone="UTC"))
    assert over.kept == {"kind": ("chat",), "meta.env.name": ("prod",)}
    assert (over.timezone, over.records) == ("UTC", "a.b")


@pytest.mark.parametrize("line", ['keep = "kind=llm"', "drop = [1]"])
def test_a_choice_that_is_no_table_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(line + "\n")
    with pytest.raises(UsageError, match=r"must be a table of field = value, or field = \[value, value\]"):
        read_mapping(str(path))


def test_the_script_takes_the_flags(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "runs.jsonl"
    source.write_text("".join(json.dumps(run) + "\n" for run in RUNS))
    maps = [flag for entry in MAPS for flag in ("--map", entry)]
    order = [str(source), *maps, "--keep", "kind=llm", "--keep", "kind=embedding", "--drop", "test=true"]
    assert import_usage.main([*order, "--out", str(tmp_path / "o.csv"), "--json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["skipped"] == {"not_kept:kind": 2, "dropped:test": 1}


def test_nothing_is_chosen_by_default() -> None:
    assert (ColumnMapping().kept, ColumnMapping().dropped) == ({}, {})
