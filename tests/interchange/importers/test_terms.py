"""Terms that sources say, and what they cost: each expected price is the sum of rates times counts of `src/settings`."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from interchange.importers.mapping_text import build_mapping
from interchange.repricing import reprice
from settings.loader import load_settings
from settings.terms import Terms
from showcase.metering.body import Body
from showcase.metering.record import row_of
from tests.interchange.importers.importing import by_id, imported, written

PRICING = load_settings().pricing
M = 1_000_000


def dollars(row: dict[str, str]) -> Decimal | None:
    return Decimal(row["cost_usd"]) if row["cost_usd"] else None


def session_line(name: str, **usage: Any) -> dict[str, Any]:
    counts = {"input_tokens": 100_000, "output_tokens": 10_000, "service_tier": "standard"} | usage
    return {
        "sessionId": "s", "uuid": name, "type": "assistant", "timestamp": "2026-11-10T10:00:00Z", "requestId": name,
        "message": {"id": name, "role": "assistant", "model": "claude-opus-4-6", "usage": counts},
    }  # fmt: skip


WRITTEN_FOR_AN_HOUR = {
    "input_tokens": 0,
    "cache_creation_input_tokens": 100_000,
    "cache_creation": {"ephemeral_1h_input_tokens": 100_000},
}
TOOLS = {"server_tool_use": {"web_search_requests": 20, "code_execution_requests": 2}}
PLAIN = Decimal(100_000 * 5 + 10_000 * 25) / M
SESSIONS = {
    "plain": ({}, PLAIN, ""),
    "fast": ({"speed": "fast"}, None, "speed=fast"),
    "committed": ({"service_tier": "priority"}, None, "service_tier=priority"),
    "batch": ({"service_tier": "batch"}, PLAIN / 2, ""),
    "us": ({"inference_geo": "us"}, PLAIN * Decimal("1.1"), ""),
    "anywhere": ({"inference_geo": "not_available"}, PLAIN, ""),
    "elsewhere": ({"inference_geo": "mars"}, None, "inference_geo=mars"),
    "hour": (WRITTEN_FOR_AN_HOUR, Decimal(100_000 * 10 + 10_000 * 25) / M, ""),
    "tools": (TOOLS, PLAIN + 20 * Decimal("0.01"), "code_execution"),
    "stacked": (
        WRITTEN_FOR_AN_HOUR | TOOLS | {"service_tier": "batch", "inference_geo": "us"},
        Decimal(100_000 * 10 + 10_000 * 25) / M / 2 * Decimal("1.1") + 20 * Decimal("0.01"),
        "code_execution",
    ),
}


def test_terms_of_a_session_and_no_change_by_repricing(tmp_path: Path) -> None:
    lines = [json.dumps(session_line(name, **usage)) for name, (usage, _, _) in SESSIONS.items()]
    _, rows = imported(tmp_path, "\n".join(lines))
    assert {name: (dollars(row), row["cost_gap"]) for name, row in by_id(rows).items()} == {
        name: (usd, gap) for name, (_, usd, gap) in SESSIONS.items()
    }
    assert by_id(rows)["tools"]["cost_source"] == "partial"
    target = tmp_path / "calls.csv"
    assert reprice(target, PRICING, computed_too=True).added_usd == 0
    assert by_id(written(target)) == by_id(rows)


def test_a_computed_call_keeps_its_price_where_the_new_list_has_none_for_its_tier(tmp_path: Path) -> None:
    imported(tmp_path, json.dumps(session_line("b", service_tier="batch")))
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[[model]]\nprovider = "anthropic"\nmodel = "claude-opus-4-6"\nmaker = "anthropic"\ngrade = "premium"\n'
        '[[model.price]]\nfrom = 2026-01-01\nchecked = 2026-11-24\nsource = "x"\n'
        "input_usd_per_mtok = 1\noutput_usd_per_mtok = 1\n"
    )
    result = reprice(tmp_path / "calls.csv", load_settings(pricing_path=mine).pricing, computed_too=True)
    assert (result.kept, result.changes[0].gaps) == (1, ("service_tier=batch",))
    [row] = written(tmp_path / "calls.csv")
    assert dollars(row) == PLAIN / 2


def test_computed_calls_of_a_file_without_terms_are_passed_over_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    imported(tmp_path, json.dumps(session_line("a")))
    [row] = written(tmp_path / "calls.csv")
    kept = list(row)[: list(row).index("service_tier")]
    row["cost_usd"] = "0.1"
    path.write_text(",".join(kept) + "\n" + ",".join(row[name] for name in kept) + "\n")
    before = path.read_bytes()
    result = reprice(path, PRICING, computed_too=True)
    assert (result.passed_over, result.filled, path.read_bytes()) == (1, 0, before)
    result = reprice(path, PRICING, computed_too=True, assume_standard=True)
    assert (result.passed_over, result.filled, result.assumed_standard) == (0, 1, 1)
    assert dollars(written(path)[0]) == PLAIN


def generation(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "data": {
            "id": name, "created_at": "2026-11-11T08:00:00Z", "model": "anthropic/claude-sonnet-4.5",
            "provider_name": "Anthropic", "native_tokens_prompt": 9171, "native_tokens_completion": 113,
        } | fields
    }  # fmt: skip


def test_an_own_key_costs_the_fee_and_what_the_upstream_bills(tmp_path: Path) -> None:
    upstream, fee = 0.0360795, 0.001803975
    records = [
        generation("own, no fee", total_cost=0, upstream_inference_cost=upstream, is_byok=True),
        generation("own", total_cost=fee, upstream_inference_cost=upstream, is_byok=True),
        generation("not own", total_cost=upstream, upstream_inference_cost=0.035, is_byok=False),
        generation("not said", total_cost=upstream, upstream_inference_cost=None),
    ]
    _, rows = imported(tmp_path, "\n".join(map(json.dumps, records)))
    assert {name: dollars(row) for name, row in by_id(rows).items()} == {
        "own, no fee": Decimal("0.0360795"), "own": Decimal("0.0360795") + Decimal("0.001803975"),
        "not own": Decimal("0.0360795"), "not said": Decimal("0.0360795"),
    }  # fmt: skip


def span(number: int, **tiers: str) -> dict[str, Any]:
    values = {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5.4",
        "gen_ai.usage.input_tokens": "100000", "gen_ai.usage.output_tokens": "10000",
    } | {f"openai.{side}.service_tier": tier for side, tier in tiers.items()}  # fmt: skip
    return {
        "traceId": f"{number:032x}", "spanId": f"{number:016x}", "name": "chat",
        "startTimeUnixNano": "1794301000000000000", "endTimeUnixNano": "1794301001000000000",
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in values.items()],
    }  # fmt: skip


def test_the_tier_that_served_goes_before_the_one_asked_for(tmp_path: Path) -> None:
    tiers = [
        ({"response": "default", "request": "priority"}, Decimal("0.40")),
        ({"response": "priority"}, Decimal("0.80")),
        ({"response": "flex"}, Decimal("0.20")),
        ({"request": "auto"}, Decimal("0.40")),
        ({"request": "priority"}, Decimal("0.80")),
        ({"response": "scale"}, None),
    ]
    spans = [span(number, **said) for number, (said, _) in enumerate(tiers, start=1)]
    document = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": spans}]}]}
    _, rows = imported(tmp_path, json.dumps(document))
    # 100,000 input and 10,000 output of gpt-5.4: 2.50 and 15 for a million, 5 and 30 as priority, 1.25 and 7.50 as flex
    assert [dollars(row) for row in sorted(rows, key=lambda row: row["trace_id"])] == [
        usd for _, usd in tiers
    ]


AUDIO = Decimal(1_000 * Decimal("0.3") + 100_000 * 1 + 500 * Decimal("2.5")) / M


@pytest.mark.parametrize(
    "usage",
    [
        {"input": 0, "input_text": 1000, "input_audio": 100_000, "output": 500},
        {"input": 1000, "input_audio_tokens": 100_000, "output": 500, "total": 101_500},
        {"input_modality_1_audio": 100_000, "input": 1000, "output": 500},
    ],
)
def test_sound_has_a_rate_of_its_own_however_langfuse_calls_it(tmp_path: Path, usage: dict[str, int]) -> None:
    record = {
        "id": "o", "traceId": "t", "type": "GENERATION", "startTime": "2026-11-20T10:00:00Z",
        "model": "gemini-2.5-flash", "usageDetails": usage,
    }  # fmt: skip
    _, [row] = imported(tmp_path, json.dumps([record]))
    assert (dollars(row), row["input_audio_tokens"]) == (AUDIO, "100000")


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        # 19 uncached at $3, 95,100 written at $3.75 and 500 output at $15 for a million; the lifetime says it again
        (
            {
                "input": 19,
                "input_cache_creation": 95_100,
                "input_ephemeral_5m_input_tokens": 95_100,
                "output": 500,
            },
            Decimal(19 * 3 + 500 * 15 + 95_100 * Decimal("3.75")) / M,
        ),
        # written for an hour at $6
        (
            {
                "input": 19,
                "input_cache_creation": 0,
                "input_ephemeral_1h_input_tokens": 95_100,
                "output": 500,
            },
            Decimal(19 * 3 + 500 * 15 + 95_100 * 6) / M,
        ),
    ],
)
def test_writes_by_lifetime_count_once_in_langfuse(
    tmp_path: Path, usage: dict[str, int], usd: Decimal
) -> None:
    record = {
        "id": "o", "traceId": "t", "type": "GENERATION", "startTime": "2026-11-20T10:00:00Z",
        "model": "claude-sonnet-4-5-20250929", "usageDetails": usage,
    }  # fmt: skip
    _, [row] = imported(tmp_path, json.dumps([record]))
    assert dollars(row) == usd


def test_hours_are_those_of_the_week_in_beijing(tmp_path: Path) -> None:
    times = {
        "2026-11-10T02:00:00Z": "1.5", "2026-11-10T09:59:59Z": "1.5", "2026-11-10T10:00:00Z": "0.75",
        "2026-11-14T02:00:00Z": "0.75",
    }  # fmt: skip
    lines = [f"{time},deepseek-v4-flash,1000000,1000000" for time in times]
    mapping = build_mapping(
        ["timestamp=when", "model=llm", "input_tokens=prompt", "output_tokens=completion"],
        ["provider=deepseek"],
    )
    _, rows = imported(
        tmp_path, "\n".join(["when,llm,prompt,completion", *lines]), mapping=mapping, format="csv"
    )
    # 0.30 and 1.20 for a million from 01:00 to 04:00 and 06:00 to 10:00 UTC, Monday to Friday; half of it else
    assert [dollars(row) for row in rows] == [Decimal(usd) for usd in times.values()]


@pytest.mark.parametrize(
    ("provider", "model", "usd"),
    [
        ("mistral", "mistral-large-latest", None),
        ("mistral", "mistral-medium-latest", "2.25"),  # 1.50 and a tenth of 7.50 since 16 June 2026
        ("", "deepseek/deepseek-v3.2:free", "0"),
        ("", "openai/gpt-4o:batch", "1.75"),  # 1.25 and a tenth of 5
        ("", "openai/gpt-4o:nitro", None),
        ("openai", "ft:gpt-4o-mini-2024-07-18:acme::abc", "0.42"),  # 0.30 and a tenth of 1.20
        ("openai", "ft:gpt-4.1:acme::abc", None),
        ("openai", "gpt-4-0613", "36"),  # 30 and a tenth of 60
        ("bedrock", "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", None),
    ],
)
def test_a_name_is_priced_as_what_it_is_or_not_at_all(
    tmp_path: Path, provider: str, model: str, usd: str | None
) -> None:
    line = {"timestamp": "2026-11-20T08:00:00Z", "provider": provider, "model": model}
    _, [row] = imported(tmp_path, json.dumps(line | {"input_tokens": 1_000_000, "output_tokens": 100_000}))
    assert dollars(row) == (None if usd is None else Decimal(usd))


def test_both_doors_of_a_metering_body_give_the_same_price(tmp_path: Path) -> None:
    body = {
        "transactionId": "b", "requestTime": "2026-11-10T10:00:00Z", "requestDuration": 1000, "provider": "OPENAI",
        "model": "gpt-4o", "inputTokenCount": 1_000_000, "outputTokenCount": 100_000, "stopReason": "END",
    }  # fmt: skip
    half = Decimal(1_000_000 * Decimal("1.25") + 100_000 * 5) / M
    for said, usd in (
        ({"pricingTier": "BATCH"}, half),
        ({"pricingTier": "BATCH", "actualServiceTier": "default"}, half),
        ({"pricingTier": "STANDARD"}, half * 2),
        ({"actualServiceTier": "scale", "requestedServiceTier": "default"}, None),
    ):
        stored = row_of(Body.parsed(json.dumps(body | said).encode()), PRICING)
        folder = tmp_path / "-".join(said.values())
        folder.mkdir()
        _, [row] = imported(folder, json.dumps(body | said))
        assert dollars(stored) == dollars(row) == usd
        assert stored.get("cost_gap", "") == row["cost_gap"]


def test_the_place_and_the_lifetime_that_langfuse_says(tmp_path: Path) -> None:
    """Claude Sonnet 5.5 in the US at 1.1 of its rates: 1,000 input at 2 USD and 100 output at 10 for a million tokens."""
    observation = {
        "id": "o", "traceId": "t", "type": "GENERATION", "startTime": "2026-11-20T10:00:00.000Z",
        "endTime": "2026-11-20T10:00:01.000Z", "model": "claude-sonnet-5-5",
        "metadata": {"inference_geo": "us", "ls_provider": "anthropic"}, "usageDetails": {"input": 1000, "output": 100},
    }  # fmt: skip
    _, [row] = imported(tmp_path, [observation])
    assert row["inference_geo"] == "us"
    assert Decimal(row["cost_usd"]) == (1000 * Decimal(2) + 100 * Decimal(10)) * Decimal("1.1") / 1_000_000
    (tmp_path / "longer").mkdir()
    usage = {"input": 1000, "input_cache_creation_12h": 500, "output": 100}
    longer = observation | {
        "model": "gpt-6.1-sol",
        "metadata": {"ls_provider": "openai"},
        "usageDetails": usage,
    }
    _, [row] = imported(tmp_path / "longer", [longer])
    assert (row["cache_write_tokens"], row["cache_write_12h_tokens"]) == ("500", "500")


@pytest.mark.parametrize(
    ("model", "place", "day", "factor"),
    [
        ("gemini-3.5-flash", "global", "2026-07-01", "1"),
        ("gemini-3.5-flash", "europe-west4", "2026-06-30", "1"),
        ("gemini-3.5-flash", "europe-west4", "2026-07-01", "1.1"),
        ("gemini-2.5-pro", "europe-west4", "2026-07-01", "1"),
        ("claude-sonnet-4-5", "eu", "2026-06-30", "1.1"),
    ],
)
def test_an_endpoint_of_vertex_that_is_not_global_costs_a_tenth_more(
    model: str, place: str, day: str, factor: str
) -> None:
    terms, counts = Terms("vertex_ai", model), {"input_tokens": 1000, "output_tokens": 100}
    instant = datetime.fromisoformat(day)
    plain, there = (
        PRICING.call_price(terms._replace(inference_geo=geo), instant, counts).usd for geo in ("", place)
    )
    assert plain is not None
    assert there == plain * Decimal(factor)


def test_a_lower_bound_is_completed_as_soon_as_nothing_lacks_a_rate(tmp_path: Path) -> None:
    lines = [
        {
            "timestamp": f"2026-11-20T10:0{n}:00Z", "call_id": f"c{n}", "provider": "openai", "model": "gpt-5.4",
            "input_tokens": 200_000, "output_tokens": 10_000, "tool_units": tools,
        }
        for n, tools in enumerate(("code_interpreter:2", "code_interpreter:1 oracle:1"))
    ]  # fmt: skip
    imported(tmp_path, lines)
    path = tmp_path / "calls.csv"
    before = path.read_bytes()
    assert (reprice(path, PRICING).filled, path.read_bytes()) == (0, before)
    mine = tmp_path / "mine.toml"
    mine.write_text('[[meter]]\nprovider = "openai"\nunit = "code_interpreter"\nusd = 0.03\nsource = "x"\n')
    result = reprice(path, load_settings(pricing_path=mine).pricing)
    assert (result.filled, result.kept, result.changes[0].gaps) == (1, 1, ("oracle",))
    # 0.2 x 2.50 + 0.01 x 15 = 0.65, and two at 0.03; what still lacks a rate keeps the bound that it has
    assert [(dollars(row), row["cost_source"], row["cost_gap"]) for row in written(path)] == [
        (Decimal("0.71"), "computed", ""), (Decimal("0.65"), "partial", "code_interpreter oracle"),
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "tokens", "rate"), [
    ("2025-08-12", 200_000, 3), ("2025-08-12", 200_001, 6), ("2025-08-11", 200_001, 3),
])  # fmt: skip
def test_a_context_of_a_million_tokens_is_dearer_for_the_whole_call(day: str, tokens: int, rate: int) -> None:
    found = PRICING.call_price(
        Terms("anthropic", "claude-sonnet-4-20250514"), datetime.fromisoformat(day), {"input_tokens": tokens}
    )
    assert found.usd == Decimal(tokens * rate) / M
