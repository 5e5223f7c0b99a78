"""What holds of prices whatever the terms: by import and re-pricing, in any order of lines and files."""

import csv
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from interchange.importers.import_run import Order, run_import
from interchange.importers.mapping_text import build_mapping
from interchange.repricing import reprice
from settings.loader import load_settings
from settings.pricing import Pricing
from settings.terms import Terms
from tests.interchange.importers.importing import written
from tests.settings.price_cases import COUNT_COLUMNS, Case, expected, made_cases, made_pricing

NAMES = ("timestamp", "id", *Terms._fields, *COUNT_COLUMNS, "units")
Outcome = dict[str, tuple[Any, str, str]]


def line_of(number: int, case: Case) -> dict[str, str]:
    counts = {name: "" if count is None else str(count) for name, count in case.counts.items()}
    return {
        "timestamp": f"{case.instant.isoformat()}Z", "id": f"c{number}", **case.terms._asdict(), **counts,
        "units": "" if case.units is None else f"{case.units:f}",
    }  # fmt: skip


def write_lines(path: Path, lines: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, NAMES, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    return path


def import_lines(folder: Path, pricing: Pricing, *files: list[dict[str, str]]) -> Path:
    """Imports some files of lines as one import; gives the CSV of calls."""
    folder.mkdir()
    sources = [str(write_lines(folder / f"{number}.csv", lines)) for number, lines in enumerate(files)]
    mapping = build_mapping(["call_id=id"], [], cached_tokens="inside", reasoning_tokens="inside")
    run_import(Order(sources, folder / "calls.csv", pricing, mapping=mapping, published_rates=False))
    return folder / "calls.csv"


def outcomes(path: Path) -> Outcome:
    return {
        row["call_id"]: (
            Decimal(row["cost_usd"]) if row["cost_usd"] else None,
            row["cost_gap"],
            row["cost_source"],
        )
        for row in written(path)
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_an_import_prices_as_the_function_does_and_repricing_changes_nothing(
    tmp_path: Path, seed: int
) -> None:
    pricing, cases = made_pricing(seed), made_cases(seed, 200)
    path = import_lines(tmp_path / "a", pricing, [line_of(number, case) for number, case in enumerate(cases)])
    wanted = {f"c{number}": expected(pricing, case) for number, case in enumerate(cases)}
    found = outcomes(path)
    assert {name: found[name] for name in wanted if found[name] != wanted[name]} == {}
    assert {source for _, _, source in found.values()} == {"computed", "partial", "unknown"}
    result = reprice(path, pricing, computed_too=True)
    assert (result.added_usd, result.kept, result.passed_over) == (0, 0, 0)
    assert outcomes(path) == found


@pytest.mark.slow
def test_neither_the_order_of_lines_nor_of_files_changes_a_price(tmp_path: Path) -> None:
    pricing, cases = made_pricing(1), made_cases(11, 60)
    lines = [line_of(number, case) for number, case in enumerate(cases)]
    whole = outcomes(import_lines(tmp_path / "whole", pricing, lines))
    mixed = random.Random(5).sample(lines, len(lines))
    assert outcomes(import_lines(tmp_path / "lines", pricing, mixed)) == whole
    assert outcomes(import_lines(tmp_path / "files", pricing, mixed[:20], mixed[20:23], mixed[23:])) == whole


PRICING = load_settings().pricing
MODELS = (
    ("openai", "gpt-5.4"), ("anthropic", "claude-opus-5-5"), ("google", "gemini-2.5-pro"),
    ("deepseek", "deepseek-v4-pro"), ("mistral", "mistral-large-4"),
)  # fmt: skip
UNRATED: tuple[tuple[dict[str, Any], str, bool], ...] = (
    ({"service_tier": "never-sold"}, "service_tier=never-sold", False),
    ({"speed": "warp"}, "speed=warp", False),
    ({"tool_units": "oracle:2"}, "oracle", True),
    ({"unit": "parsec"}, "unit=parsec", True),
)
"""A term without a rate, its name, and whether the rest is priced."""


@given(
    place=st.integers(0, len(MODELS) - 1),
    counts=st.tuples(st.integers(1, 10**6), st.integers(0, 10**5), st.integers(0, 100)),
    minute=st.integers(0, 60 * 24 * 20),
    added=st.sampled_from(UNRATED),
)
@hypothesis_settings(max_examples=200, deadline=None)
def test_a_term_without_a_rate_leaves_the_cost_unknown_or_a_named_lower_bound(
    place: int, counts: tuple[int, int, int], minute: int, added: tuple[dict[str, Any], str, bool]
) -> None:
    from datetime import datetime, timedelta

    terms, gap, is_partial = added
    instant = datetime(2026, 11, 1) + timedelta(minutes=minute)  # noqa: DTZ001  UTC without a zone
    read, answer, share = counts
    used = {"input_tokens": read, "output_tokens": answer, "cached_input_tokens": read * share // 100}
    plain = PRICING.call_price(Terms(*MODELS[place]), instant, used)
    assert plain.cost_source == "computed"
    units = Decimal(3) if "unit" in terms else None
    found = PRICING.call_price(Terms(*MODELS[place])._replace(**terms), instant, used, units)
    assert gap in found.gap.split()
    assert (found.usd, found.is_partial) == ((plain.usd, True) if is_partial else (None, False))
