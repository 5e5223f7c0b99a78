"""Settings load strictly: what is not known or not possible is refused with file, key and what is allowed."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.outcome import UsageError
from settings.loader import load_settings
from settings.pricing import Pricing
from settings.rates import Model, Rate, cost
from settings.terms import Terms

DEFAULT = load_settings()
PRICING = DEFAULT.pricing


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_defaults_load_with_the_plans_and_models_that_the_simulators_need() -> None:
    assert {plan.id: plan.monthly_usd for plan in PRICING.plan} == {
        "starter": 29,
        "pro": 99,
        "enterprise": 299,
    }
    assert {"openai", "anthropic", "bedrock"} <= {model.provider for model in PRICING.model}
    assert all(price.source.startswith("https://") for model in PRICING.model for price in model.price)
    tiered, usage = PRICING.offer.tiered, PRICING.offer.usage
    assert {offer.id for offer in tiered} | {offer.id for offer in usage} == {"tiered", "usage"}


def test_a_file_need_only_hold_what_differs(tmp_path: Path) -> None:
    mine = load_settings(file(tmp_path, "[service_levels]\nlatency_ms = 500\n"))
    assert mine.service_levels.latency_ms == 500
    assert mine.service_levels.compliance_target == DEFAULT.service_levels.compliance_target
    assert mine.anomaly == DEFAULT.anomaly
    assert mine.digest != DEFAULT.digest
    assert load_settings(file(tmp_path, "# nothing else\n")).digest == DEFAULT.digest


def test_a_list_of_tables_is_replaced_as_a_whole(tmp_path: Path) -> None:
    mine = load_settings(pricing_path=file(tmp_path, '[[plan]]\nid = "solo"\nmonthly_usd = 9.5\n')).pricing
    assert [(plan.id, plan.monthly_usd) for plan in mine.plan] == [("solo", Decimal("9.5"))]
    assert len(mine.model) == len(PRICING.model)


MODEL = """
[[model]]
provider = "{provider}"
model = "{model}"
maker = "openai"
grade = "economy"
[[model.price]]
from = 2026-01-01
checked = 2026-01-02
source = "our contract"
input_usd_per_mtok = 7
output_usd_per_mtok = 9
"""


def test_a_model_takes_the_place_of_the_one_with_its_name_and_leaves_the_others(tmp_path: Path) -> None:
    # one of pricing.toml, an alias of one of published_rates.csv, one that nobody had
    text = "".join(
        MODEL.format(provider=provider, model=model)
        for provider, model in (("openai", "gpt-6-luna"), ("openai", "ChatGPT"), ("mine", "gpt-6-luna"))
    )
    mine = load_settings(pricing_path=file(tmp_path, text)).pricing
    assert len(mine.model) == len(PRICING.model) + 2
    for provider, model in (("openai", "gpt-6-luna"), ("openai", "chatgpt"), ("mine", "gpt-6-luna")):
        rate = mine.rate(provider, model, date(2026, 5, 1))
        assert rate is not None
        assert (rate.input_usd_per_mtok, rate.output_usd_per_mtok) == (7, 9)
    # which only loses the alias
    turbo = mine.find("openai", "gpt-3.5-turbo")
    assert turbo is not None
    assert turbo.aliases == ("gpt-35-turbo", "gpt-3.5-turbo-0125")
    assert turbo.price == PRICING.find("openai", "gpt-3.5-turbo").price  # type: ignore[union-attr]
    assert mine.find("openai", "gpt-4o") == PRICING.find("openai", "gpt-4o")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[service_levels]\nlatency = 5\n",
            r"service_levels\.latency is not a setting; allowed are .*latency_ms",
        ),
        ("[service_level]\n", "service_level is not a setting; allowed are"),
        ("[service_levels]\nlatency_ms = 0\n", "service_levels.latency_ms is 0; allowed is 1 to 3600000"),
        ("[service_levels]\nlatency_ms = 2.5\n", "must be a whole number"),
        ("[service_levels]\nlatency_ms = true\n", "must be a whole number"),
        ("[service_levels]\nerror_rate_max = nan\n", "allowed is 0 to 1"),
        ('[chargeback]\nshared_method = "odd"\n', "allowed are even, proportional, fixed"),
        ('[chargeback]\nshared_method = "fixed"\n[chargeback.fixed_shares]\na = 0.5\n', "sum to 1"),
        ("[churn]\nelasticity_low = -0.1\nelasticity_high = -0.5\n", "swap"),
        ('[[budget]]\nscope = "customer"\nname = ""\nmonthly_usd = 5\n', "names whom"),
        ('[[budget]]\nscope = "total"\n', r"budget\[1\]\.name is missing"),
        ('[[budget]]\nscope = "total"\nname = ""\nmonthly_usd = 5\n' * 2, "stands twice"),
        ('[[volume_tier]]\nprovider = "p"\nfrom_usd_month = 5\ndiscount = 0.1\n' * 2, "stands twice"),
        ("latency_ms =\n", "not valid TOML"),
        ("digest = 'x'\n", "digest is not a setting"),
    ],
)
def test_what_is_not_possible_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = file(tmp_path, text)
    with pytest.raises(UsageError, match=said) as caught:
        load_settings(path)
    assert str(caught.value).startswith(str(path))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_settings(tmp_path / "none.toml")


def test_rates_hold_from_their_day_on() -> None:
    # o3 fell from $10 to $2 on 10 June 2025
    before, after = (PRICING.rate("openai", "o3", day) for day in (date(2025, 6, 9), date(2025, 6, 10)))
    assert before is not None
    assert after is not None
    assert (before.input_usd_per_mtok, after.input_usd_per_mtok) == (10, 2)


def test_long_prompts_have_their_own_rate_from_the_next_token_on() -> None:
    rates = [
        PRICING.rate("google", "gemini-2.5-pro", date(2026, 1, 5), tokens) for tokens in (200_000, 200_001)
    ]
    assert [rate.input_usd_per_mtok for rate in rates if rate] == [Decimal("1.25"), Decimal("2.5")]


@pytest.mark.parametrize(
    ("provider", "model", "found"),
    [
        ("openai", "gpt-4o-2024-08-06", ("openai", "gpt-4o")),
        ("openai", "gpt-4o-2024-05-13", ("openai", "gpt-4o-2024-05-13")),
        ("openai", "openai/gpt-5.1-2025-11-13", ("openai", "gpt-5.1")),
        ("anthropic", "claude-haiku-4.5", ("anthropic", "claude-haiku-4-5")),
        ("azure", "gpt-4o", ("openai", "gpt-4o")),
        ("azure.ai.openai", "gpt-4o-mini", ("openai", "gpt-4o-mini")),
        (
            "bedrock",
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            ("bedrock", "regional.anthropic.claude-sonnet-4-5"),
        ),
        (
            "bedrock",
            "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
            ("bedrock", "global.anthropic.claude-sonnet-4-5"),
        ),
        (
            "bedrock",
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            ("bedrock", "regional.anthropic.claude-sonnet-4-5"),
        ),
        ("bedrock", "eu.amazon.nova-pro-v1:0", ("bedrock", "amazon.nova-pro")),
        (
            "vertex_ai",
            "projects/a/locations/b/publishers/google/models/gemini-2.5-flash",
            ("google", "gemini-2.5-flash"),
        ),
        ("", "anthropic/claude-sonnet-4-5-20250929", ("anthropic", "claude-sonnet-4-5")),
    ],
)
def test_a_model_is_found_under_its_other_spellings(
    provider: str, model: str, found: tuple[str, str]
) -> None:
    entry = PRICING.find(provider, model)
    assert entry is not None
    assert (entry.provider, entry.model) == found


def test_an_unknown_model_or_seller_has_no_rate() -> None:
    assert PRICING.rate("openai", "gpt-99", date(2026, 1, 1)) is None
    assert PRICING.rate("nebius", "gpt-4o", date(2026, 1, 1)) is None
    assert PRICING.rate("openai", "gpt-4o", date(2001, 1, 1)) is None


def test_the_cost_of_per_call_counts_each_kind_of_token_once() -> None:
    rate = Rate(Decimal(3), Decimal(15), Decimal("0.3"), Decimal("3.75"), Decimal(6))
    # 20 uncached, 1,000 read, 150 written for 5 minutes, 50 for an hour, 30 output
    expected = 20 * Decimal(3) + 1000 * Decimal("0.3") + 150 * Decimal("3.75") + 50 * Decimal(6) + 30 * 15
    assert cost(rate, 1220, 30, 1000, 200, 50) == expected / 1_000_000 == Decimal("0.0016725")


@given(st.integers(0, 10**7), st.integers(0, 10**6))
def test_half_a_nano_dollar_is_rounded_to_the_even_one(input_tokens: int, output_tokens: int) -> None:
    rate = Rate(Decimal("0.0005"), Decimal(0), Decimal(0), Decimal(0), Decimal(0))
    half_nanos = input_tokens  # a token costs half a nano-dollar
    expected = half_nanos // 2 + (half_nanos % 2 and (half_nanos // 2) % 2)
    assert cost(rate, input_tokens, output_tokens) == Decimal(expected) / 10**9
    assert cost(None, input_tokens, output_tokens) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[plan]]\nid = "a"\nmonthly_usd = 1\n[[plan]]\nid = "a"\nmonthly_usd = 2\n', "stands twice"),
        (
            '[[model]]\nprovider = "p"\nmodel = "m"\nmaker = "p"\ngrade = "standard"\nprice = []\n',
            "at least one price",
        ),
        ('[[plan]]\nid = "a"\nmonthly_usd = -1\n', "allowed is 0 to"),
        (MODEL.format(provider="aws", model="m"), 'calls know as "bedrock"'),
        (MODEL.format(provider="OpenAI", model="m"), 'calls know as "openai"'),
        (MODEL.format(provider="p", model="m") * 2, "another entry has too"),
        ('[[provider]]\nid = "a"\n[[provider]]\nid = "b"\naliases = ["a"]\n', "stands twice"),
        ('[[provider]]\nid = "a"\nrates_of = "b"\n', "allowed are a"),
        ('[[offer.usage]]\nid = "hybrid"\nusd_per_mtok = 1\n', "stands twice"),
        ("model = 5\n", "must be a list"),
        ("model = [5]\n", "must be a table"),
    ],
)
def test_impossible_prices_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_settings(pricing_path=file(tmp_path, text))


TIER = """
[[model]]
provider = "openai"
model = "{model}"
keep_listed_prices = true
[[model.price]]
from = 2026-01-01
checked = 2026-11-30
source = "our contract"
service_tier = "{tier}"
input_usd_per_mtok = 3
output_usd_per_mtok = 18
"""


def own_tier(tmp_path: Path, model: str, tier: str, start: str = "2026-01-01") -> Path:
    return file(tmp_path, TIER.format(model=model, tier=tier).replace("from = 2026-01-01", f"from = {start}"))


def model_of(pricing: Pricing) -> Model:
    found = pricing.find("openai", "gpt-5.4")
    assert found
    return found


def test_a_price_of_ones_own_joins_those_of_the_list(tmp_path: Path) -> None:
    listed, own = PRICING, load_settings(pricing_path=own_tier(tmp_path, "gpt-5.4", "scale")).pricing
    day, counts = datetime(2026, 11, 20), {"input_tokens": 1_000_000, "output_tokens": 0}  # noqa: DTZ001
    for tier in ("", "batch", "priority"):
        terms = Terms("openai", "gpt-5.4", tier)
        assert own.call_price(terms, day, counts) == listed.call_price(terms, day, counts)
    scale = Terms("openai", "gpt-5.4", "scale")
    assert listed.call_price(scale, day, counts).usd is None
    assert own.call_price(scale, day, counts).usd == 3
    assert model_of(own).aliases == model_of(listed).aliases


def test_a_price_of_ones_own_goes_before_the_listed_one_of_its_day(tmp_path: Path) -> None:
    listed = model_of(PRICING)
    batch = next(price for price in listed.price if price.service_tier == "batch")
    found = model_of(
        load_settings(pricing_path=own_tier(tmp_path, "gpt-5.4", "batch", f"{batch.valid_from}")).pricing
    )
    own = [p for p in found.price if (p.service_tier, p.above_input_tokens) == ("batch", -1)]
    assert [price.input_usd_per_mtok for price in own] == [3]
    assert len(found.price) == len(listed.price)


def test_a_price_of_ones_own_joins_what_the_shipped_file_has_joined_to_the_collection(tmp_path: Path) -> None:
    own = load_settings(
        pricing_path=file(
            tmp_path, TIER.format(model="claude-sonnet-4", tier="scale").replace("openai", "anthropic")
        )
    )
    [model] = [
        each for each in own.pricing.model if (each.provider, each.model) == ("anthropic", "claude-sonnet-4")
    ]
    assert sorted(f"{price.valid_from} {price.service_tier} {price.above_input_tokens}" for price in model.price) == [
        "2025-01-01  -1", "2025-08-12  -1", "2025-08-12  200000", "2026-01-01 scale -1",
    ]  # fmt: skip


def test_prices_of_no_list_cannot_be_kept(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="keep_listed_prices for openai/own-llm, which no list has"):
        load_settings(pricing_path=own_tier(tmp_path, "own-llm", "scale"))
