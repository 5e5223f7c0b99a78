"""The table of dimensions: what stands in it is known to calls, rollups and reports."""

from decimal import Decimal
from pathlib import Path

import pytest

from analyzers.usage.sums import breakdown
from calls.dimensions import BY_ID, DIMENSIONS, UNALLOCATED, Dimension, chosen
from calls.engine import open_calls
from calls.rollups.definition import Rollup
from calls.rollups.shared import ROLLUPS
from calls.schema import COLUMN_NAMES
from tests.calls.call_files import row, staged


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda each: each.id)
def test_a_dimension_is_of_columns_that_its_rollup_holds(dimension: Dimension) -> None:
    assert set(dimension.columns) <= set(COLUMN_NAMES)
    rollup = ROLLUPS[dimension.rollup]
    assert isinstance(rollup, Rollup)
    assert set(dimension.columns) <= set(rollup.keys)
    assert dimension.plural != dimension.title


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda each: each.id)
def test_reports_know_the_use_of_each_value_and_of_calls_without_one(
    dimension: Dimension, tmp_path: Path
) -> None:
    costs = {"one": "0.25", "two": "1.5", "": "3"}
    calls = [
        row(number, **{dimension.column: name, "cost_usd": usd})
        for number, (name, usd) in enumerate(list(costs.items()) * 2)
    ]
    with open_calls(staged(tmp_path / "calls.csv", calls)) as opened:
        found = {group.key[-1]: group.usage.cost_usd for group in breakdown(opened).by(*dimension.columns)}
    assert found == {name: 2 * Decimal(usd) for name, usd in costs.items()}


def test_dimensions_are_told_apart_and_named_in_words() -> None:
    assert len(BY_ID) == len(DIMENSIONS) == len({each.column for each in DIMENSIONS})
    assert chosen("plan", "model") == (BY_ID["plan"], BY_ID["model"])
    assert BY_ID["task"].calls_without == "calls without a task"
    assert BY_ID["organization"].calls_without == "calls without an organization"
    assert UNALLOCATED == "(unallocated)"
