"""Small inputs on which tools of this field were wrong: each gives its right calls and money, and only once."""

from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from foundation.outcome import UsageError
from interchange.importers.mapping import ColumnMapping
from tests.interchange.importers.importing import (
    SAMPLES,
    build_mapping,
    counts_of,
    import_files,
    imported_once,
    written,
)

CASES = SAMPLES / "cases"
MILLION = Decimal(1_000_000)


def at(input_: int, output: int, rates: tuple[str, str], cached: int = 0, cached_rate: str = "0") -> Decimal:
    """What tokens cost at dollars for a million of input, of output, and of what a cache served."""
    uncached = input_ - cached
    return (
        uncached * Decimal(rates[0]) + cached * Decimal(cached_rate) + output * Decimal(rates[1])
    ) / MILLION


GPT_4O = ("2.5", "10")
GEMINI_PRO = ("1.25", "10")
OPUS = ("5", "25")
TABLE = {
    "paths": ["timestamp=when", "model=llm", "input_tokens=prompt", "output_tokens=completion"],
    "constants": ["provider=openai"],
}
DOTTED = {
    "paths": [
        "timestamp=start_time", "end_time=end_time", "input_tokens=attributes.llm.token_count.prompt",
        "output_tokens=attributes.llm.token_count.completion", "model=attributes.llm.model_name", "call_id=span_id",
    ],
    "constants": ["provider=openai"],
}  # fmt: skip
CURSOR = {
    "paths": [
        "timestamp=Date", "model=Model", "input_tokens=Input (w/o Cache Write)",
        "cache_write_tokens=Input (w/ Cache Write)", "cached_input_tokens=Cache Read", "output_tokens=Output Tokens",
        "total_tokens=Total Tokens", "cost_usd=Cost",
    ],
    "constants": ["provider=cursor"],
}  # fmt: skip
STATUS = {
    "paths": [
        "timestamp=time", "model=model", "input_tokens=input", "output_tokens=output", "status=result", "cost_usd=cost",
    ],
    "constants": ["provider=openai"],
}  # fmt: skip
BEDROCK = {"calls": 3, "failed": 1, "input": 18_212, "cached": 15_200, "written": 2_100, "output": 384}
# Sonnet 4.5 and Haiku 4.5 in a region are ten percent dearer; the log's own sums by hand.
RIGHT: list[tuple[str, dict[str, Any], dict[str, int], Decimal]] = [
    ("one-message-two-keys/mixed.jsonl", {}, {"calls": 1, "input": 1_000, "output": 500}, Decimal("0.0105")),
    ("reused-call-id/reused_call_id.jsonl", {}, {"calls": 10, "input": 10_045, "output": 1_000}, Decimal("0.035")),
    ("reused-call-id/none_id.jsonl", {}, {"calls": 10, "input": 10_045, "output": 1_000}, Decimal("0.035")),
    ("reused-call-id/fallback.jsonl", {}, {"calls": 2, "failed": 1, "input": 2_000, "output": 200}, Decimal("0.0135")),
    ("thousands-dot/eu.csv", TABLE, {"calls": 4, "input": 264_150, "output": 31_600}, at(264_150, 31_600, GPT_4O)),
    ("otel-operation-not-listed/otlp.json", {}, {"calls": 3, "input": 3_000, "output": 330}, at(3_000, 330, GPT_4O)),
    ("same-answer-id-of-two-calls/langfuse.json", {}, {"calls": 2, "input": 656, "output": 105}, Decimal("0.00269")),
    ("same-answer-id-of-two-calls/otlp.json", {}, {"calls": 2, "input": 656, "output": 105}, at(656, 105, GPT_4O)),
    ("map-keys-with-dots/spans.jsonl", DOTTED, {"calls": 2, "input": 3_000, "output": 300}, at(3_000, 300, GPT_4O)),
    ("map-keys-with-dots/spans.jsonl", {}, {"calls": 2, "input": 3_000, "output": 300}, at(3_000, 300, GPT_4O)),
    ("copilot-otel-file/copilot-otel.jsonl", {}, {"calls": 2, "input": 12_400, "cached": 9_800, "output": 310}, Decimal(0)),
    ("cost-cell-is-a-word/usage.csv", CURSOR, {"calls": 4, "failed": 1, "input": 116_500, "cached": 108_000, "written": 300, "output": 3_400}, Decimal("0.06")),
    ("cost-cell-is-a-word/usage.csv", {}, {"calls": 4, "failed": 1, "input": 116_500, "cached": 108_000, "written": 300, "output": 3_400}, Decimal("0.06")),
    ("tree-of-runs-mapped/runs.jsonl", {}, {"calls": 2, "input": 1_500, "output": 160}, Decimal("0.00535")),
    ("records-under-another-key/gateway-answer.json", {}, {"calls": 2, "input": 2_000, "output": 400}, Decimal("0.00036")),
    ("records-under-another-key/spans.json", {}, {"calls": 1, "input": 100, "output": 7}, at(100, 7, GPT_4O)),
    # gpt-5-codex 10,000 (6,000 cached) and 200, gpt-5-mini 12,000 (9,000 cached) and 300
    ("codex-session/rollout.jsonl", {}, {"calls": 2, "input": 22_000, "cached": 15_000, "output": 500, "reasoning": 200},
     at(10_000, 200, ("1.25", "10"), 6_000, "0.125") + at(12_000, 300, ("0.25", "2"), 9_000, "0.025")),
    ("otlp-logs/claude-code.json", {}, BEDROCK, Decimal("0.018691")),
    ("otlp-logs/gemini-cli.json", {}, {"calls": 1, "input": 12_000, "cached": 8_000, "output": 1_000, "reasoning": 700}, at(12_000, 1_000, GEMINI_PRO, 8_000, "0.125")),
    ("otel-cost-names/otlp.json", {}, {"calls": 4, "input": 4_000, "output": 400}, Decimal("0.0305")),
    ("model-said-elsewhere/otlp.json", {}, {"calls": 1, "input": 1_000, "output": 100}, at(1_000, 100, OPUS)),
    ("phoenix-spans/spans.json", {}, {"calls": 3, "failed": 2, "input": 200, "output": 14}, at(200, 14, GPT_4O)),
    ("phoenix-spans/spans_dataframe.csv", {}, {"calls": 1, "input": 100, "output": 7}, at(100, 7, GPT_4O)),
    ("phoenix-spans/spans_dataframe.jsonl", {}, {"calls": 1, "input": 100, "output": 7}, at(100, 7, GPT_4O)),
    ("status-as-written/usage.csv", STATUS, {"calls": 5, "failed": 2, "input": 30, "output": 9}, Decimal("0.3")),
    ("bedrock-invocation-log/log.jsonl", {}, BEDROCK, Decimal("0.0230241")),
    ("bedrock-invocation-log/cloudwatch.json", {}, BEDROCK, Decimal("0.0230241")),
    ("eval-logs/inspect.json", {}, {"calls": 2, "input": 150, "cached": 64, "output": 12},
     at(150, 12, ("0.15", "0.6"), 64, "0.075")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "mapped", "right", "usd"), RIGHT, ids=[f"{r[0]}{'-mapped' * bool(r[1])}" for r in RIGHT]
)
def test_a_case_gives_its_right_calls_and_money_once(
    tmp_path: Path, name: str, mapped: dict[str, list[str]], right: dict[str, int], usd: Decimal
) -> None:
    mapping = build_mapping(mapped["paths"], mapped["constants"]) if mapped else ColumnMapping()
    report, rows = imported_once(tmp_path / "a.csv", CASES / name, mapping=mapping)
    assert counts_of(report) == right
    assert sum(Decimal(row["cost_usd"]) for row in rows if row["cost_usd"]) == usd


def test_a_partial_line_and_its_final_one_in_any_order(tmp_path: Path) -> None:
    usd = at(364_857, 285, OPUS, 364_032, "0.5")
    for place, names in enumerate(permutations(("monday.jsonl", "tuesday.jsonl"))):
        target = tmp_path / f"{place}.csv"
        for name in names:
            import_files(target, CASES / "partial-then-final" / name)
        assert [Decimal(row["cost_usd"]) for row in written(target)] == [usd]


def test_of_a_file_that_grew_only_what_is_new_is_added(tmp_path: Path) -> None:
    mapping = build_mapping([*TABLE["paths"], "customer_id=client"], TABLE["constants"])
    for place, names in enumerate(permutations(("mon.csv", "tue.csv"))):
        target = tmp_path / f"{place}.csv"
        for name in names:
            import_files(target, CASES / "growing-file" / name, mapping=mapping)
        rows = written(target)
        assert sum(Decimal(row["cost_usd"]) for row in rows) == 80 * at(1_000, 100, GPT_4O)


def test_a_spreadsheet_of_another_locale(tmp_path: Path) -> None:
    mapping = build_mapping(
        ["timestamp=Zeit", "model=Modell", "input_tokens=Eingabe", "output_tokens=Ausgabe"],
        ["provider=openai"],
        time_format="%d.%m.%Y %H:%M:%S",
    )
    report, _ = imported_once(tmp_path / "a.csv", CASES / "thousands-point/export.csv", mapping=mapping)
    assert counts_of(report) == {"calls": 3, "input": 14_400, "output": 1_600}


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("dashboard.csv", "OpenAI's usage report"),
        ("premium_requests.csv", "usage report of GitHub"),
        ("agent_report.json", "report of ccusage"),
        ("code_analytics.jsonl", "Claude Code's analytics"),
    ],
)
def test_totals_are_refused_with_a_mapping_too(tmp_path: Path, name: str, what: str, *, mapped: bool) -> None:
    paths = [
        "timestamp=start_time_iso",
        "input_tokens=input_tokens",
        "output_tokens=output_tokens",
        "model=model",
    ]
    options = {"mapping": build_mapping(paths, [])} if mapped else {}
    with pytest.raises(UsageError, match=what):
        import_files(tmp_path / "a.csv", CASES / "totals" / name, **options)
