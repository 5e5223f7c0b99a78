"""Costs that lack a term are said by every report, whichever way the calls are read, and never as $0."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from calls.cost_gaps import ALWAYS_RATED, Gap, advice, gap_sentences, gap_words, is_miscount
from calls.engine import open_calls
from calls.engine_choice import EngineChoice, open_any, open_on
from calls.rollups.shared import BESIDE_SUMS
from calls.schema import COLUMN_NAMES, TERMS_NOT_RECORDED
from calls.selection import Selection
from calls.spark.spark_calls import Spark, SparkCalls
from settings.call_price import REASONING
from settings.meters import BY_NAME, METERS, Meter
from tests.calls.call_files import row, write
from tests.running import run_script

UNKNOWN = {"cost_usd": "", "cost_source": "unknown"}
PRIORITY = Gap("service_tier=priority", is_partial=False, calls=3, known_cost_usd=Decimal(0))
CODE = Gap("code_execution", is_partial=True, calls=2, known_cost_usd=Decimal("0.350000000"))
MISCOUNTED = Gap("input_tokens", is_partial=False, calls=1, known_cost_usd=Decimal(0))
EXPECTED = (PRIORITY, CODE, MISCOUNTED)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten calls of 0.01 USD, two of 0.15 and 0.20 at least, four of unknown cost; one was written before terms were."""
    number = iter(range(100))
    known = {"cost_usd": "0.01", "cost_source": "computed"}
    partial = {"cost_source": "partial", "cost_gap": CODE.gap, "provider": "anthropic", "model": "m2"}
    calls = [row(next(number), **known) for _ in range(9)]
    calls.append(row(next(number), **known, cost_gap=TERMS_NOT_RECORDED))
    calls += [row(next(number), **partial, cost_usd=usd) for usd in ("0.15", "0.20")]
    calls += [row(next(number), **UNKNOWN, cost_gap=PRIORITY.gap) for _ in range(3)]
    calls.append(row(next(number), **UNKNOWN, cost_gap=MISCOUNTED.gap))
    return write(tmp_path_factory.mktemp("gaps") / "calls.csv", calls, COLUMN_NAMES)


def test_the_embedded_engine_says_the_gaps(file: Path) -> None:
    with open_calls(file, Selection(excluded_columns=BESIDE_SUMS)) as calls:
        assert calls.source.gaps == EXPECTED
        assert (calls.source.unpriced_calls, calls.source.partial_calls) == (4, 2)
    with open_calls(file, Selection(where=(("provider", "anthropic"),))) as calls:
        assert calls.source.gaps == (CODE,)


def test_a_large_file_says_the_same_in_chunks_and_from_its_cache(file: Path) -> None:
    for _ in range(2):
        with open_on(EngineChoice(summed_bytes=0), file) as calls:
            assert calls.source.gaps == EXPECTED


def test_parquet_says_the_same(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "calls.parquet"
    with open_calls(file) as calls:
        calls.write_parquet(target)
    with open_any(target) as calls:
        assert calls.source.gaps == EXPECTED


@pytest.mark.spark
def test_spark_says_the_same_of_csv_and_parquet(file: Path, tmp_path: Path) -> None:
    from calls.spark.parquet import open_spark_parquet

    target = tmp_path / "calls.parquet"
    with open_calls(file) as calls:
        calls.write_parquet(target)
    spark = Spark()
    with SparkCalls(open_calls(file), spark) as calls:
        assert calls.source.gaps == EXPECTED
    with open_spark_parquet(str(target), spark) as calls:
        assert calls.source.gaps == EXPECTED


def test_a_file_without_terms_has_no_gaps(tmp_path: Path) -> None:
    path = write(tmp_path / "calls.csv", [row(number) for number in range(3)])
    with open_calls(path) as calls:
        assert calls.source.gaps == ()


def test_every_page_every_json_report_and_the_summary_say_them(file: Path, tmp_path: Path) -> None:
    done = run_script("run_all_analyzers.py", "--data", file, "--out", tmp_path, "--json")
    pages = sorted((tmp_path / "html").glob("*.html"))
    assert len(pages) == 9
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for sentence in gap_sentences(EXPECTED):
            assert sentence in text, page.name
        for gap in EXPECTED:
            assert f"<code>{gap.gap}</code>" in text, page.name
        assert 'data-quality="unpriced">4 calls<' in text
        assert 'data-quality="partial">2 calls<' in text
        assert TERMS_NOT_RECORDED not in text
    written = [
        {"gap": gap.gap, "is_partial": gap.is_partial, "calls": gap.calls, "known_cost_usd": f"{gap.known_cost_usd:.9f}"}
        for gap in EXPECTED
    ]  # fmt: skip
    reports = sorted((tmp_path / "json").glob("*.json"))
    assert len(reports) == 9
    for report in reports:
        assert json.loads(report.read_text())["source"]["gaps"] == written, report.name
    told = json.loads(done.stdout)
    assert told["source"]["gaps"] == written
    data = told["lines"][0]
    assert "4 of unknown cost; no rate for service_tier=priority" in data["text"]
    assert "2 of at least what is counted, without a rate for code_execution" in data["text"]
    assert data["figures"]["partial_cost_calls"] == 2


def test_sums_with_a_lower_bound_alone_say_at_least(tmp_path: Path) -> None:
    known = {"cost_usd": "0.01", "cost_source": "computed"}
    bound = known | {"cost_source": "partial", "cost_gap": "code_execution", "customer_id": "other"}
    path = write(tmp_path / "calls.csv", [row(1, **known), row(2, **bound)], COLUMN_NAMES)
    run_script("run_all_analyzers.py", "--data", path, "--out", tmp_path / "r", "--quiet")
    result = json.loads((tmp_path / "r/json/customer_profitability.json").read_text())["result"]
    bounds = {each["customer"]: each["use"]["at_least"] for each in result["customers"]}
    assert bounds == {"cust": False, "other": True}
    assert result["use"]["cost_usd"] == "0.020000000"
    page = (tmp_path / "r/html/finops_understanding.html").read_text(encoding="utf-8")
    assert "cost at least $0.02" in page
    assert "the cost of 1 of 2 calls is a lower bound" in page.lower()


def test_a_script_that_exports_says_them(file: Path, tmp_path: Path) -> None:
    done = run_script("export_data.py", "--format", "csv", "--data", file, "--out", tmp_path / "out.csv")
    for sentence in gap_sentences(EXPECTED):
        assert sentence in done.stderr


def test_sentences_name_terms_and_counts() -> None:
    fast = Gap("speed=fast", is_partial=False, calls=1, known_cost_usd=Decimal(0))
    assert gap_sentences((PRIORITY, fast)) == (
        "4 calls have no known cost, since there is no rate for service_tier=priority (3), speed=fast (1).",
    )
    assert gap_sentences((MISCOUNTED,)) == (
        "1 call has no known cost, since counts do not add up with their parts: input_tokens.",
    )
    assert gap_sentences((CODE,)) == (
        "2 calls have a cost of at least what is counted, since there is no rate for code_execution.",
    )
    assert gap_sentences(()) == ()
    assert gap_words(()) == []


def test_advice_asks_for_rates_only_where_rates_help() -> None:
    assert "pricing.toml" in advice((PRIORITY,), 3)
    assert "pricing.toml" in advice((), 2)
    assert "pricing.toml" not in advice((MISCOUNTED,), 1)
    both = advice((PRIORITY, MISCOUNTED), 4)
    assert "pricing.toml" in both
    assert "larger than their whole" in both


def test_counts_that_always_have_a_rate_are_those_of_the_meters() -> None:
    def always(meter: Meter) -> bool:
        if not meter.within:
            return True
        return bool(meter.otherwise) and not meter.only_without and always(BY_NAME[meter.otherwise])

    assert {meter.column for meter in METERS if always(meter)} | {REASONING} == ALWAYS_RATED
    assert is_miscount("input_tokens")
    assert not is_miscount("input_audio_tokens")
