"""Logs of evaluations and of a gateway: what their own caches answered, and counts that changed their meaning."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from foundation.outcome import UsageError
from tests.interchange.importers.importing import (
    SAMPLES,
    by_id,
    counts_of,
    import_files,
    imported,
    imported_once,
)

FOLDER = SAMPLES / "inspect"


def event(name: str, second: int, usage: dict[str, int], **fields: Any) -> dict[str, Any]:
    return {
        "event": "model", "uuid": name, "timestamp": f"2026-01-05T10:00:{second:02}-05:00", "model": "openai/gpt-4o-mini",
        "output": {"model": "gpt-4o-mini-2024-07-18", "time": 1.25, "usage": usage},
    } | fields  # fmt: skip


def log(*events: dict[str, Any], **sample: Any) -> dict[str, Any]:
    samples = [{"id": 1, "epoch": 1, "events": list(events)} | sample]
    return {
        "version": 2,
        "eval": {"run_id": "r", "task": "math"},
        "stats": {"model_usage": {}},
        "samples": samples,
    }


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("new_convention.json", {"calls": 2, "input": 150, "cached": 64, "output": 12, "reasoning": 4}),
        ("real_old_2024-11-05.json", {"calls": 2, "input": 274, "output": 189}),
        ("real_log_read_sample.eval", {"calls": 1, "input": 66, "output": 3}),
    ],
)
def test_a_sample_of_inspect_imports_to_its_numbers(tmp_path: Path, name: str, right: dict[str, int]) -> None:
    report, _ = imported_once(tmp_path / "a.csv", FOLDER / name)
    assert counts_of(report) == right


def test_each_event_tells_whether_its_input_holds_the_cache(tmp_path: Path) -> None:
    beside = {"input_tokens": 26, "output_tokens": 8, "total_tokens": 98, "input_tokens_cache_read": 64}
    inside = {"input_tokens": 90, "output_tokens": 8, "total_tokens": 98, "input_tokens_cache_read": 64}
    _, rows = imported(tmp_path, log(event("a", 0, beside), event("b", 3, inside)))
    assert {row["input_tokens"] for row in rows} == {"90"}
    assert [row["timestamp"] for row in rows] == [
        "2026-01-05T15:00:00.000000Z",
        "2026-01-05T15:00:03.000000Z",
    ]
    assert {(row["feature_id"], row["latency_ms"], row["provider"]) for row in rows} == {
        ("math", "1250", "openai")
    }


def test_failed_events_and_those_of_the_tools_own_cache(tmp_path: Path) -> None:
    usage = {"input_tokens": 10, "output_tokens": 1, "total_tokens": 11}
    failed = event("f", 1, {}, error="RateLimitError", output={"model": "gpt-4o-mini"})
    report, rows = imported(tmp_path, log(event("a", 0, usage), failed, event("c", 2, usage, cache="read")))
    assert report.skipped == {"own_cache": 1}
    assert by_id(rows)["f"]["status"] == "error"


def test_a_large_sample_and_an_archive_are_read_alike(tmp_path: Path) -> None:
    usage = {"input_tokens": 10, "output_tokens": 1, "total_tokens": 11}
    document = log(event("a", 0, usage), event("b", 1, usage), messages=["x" * 3_000_000])
    (tmp_path / "log.json").write_text(json.dumps(document))
    with zipfile.ZipFile(tmp_path / "log.eval", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps({"eval": document["eval"]}))
        archive.writestr("samples/1_epoch_1.json", json.dumps(document["samples"][0]))
    assert import_files(tmp_path / "a.csv", tmp_path / "log.json").calls == 2
    # The same events.
    assert import_files(tmp_path / "a.csv", tmp_path / "log.eval").calls == 0
    assert import_files(tmp_path / "b.csv", tmp_path / "log.eval").calls == 2


def test_a_broken_archive_and_another_one_get_a_sentence(tmp_path: Path) -> None:
    whole = (FOLDER / "real_log_read_sample.eval").read_bytes()
    position = whole.index(b"samples/1_epoch_1.json") + 60
    (tmp_path / "broken.eval").write_bytes(whole[:position] + b"\0" * 40 + whole[position + 40 :])
    with pytest.raises(UsageError, match="inspect log dump"):
        import_files(tmp_path / "a.csv", tmp_path / "broken.eval")
    with zipfile.ZipFile(tmp_path / "sheet.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(UsageError, match="ZIP archive or a workbook"):
        import_files(tmp_path / "a.csv", tmp_path / "sheet.xlsx")


def test_the_sample_of_cloudflare_imports_to_its_numbers(tmp_path: Path) -> None:
    report, rows = imported_once(tmp_path / "a.csv", SAMPLES / "cloudflare_gateway/logs.json")
    assert counts_of(report) == {"calls": 3, "failed": 1, "input": 2_400, "output": 600}
    assert f"{report.cost.reported_usd:f}" == "0.000360000"
    assert rows[0]["customer_id"] == "acme"


def test_a_zero_of_cloudflare_beside_tokens_is_no_known_cost(tmp_path: Path) -> None:
    entry = {
        "id": "1", "created_at": "2026-08-05 10:00:00", "provider": "openai", "model": "gpt-4o-mini", "tokens_in": 1_000,
        "tokens_out": 100, "cost": 0, "cached": False, "success": True, "duration": 3,
    }  # fmt: skip
    _, rows = imported(tmp_path, [entry, entry | {"id": "2", "cached": True}])
    # 1,000 x 0.15 + 100 x 0.6 for a million
    assert [(row["cost_usd"], row["cost_source"]) for row in rows] == [
        ("0.000210000", "computed"), ("0.000000000", "reported"),
    ]  # fmt: skip
