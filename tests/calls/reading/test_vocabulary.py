"""Text columns of few values are coded while they are loaded; nothing else may be seen of it."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analyzers.instances import analyzers
from analyzers.registry import REPORTS, columns_of
from calls.engine import Calls, open_calls
from calls.engine_choice import EngineChoice, open_on
from calls.reading import vocabulary
from calls.rollups.shared import BESIDE_SUMS, OF_SINGLE_CALLS
from calls.schema import RUN_COLUMNS, TERM_COLUMNS, Kind
from calls.selection import Selection
from tests.calls.call_files import row, write

RARE = 150
ENTRIES = [row(n, model=f"m{n % 7}", provider="zeta" if n % 2 else "alpha") for n in range(200)]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples of these small files: their first, middle and last lines."""
    monkeypatch.setattr(vocabulary, "LEAST_BYTES", 0)
    monkeypatch.setattr(vocabulary, "CHUNKS", 3)
    monkeypatch.setattr(vocabulary, "CHUNK_BYTES", 4_000)


def use_enums(path: Path, **options: Any) -> Calls:
    return open_calls(path, Selection(**options), use_enums=True)


def kind(calls: Calls, column: str, relation: str = "calls") -> str:
    return str(calls.sql(f"select any_value(typeof({column})) as kind from {relation}")[0].kind)


def test_few_values_are_coded_in_the_calls_and_texts_in_every_answer(tmp_path: Path) -> None:
    calls = use_enums(write(tmp_path / "x.csv", ENTRIES))
    assert kind(calls, "model").startswith("ENUM")
    assert kind(calls, "customer_id") == "VARCHAR"
    assert kind(calls, "model", "hourly_use").startswith("ENUM")
    found = calls.sql("select model, sum(calls) as n from hourly_use group by model order by model desc")
    assert [tuple(entry) for entry in found] == [(f"m{n}", 29 if n < 4 else 28) for n in range(6, -1, -1)]
    by_provider = calls.columns(
        "select provider, sum(known_cost) as cost from daily_organizations group by 1 order by 1"
    )
    assert by_provider["provider"].tolist() == ["alpha", "zeta"]
    assert by_provider["cost"].tolist() == pytest.approx([0.15, 0.15])


def test_a_value_that_the_sample_lacks_is_kept(tmp_path: Path) -> None:
    """Whether the sample lacks it is checked too: else nothing would be tested here."""
    path = write(
        tmp_path / "x.csv",
        [entry | {"feature_id": "rare"} if n == RARE else entry for n, entry in enumerate(ENTRIES)],
    )
    text = path.read_text()
    place = text.index(",rare,")
    chunk = vocabulary.CHUNK_BYTES
    assert len(text) // 2 + chunk < place < len(text) - chunk
    calls = use_enums(path)
    assert kind(calls, "feature_id") == "VARCHAR"
    found = Counter(
        {
            entry.feature_id: entry.n
            for entry in calls.sql(
                "select feature_id, sum(calls) as n from hourly_features group by feature_id"
            )
        }
    )
    assert found == {"feat": 199, "rare": 1}


@pytest.mark.parametrize(
    ("seen", "is_coded"), [(vocabulary.LEAST_SEEN - 1, False), (vocabulary.LEAST_SEEN, True)]
)
def test_a_value_that_the_sample_hardly_holds_leaves_a_column_as_text(
    tmp_path: Path, seen: int, is_coded: bool
) -> None:
    entries = [entry | {"feature_id": "rare" if n < seen else "feat"} for n, entry in enumerate(ENTRIES)]
    calls = use_enums(write(tmp_path / "x.csv", entries))
    assert kind(calls, "feature_id").startswith("ENUM") is is_coded
    assert kind(calls, "model").startswith("ENUM")


@pytest.mark.parametrize(("values", "is_coded"), [(3, True), (4, False)])
def test_many_values_leave_a_column_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: int, is_coded: bool
) -> None:
    monkeypatch.setattr(vocabulary, "MOST_VALUES", 3)
    entries = [entry | {"model": f"m{n % values}"} for n, entry in enumerate(ENTRIES)]
    calls = use_enums(write(tmp_path / "x.csv", entries))
    assert kind(calls, "model").startswith("ENUM") is is_coded


def test_a_small_file_is_not_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.csv", ENTRIES)
    for least, is_coded in ((path.stat().st_size, True), (path.stat().st_size + 1, False)):
        monkeypatch.setattr(vocabulary, "LEAST_BYTES", least)
        assert kind(use_enums(path), "model").startswith("ENUM") is is_coded


def test_filters_and_customers_files_find_texts(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", ENTRIES)
    calls = use_enums(path, where=[("provider", "alpha"), ("provider", "nobody")])
    assert (calls.source.used, kind(calls, "provider")) == (100, "VARCHAR")
    customers = tmp_path / "customers.csv"
    customers.write_text("customer_id,subscription_tier\ncust,of their own\n")
    calls = use_enums(path, customers=customers)
    assert calls.sql("select distinct subscription_tier as plan from calls") == [("of their own",)]


def test_a_run_of_analyzers_reads_coded_calls(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", ENTRIES)
    with open_on(EngineChoice(), path) as calls:
        assert kind(calls, "model").startswith("ENUM")


def test_ids_and_sessions_are_loaded_for_reports_that_list_calls() -> None:
    assert (
        columns_of(REPORTS) == columns_of(["finops_realtime"]) == OF_SINGLE_CALLS == {"call_id", "session_id"}
    )
    assert columns_of(REPORTS.keys() - {"finops_realtime"}) == frozenset()
    rest = {"request_id", "trace_id", "user_agent", "region", "cost_source", "charge_category"}
    rest |= {column.name for column in RUN_COLUMNS + TERM_COLUMNS if column.kind is Kind.TEXT}
    # Levers and gaps are sums by these terms.
    assert OF_SINGLE_CALLS | rest - {"service_tier", "speed", "cost_gap"} == BESIDE_SUMS


def test_what_a_report_reads_of_single_calls_is_known_before_it_is_imported() -> None:
    assert {entry.id: entry.columns for entry in analyzers()} == {
        name: columns_of([name]) for name in REPORTS
    }


def test_repeated_calls_are_found_where_their_ids_are_not_loaded(tmp_path: Path) -> None:
    entries = [*ENTRIES, ENTRIES[3], ENTRIES[4] | {"cost_usd": "7"}]
    calls = open_calls(write(tmp_path / "x.csv", entries), Selection(excluded_columns=OF_SINGLE_CALLS))
    assert (calls.source.duplicates, calls.source.flagged) == (1, {"shared_call_id": 2})
    assert calls.sql("select sum(cost_usd) as usd from calls")[0].usd == 200 * Decimal("0.0015") + 7


def test_a_missing_id_is_found_where_ids_are_not_loaded(tmp_path: Path) -> None:
    entries = [*ENTRIES, row(201, call_id="")]
    calls = open_calls(write(tmp_path / "x.csv", entries), Selection(excluded_columns=OF_SINGLE_CALLS))
    assert (calls.source.accepted, calls.source.rejected) == (200, {"missing_value": 1})
