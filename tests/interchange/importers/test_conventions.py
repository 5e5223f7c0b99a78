"""Where cached and thinking tokens stand is decided by evidence or as stated, never by how many calls there are."""

import itertools
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from foundation.outcome import UsageError
from interchange.importers.mapping import ColumnMapping
from interchange.importers.mapping_text import build_mapping, merged, read_mapping
from interchange.importers.report import ImportReport
from interchange.importers.report_text import brief_lines, report_lines
from tests.interchange.importers.importing import imported
from tests.interchange.importers.test_traps import otlp, span
from tests.running import run_script

CLAUDE = "claude-sonnet-4-5-20250929"
APART = (5000 * 3 + 2000 * Decimal("0.3") + 50 * 15) / 1_000_000
"""A call of 5,000 input, 2,000 cached and 50 output tokens, the cached ones outside the input: 0.01635 USD."""
INSIDE = (3000 * 3 + 2000 * Decimal("0.3") + 50 * 15) / 1_000_000


def helicone(number: int, **changes: object) -> dict[str, object]:
    return {
        "request_id": f"h{number}", "request_created_at": f"2026-11-10T10:{number // 60:02}:{number % 60:02}Z",
        "response_status": 200, "provider": "ANTHROPIC", "request_model": CLAUDE, "response_model": CLAUDE,
        "prompt_tokens": 5000, "completion_tokens": 50, "prompt_cache_read_tokens": 2000,
        "prompt_cache_write_tokens": 0, "total_tokens": 5050, "cost": None,
    } | changes  # fmt: skip


def revenium(number: int) -> dict[str, object]:
    return {
        "transactionId": f"t{number}", "requestTime": f"2026-11-10T10:{number // 60:02}:{number % 60:02}Z",
        "requestDuration": 1000, "provider": "ANTHROPIC", "model": CLAUDE, "inputTokenCount": 5000,
        "outputTokenCount": 50, "cacheReadTokenCount": 2000, "cacheCreationTokenCount": 0, "totalTokenCount": 5050,
        "stopReason": "END",
    }  # fmt: skip


def total(rows: list[dict[str, str]]) -> Decimal:
    return sum((Decimal(row["cost_usd"]) for row in rows), Decimal(0))


@pytest.mark.parametrize("calls", [1, 19, 20, 21, 25, 400])
@pytest.mark.parametrize("record", [helicone, revenium])
def test_silent_counts_cost_the_same_however_many_they_are(tmp_path: Path, record: Any, calls: int) -> None:
    _, rows = imported(tmp_path, [record(number) for number in range(calls)])
    assert {row["cost_usd"] for row in rows} == {f"{APART:.9f}"}
    assert total(rows) == calls * APART


def test_the_order_of_records_changes_no_price(tmp_path: Path) -> None:
    records = [helicone(1), helicone(2, total_tokens=7050), helicone(3, prompt_tokens=100, total_tokens=150)]
    found = set()
    for number, order in enumerate(itertools.permutations(records)):
        (tmp_path / str(number)).mkdir()
        _, rows = imported(tmp_path / str(number), list(order))
        found.add(tuple(sorted((row["call_id"], row["cost_usd"]) for row in rows)))
    assert len(found) == 1


@pytest.mark.parametrize(("place", "usd"), [("inside", INSIDE), ("outside", APART)])
def test_what_is_stated_holds(tmp_path: Path, place: str, usd: Decimal) -> None:
    mapping = build_mapping([], [], cached_tokens=place)
    report, rows = imported(tmp_path, [helicone(1), helicone(2)], mapping=mapping)
    assert {Decimal(row["cost_usd"]) for row in rows} == {usd}
    assert not any(entry.guessed for entry in report.token_semantics)


def test_what_is_stated_holds_against_the_counts_which_then_have_no_price(tmp_path: Path) -> None:
    mapping = build_mapping([], [], cached_tokens="inside")
    _, rows = imported(tmp_path, [helicone(1, prompt_tokens=1999, total_tokens=2049)], mapping=mapping)
    assert (rows[0]["cost_source"], rows[0]["cost_gap"]) == ("unknown", "input_tokens")


def test_reasoning_is_stated_too(tmp_path: Path) -> None:
    text = "when,llm,i,o,r\n2026-11-10T10:00:00Z,gpt-4o,1000,100,40\n"
    maps = ["timestamp=when", "model=llm", "input_tokens=i", "output_tokens=o", "reasoning_tokens=r"]
    found = {}
    for place in ("", "inside", "outside"):
        (tmp_path / f"at{place}").mkdir()
        mapping = build_mapping(maps, ["provider=openai"], reasoning_tokens=place)
        _, rows = imported(tmp_path / f"at{place}", text, mapping=mapping)
        found[place] = rows[0]["output_tokens"]
    assert found == {"": "100", "inside": "100", "outside": "140"}


def test_flags_and_mapping_file_state_it_and_the_flag_goes_first(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('cached_tokens = "inside"\nreasoning_tokens = "outside"\n')
    mapping, _ = read_mapping(str(path))
    assert (mapping.cached_tokens, mapping.reasoning_tokens) == ("inside", "outside")
    both = merged(mapping, ColumnMapping(cached_tokens="outside"))
    assert (both.cached_tokens, both.reasoning_tokens) == ("outside", "outside")
    with pytest.raises(UsageError, match="inside or outside"):
        build_mapping([], [], cached_tokens="beside")
    source, target = tmp_path / "calls.json", tmp_path / "out.csv"
    source.write_text(json.dumps([helicone(1)]))
    run_script("import_usage.py", source, "--out", target, "--cached-tokens", "inside")
    assert f"{INSIDE:.9f}" in target.read_text()


GEMINI = {"gen_ai__operation__name": "generate_content", "gen_ai__provider__name": "gcp.gemini",
          "gen_ai__request__model": "gemini-2.5-pro", "gen_ai__usage__input_tokens": 1000,
          "gen_ai__usage__output_tokens": 150}  # fmt: skip
THOUGHT = (1000 * Decimal("1.25") + (150 + 8000) * 10) / 1_000_000
"""Gemini 2.5 Pro at 1.25 and 10 USD: 8,000 tokens that only the total of 9,150 holds are thinking: 0.08275 USD."""


def lines(report: ImportReport) -> str:
    assert set(brief_lines(report)) & set(report_lines(report))
    return "\n".join(report_lines(report))


def test_thinking_that_only_the_total_holds_is_output(tmp_path: Path) -> None:
    report, rows = imported(tmp_path, [otlp(span("a", **GEMINI, gen_ai__usage__total_tokens=9150))])
    assert (rows[0]["output_tokens"], rows[0]["reasoning_tokens"]) == ("8150", "8000")
    assert Decimal(rows[0]["cost_usd"]) == THOUGHT
    assert "8,000 tokens of 1 call of google gemini-2.5-pro stand in the total alone" in lines(report)
    assert "($0.080000000)" in lines(report)


def test_thinking_in_langfuse(tmp_path: Path) -> None:
    def observation(identity: str, usage: dict[str, int]) -> dict[str, object]:
        return {
            "id": identity, "traceId": identity, "type": "GENERATION", "startTime": "2026-11-20T10:00:00.000Z",
            "endTime": "2026-11-20T10:00:01.000Z", "model": "gemini-2.5-pro", "usageDetails": usage,
        }  # fmt: skip

    records = [
        observation("alone", {"input": 1000, "output": 150, "total": 9150}),
        observation("plain", {"input": 1000, "output": 150, "total": 1150}),
        observation("cached", {"input": 600, "input_cached_tokens": 400, "output": 150, "total": 1150}),
    ]
    _, rows = imported(tmp_path, records)
    costs = {row["call_id"]: Decimal(row["cost_usd"]) for row in rows}
    plain = (1000 * Decimal("1.25") + 150 * 10) / 1_000_000
    cached = (600 * Decimal("1.25") + 400 * Decimal("0.125") + 150 * 10) / 1_000_000
    assert costs == {"alone": THOUGHT, "plain": plain, "cached": cached}


def test_a_total_that_says_no_more_changes_nothing(tmp_path: Path) -> None:
    spans = [span("a", **GEMINI, gen_ai__usage__total_tokens=1150), span("b", **GEMINI)]
    spans.append(span("c", **GEMINI, gen_ai__usage__total_tokens=1149))
    report, rows = imported(tmp_path, [otlp(*spans)])
    assert {row["output_tokens"] for row in rows} == {"150"}
    assert not any(entry.unsaid_calls for entry in report.token_semantics)


def test_thinking_that_is_counted_is_not_added_again(tmp_path: Path) -> None:
    counted = GEMINI | {"gen_ai__usage__reasoning_tokens": 8000, "gen_ai__usage__total_tokens": 9150}
    _, rows = imported(tmp_path, [otlp(span("a", **counted))])
    assert (rows[0]["output_tokens"], Decimal(rows[0]["cost_usd"])) == ("8150", THOUGHT)


def test_of_another_provider_it_is_counted_with_the_dollars_at_stake_and_in_no_cost(tmp_path: Path) -> None:
    other = GEMINI | {"gen_ai__provider__name": "openai", "gen_ai__request__model": "gpt-4o"}
    report, rows = imported(tmp_path, [otlp(span("a", **other, gen_ai__usage__total_tokens=9150))])
    plain = (1000 * Decimal("2.5") + 150 * 10) / 1_000_000
    assert (rows[0]["output_tokens"], Decimal(rows[0]["cost_usd"])) == ("150", plain)
    [entry] = report.token_semantics
    assert (entry.unsaid_calls, entry.unsaid_tokens) == (1, 8000)
    assert entry.unsaid_usd == Decimal(8000) * 10 / 1_000_000
    assert "in no count and no cost; as output they would cost $0.080000000" in lines(report)


def test_a_prompt_that_was_written_to_a_cache_as_a_whole_is_no_part_of_an_input_of_none(
    tmp_path: Path,
) -> None:
    """Anthropic leaves the cache out of the input, which is nothing here: 100,000 at 6.25 USD for a million."""
    body = {
        "transactionId": "b", "requestTime": "2026-11-10T10:00:00Z", "requestDuration": 1000, "provider": "ANTHROPIC",
        "model": "claude-opus-4-6", "inputTokenCount": 0, "outputTokenCount": 0, "cacheCreationTokenCount": 100_000,
        "stopReason": "END",
    }  # fmt: skip
    _, [row] = imported(tmp_path, json.dumps(body))
    assert (row["input_tokens"], row["cost_usd"]) == ("100000", "0.625000000")
