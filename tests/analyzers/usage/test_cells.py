"""The cells of a page hold the calls, exactly, whatever is folded."""

import base64
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.usage import cells as usage_cells
from analyzers.usage.cells import usage_cells as cells_of
from calls.engine import open_calls
from reporting.cells import FOLDED, varints


def decoded(raw):
    """Numbers of seven bits a byte, the least first, read one by one."""
    numbers, number, shift = [], 0, 0
    for byte in raw:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(number)
            number, shift = 0, 0
    return numbers


@given(st.lists(st.integers(min_value=0, max_value=2**63 - 1)))
def test_numbers_of_any_size_are_read_as_written(numbers):
    assert decoded(varints(np.array(numbers, dtype=np.int64))) == numbers


def total(cube, name):
    """A measure of a cube as it is written, added up."""
    column = cube["measures"][name]
    return sum((one >> 1) ^ -(one & 1) for one in decoded(base64.b64decode(column)))


def test_each_cube_adds_up_to_the_file(small_csv):
    with open_calls(small_csv) as calls:
        (sums,) = calls.sql("select count(*) as calls, sum(cost_usd) as cost from calls")
        written = cells_of(calls).as_json()
    for cube in written["cubes"]:
        assert total(cube, "calls") == sums.calls
        assert Decimal(total(cube, "cost")) / 10**9 == sums.cost


def test_what_does_not_fit_stands_together_and_is_named(small_csv, monkeypatch):
    monkeypatch.setattr(usage_cells, "MOST_BYTES", 12_000)
    with open_calls(small_csv) as calls:
        found = cells_of(calls)
        (sums,) = calls.sql("select sum(cost_usd) as cost from calls")
    written = found.as_json()
    assert len(str(written["cubes"])) < 13_000
    for cube in written["cubes"]:
        assert Decimal(total(cube, "cost")) / 10**9 == sums.cost
    for name in found.folded:
        assert FOLDED in found.pools[name]
        assert FOLDED not in found.names(name)


@pytest.mark.parametrize("most", [100, 1])
def test_pages_do_without_cells_that_never_fit(small_csv, monkeypatch, most):
    monkeypatch.setattr(usage_cells, "MOST_ROWS", most)
    with open_calls(small_csv) as calls:
        found = cells_of(calls)
    assert found is None or all(cube.size <= most for cube in found.cubes)
