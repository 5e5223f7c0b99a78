"""Results as JSON: exact, complete, and never a NaN."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.json_report import dumps, json_report, plain_data, quality_json, source_json
from tests.reporting import example


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Pair(NamedTuple):
    left: Decimal
    right: date


@dataclass(frozen=True)
class Base:
    cost_usd: Decimal
    calls: int
    _hidden: int = 7

    @property
    def cost_per_call(self) -> Decimal | None:
        return self.cost_usd / self.calls if self.calls else None

    @property
    def _secret(self) -> int:
        return 1


@dataclass(frozen=True)
class Derived(Base):
    names: tuple[str, ...] = ()
    parts: dict[Any, Any] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.names)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None), (True, True), (3, 3), ("x", "x"), (1.5, 1.5),
        (Decimal("0.000000001"), "0.000000001"), (Decimal("1E+3"), "1000"), (Decimal("-0"), "-0"), (Decimal("1.10"), "1.10"),
        (date(2026, 1, 2), "2026-01-02"), (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00"),
        (timedelta(minutes=1, milliseconds=500), 60.5), (Colour.RED, "red"), (Level.LOW, 1),
        ((1, (2, 3)), [1, [2, 3]]), ([Colour.RED], ["red"]), ({2, 1}, [1, 2]), (frozenset({2, 1}), [1, 2]),
        (Pair(Decimal("1.5"), date(2026, 1, 2)), {"left": "1.5", "right": "2026-01-02"}),
        ({("a", 1): Decimal(2), Colour.RED: 3, 4: None, date(2026, 1, 2): 5}, {"a/1": "2", "red": 3, "4": None, "2026-01-02": 5}),
        (np.int64(7), 7), (np.float64(0.5), 0.5), (np.bool_(True), True),
        (Base(Decimal("0.3"), 3), {"cost_usd": "0.3", "calls": 3, "cost_per_call": "0.1"}),
        (Base(Decimal("0.3"), 0), {"cost_usd": "0.3", "calls": 0, "cost_per_call": None}),
        (Derived(Decimal(1), 1, names=("a",)),
         {"cost_usd": "1", "calls": 1, "names": ["a"], "parts": {}, "cost_per_call": "1", "count": 1}),
    ],
    ids=repr,
)  # fmt: skip
def test_every_kind_of_value_has_its_form(value: Any, expected: Any) -> None:
    found = plain_data(value)
    assert found == expected
    assert json.loads(dumps(found)) == expected


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_money_that_is_no_number_is_refused(value: Decimal) -> None:
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        plain_data(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("-inf")])
def test_floats_that_are_no_numbers_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_report("x", "X", Derived(Decimal(1), 1, parts={"p95": value}), example.provenance())


@pytest.mark.parametrize("value", [object(), b"bytes", {1: object()}, Base])
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="has no JSON form"):
        plain_data(value)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_money_stays_exact(value: Decimal) -> None:
    assert Decimal(plain_data(value)) == value


def test_a_json_report_says_what_it_was_made_from() -> None:
    made = json.loads(json_report("x", "A title", Base(Decimal("0.3"), 3), example.provenance()))
    assert made["result"] == {"cost_usd": "0.3", "calls": 3, "cost_per_call": "0.1"}
    assert (made["id"], made["title"], made["tool_version"]) == ("x", "A title", "0.1.0")
    source = made["source"]
    assert (source["data_lines"], source["accepted"], source["duplicates"]) == (142_010, 142_003, 2)
    assert (
        source["accepted"] + source["duplicates"] + sum(source["rejected"].values()) == source["data_lines"]
    )
    assert source["total_usd"] == str(example.TOTAL)
    assert "rejected_lines" not in source


def test_the_quality_of_the_data_lists_the_rejected_lines() -> None:
    quality = json.loads(quality_json(example.provenance()))["source"]
    assert quality["rejected_lines"] == [
        {
            "line": 17,
            "byte_offset": 2210,
            "reason": "bad_number",
            "text": "2026-10-24T00:10:00Z,c17,openai,gpt,abc",
        }
    ]
    assert {name: quality[name] for name in source_json(example.provenance())} == source_json(
        example.provenance()
    )
