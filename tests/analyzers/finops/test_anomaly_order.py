"""The order in which a query gives its rows decides nothing about anomalies."""

from pathlib import Path
from typing import Any

import pytest

from analyzers.realtime.anomaly_search import search
from calls.engine import Calls, open_calls
from settings.loader import load_settings
from simulator.scenarios.gradual_decline import GradualDecline


class Backwards:
    """The same calls, every answer in the opposite order, unless the query says which."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.source = calls.source

    def sql(self, query: str, **values: Any) -> list[Any]:
        rows = self._calls.sql(query, **values)
        return rows if "order by" in query.rsplit(")", 1)[-1] else rows[::-1]

    def columns(self, query: str, **values: Any) -> dict[str, Any]:
        return {name: column[::-1] for name, column in self._calls.columns(query, **values).items()}


@pytest.fixture(scope="module")
def declining(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("order") / "calls.csv"
    GradualDecline(40, 30).write(path)
    return path


def test_rows_in_the_opposite_order_give_the_same_findings(declining: Path) -> None:
    settings = load_settings()
    with open_calls(declining) as calls:
        found = search(calls, settings)
        assert found.shifts
        assert search(Backwards(calls), settings) == found  # type: ignore[arg-type]
