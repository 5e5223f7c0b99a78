"""What a mapping leaves unused is listed: fields, how often they are filled, an example without secrets."""

import json
from pathlib import Path

import pytest

import import_usage
from foundation.outcome import ExitCode
from interchange.importers.report_text import brief_lines, report_lines
from interchange.importers.unused_fields import UnusedField
from tests.interchange.importers.importing import SAMPLES, build_mapping, import_files, imported

MAPS = ["timestamp=when", "input_tokens=in", "output_tokens=out"]
MAPPING = build_mapping(MAPS, [])


def test_columns_of_a_table_with_their_share_and_an_example(tmp_path: Path) -> None:
    text = (
        "when,in,out,team,note,model,empty\n"
        "2026-11-20,1,2,blue,,gpt-4o,\n2026-11-21,1,2,red,,gpt-4o,\n2026-11-22,1,2,blue,late,gpt-4o,\n2026-11-23,1,2,,,gpt-4o,\n"
    )
    report, _ = imported(tmp_path, text, mapping=MAPPING)
    (unused,) = report.unused
    assert unused.fields == (
        UnusedField("team", 3, "blue"),
        UnusedField("note", 1, "late"),
        UnusedField("empty", 0, ""),
    )
    assert unused.records == 4
    name = str(tmp_path / "export")
    assert (
        f"  {name}: 2 fields not used: team (75.0% filled, such as blue), note (25.0% filled, such as late)"
        in brief_lines(report)
    )
    assert any(
        "3 fields not used: team (75.0% filled" in line and "empty (empty)" in line
        for line in report_lines(report)
    )


def test_a_mapped_column_of_our_own_name_leaves_the_one_it_replaces_unused(tmp_path: Path) -> None:
    text = "when,in,out,model,llm\n2026-11-20,1,2,alias,gpt-4o\n"
    report, (row,) = imported(tmp_path, text, mapping=build_mapping([*MAPS, "model=llm"], []))
    assert row["model"] == "gpt-4o"
    assert [each.name for each in report.unused[0].fields] == ["model"]


def test_json_is_gone_into_and_what_tags_and_choices_read_is_used(tmp_path: Path) -> None:
    record = {
        "when": "2026-11-20", "in": 1, "out": 2, "meta": {"team": "blue", "a.b": {"c": 7}, "list": [1, {"x": 2}]}, "tags": ["feature:x"],
        "kind": "llm", "use": {"cached": 3, "other": None},
    }  # fmt: skip
    mapping = build_mapping(
        [*MAPS, "cached_input_tokens=use.cached", "feature_id=tag:feature"], [], keep=["kind=llm"]
    )
    report, _ = imported(tmp_path, [record, record | {"meta": {}}], mapping=mapping, format="jsonl")
    assert [(each.name, each.filled, each.example) for each in report.unused[0].fields] == [
        ("meta.team", 1, "blue"), ("meta.a.b.c", 1, "7"), ("meta.list", 1, '[1,{"x":2}]'), ("use.other", 0, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("prompt", "x" * 100, "x" * 39 + "…"), ("prompt", "x" * 40, "x" * 40), ("prompt", "a\n  b\tc", "a b c"),
        ("api_key", "abc", "(hidden)"), ("Authorization", "abc", "(hidden)"), ("virtual key", "abc", "(hidden)"),
        ("password", "abc", "(hidden)"), ("session_token", "abc", "(hidden)"), ("note", "sk-abcdefgh12345678", "(hidden)"),
        ("note", "Bearer abcdefgh", "(hidden)"), ("monkey", "abc", "abc"), ("tokens", "12", "12"), ("keyboard", "qwerty", "qwerty"),
    ],
)  # fmt: skip
def test_examples_are_cut_and_secrets_are_not_shown(
    tmp_path: Path, name: str, value: str, shown: str
) -> None:
    report, _ = imported(
        tmp_path, [{"when": "2026-11-20", "in": 1, "out": 2, name: value}], mapping=MAPPING, format="jsonl"
    )
    assert [each.example for each in report.unused[0].fields] == [shown]
    assert value == shown or value not in "\n".join(report_lines(report))


def test_a_field_that_no_record_has_is_said(tmp_path: Path) -> None:
    record = {"when": "2026-11-20", "in": 1, "out": 2, "meta": {"customer": "acme"}}
    mapping = build_mapping([*MAPS, "customer_id=meta.custmer"], [], drop=["test=true"])
    report, _ = imported(tmp_path, [record], mapping=mapping, format="jsonl")
    assert report.unused[0].missing == ("meta.custmer", "test")
    assert any("no record has meta.custmer, which the mapping names" in line for line in brief_lines(report))


def test_by_the_first_ten_thousand_records(tmp_path: Path) -> None:
    lines = [f"2026-11-20T08:00:{n % 60:02},{n},2,{'late' if n >= 10_000 else ''}" for n in range(10_001)]
    report, _ = imported(tmp_path, "when,in,out,note\n" + "\n".join(lines) + "\n", mapping=MAPPING)
    assert (report.unused[0].records, report.unused[0].fields) == (10_000, (UnusedField("note", 0, ""),))
    assert any(
        "1 field not used (by the first 10,000 records): note (empty)" in line
        for line in report_lines(report)
    )


def test_a_damaged_table_has_its_fields_listed_too(tmp_path: Path) -> None:
    text = 'when,in,out,team\n2026-11-20,1,2,blue\n2026-11-21,1,2,"red\n2026-11-22,1,2,green\n'
    report, _ = imported(tmp_path, text, mapping=MAPPING)
    assert [each.name for each in report.unused[0].fields] == ["team"]


def test_known_formats_and_files_without_more_say_nothing(tmp_path: Path) -> None:
    report = import_files(tmp_path / "o.csv", SAMPLES / "litellm" / "spend_logs_payload.json")
    assert report.unused == ()
    report, _ = imported(tmp_path, "when,in,out\n2026-11-20,1,2\n", mapping=MAPPING)
    assert report.unused[0].fields == ()
    assert not any("not used" in line for line in report_lines(report))


def test_the_script_gives_it_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "u.csv"
    source.write_text("when,in,out,team\n2026-11-20,1,2,blue\n")
    maps = [flag for entry in MAPS for flag in ("--map", entry)]
    assert import_usage.main([str(source), *maps, "--out", str(tmp_path / "o.csv"), "--json"]) == ExitCode.OK
    (unused,) = json.loads(capsys.readouterr().out)["unused"]
    assert (unused["records"], unused["fields"]) == (1, [{"name": "team", "filled": 1, "example": "blue"}])
