"""Parts that are larger than their whole: such a call has no price, its gap is named, and its counts are not cut."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from interchange.importers.mapping_text import build_mapping
from interchange.repricing import reprice
from settings.loader import load_settings
from showcase.metering.body import Body
from showcase.metering.record import row_of
from tests.interchange.importers.importing import by_id, imported, written

PRICING = load_settings().pricing
M = 1_000_000
# 200 uncached at $2.50, 800 cached at $1.25 and 100 output at $10 for a million
SOUND = (Decimal(200) * Decimal("2.5") + 800 * Decimal("1.25") + 100 * 10) / M


def found(row: dict[str, str]) -> tuple[Decimal | None, str, str]:
    return Decimal(row["cost_usd"]) if row["cost_usd"] else None, row["cost_source"], row["cost_gap"]


UNKNOWN_INPUT = (None, "unknown", "input_tokens")
UNKNOWN_REASONING = (None, "unknown", "reasoning_tokens")


def litellm(name: str, **changes: Any) -> dict[str, Any]:
    details = {"cached_tokens": changes.pop("cached", 800)}
    thought = {"reasoning_tokens": changes.pop("reasoning", 0)}
    usage = {"prompt_tokens_details": details, "completion_tokens_details": thought}
    return {
        "request_id": name, "call_type": "acompletion", "spend": None, "model": "gpt-4o",
        "custom_llm_provider": "openai", "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
        "startTime": "2026-11-20T10:00:00Z", "endTime": "2026-11-20T10:00:01Z",
        "metadata": json.dumps({"usage_object": usage}),
    } | changes  # fmt: skip


def test_parts_larger_than_their_whole_have_no_price_and_a_reported_cost_stays(tmp_path: Path) -> None:
    records = [litellm(f"r{n}", reasoning=100) for n in range(8)]
    records += [
        litellm("even", cached=1000),
        litellm("over", cached=1001),
        litellm("thinks", reasoning=101),
        litellm("both", cached=1001, reasoning=101),
        litellm("billed", cached=1001, spend=0.25),
    ]
    _, rows = imported(tmp_path, records)
    calls = by_id(rows)
    assert {name: found(calls[name]) for name in ("r0", "even", "over", "thinks", "both", "billed")} == {
        "r0": (SOUND, "computed", ""),
        "even": ((1000 * Decimal("1.25") + 100 * 10) / M, "computed", ""),
        "over": UNKNOWN_INPUT,
        "thinks": UNKNOWN_REASONING,
        "both": (None, "unknown", "input_tokens reasoning_tokens"),
        "billed": (Decimal("0.25"), "reported", ""),
    }
    counts = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens")
    assert [calls["both"][name] for name in counts] == ["1000", "1001", "100", "101"]
    target = tmp_path / "calls.csv"
    assert reprice(target, PRICING, computed_too=True).added_usd == 0
    assert by_id(written(target)) == calls


def test_a_negative_input_of_langfuse_beside_sound_calls(tmp_path: Path) -> None:
    sound = {"input": 19, "input_cache_creation": 95_100, "output": 500, "total": 95_619}
    records = [
        {"id": name, "traceId": name, "type": "GENERATION", "startTime": "2026-11-20T10:00:00Z",
         "model": "claude-sonnet-4-5-20250929", "usageDetails": usage}
        for name, usage in (("a", sound), ("b", sound), ("negative", sound | {"input": -95_081}))
    ]  # fmt: skip
    _, rows = imported(tmp_path, json.dumps(records))
    calls = by_id(rows)
    # 19 uncached at $3, 95,100 written at $3.75 and 500 output at $15 for a million
    assert found(calls["a"]) == ((19 * 3 + 95_100 * Decimal("3.75") + 500 * 15) / M, "computed", "")
    assert found(calls["negative"]) == UNKNOWN_INPUT
    assert (calls["negative"]["input_tokens"], calls["negative"]["cache_write_tokens"]) == ("19", "95100")


@pytest.mark.parametrize(
    ("column", "gap"), [("cached_input_tokens", "input_tokens"), ("input_audio_tokens", "input_tokens")]
)
def test_a_mapped_part_larger_than_its_whole(tmp_path: Path, column: str, gap: str) -> None:
    lines = [f"2026-11-20T10:00:{n:02}Z,1000,100,0" for n in range(40)]
    lines += [f"2026-11-20T10:01:{n:02}Z,1000,100,500" for n in range(40)]
    lines.append("2026-11-20T11:00:00Z,1000,100,1001")
    mapping = build_mapping(
        ["timestamp=t", "input_tokens=i", "output_tokens=o", f"{column}=p"],
        ["model=gpt-4o", "provider=openai"],
    )
    _, rows = imported(tmp_path, "t,i,o,p\n" + "\n".join(lines), mapping=mapping, format="csv")
    [last] = [row for row in rows if row["timestamp"].startswith("2026-11-20T11")]
    assert last[column] == "1001"
    assert last["cost_source"] == "unknown"
    assert gap in last["cost_gap"].split()


def test_writes_for_an_hour_beyond_all_writes_at_the_metering_server() -> None:
    body = {
        "transactionId": "b", "requestTime": "2026-11-20T10:00:00Z", "requestDuration": 1000,
        "provider": "ANTHROPIC", "model": "claude-sonnet-4-5", "inputTokenCount": 100, "outputTokenCount": 10,
        "cacheCreationTokenCount": 50, "cacheCreation1hTokenCount": 51, "stopReason": "END",
    }  # fmt: skip
    row = row_of(Body.parsed(json.dumps(body).encode()), PRICING)
    assert found(row) == (None, "unknown", "cache_write_tokens")
