"""Small files of calls, written by hand, and what every page must not show."""

import csv
import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from calls.engine import Calls, open_calls
from calls.schema import COLUMN_NAMES, REQUIRED_NAMES
from calls.selection import Selection
from settings.loader import load_settings
from settings.model import Settings
from tests.documents import texts

START = datetime(2026, 9, 1)  # noqa: DTZ001 - the file's times are UTC by definition

DEFAULTS = {
    "provider": "openai",
    "model": "gpt-5",
    "input_tokens": 800,
    "output_tokens": 200,
    "cost_usd": "0.01",
    "customer_id": "ann",
    "subscription_tier": "starter",
    "organization_id": "acme",
    "feature_id": "chat",
    "task_type": "qa",
    "environment": "production",
}

OWN_PLANS = replace(load_settings(), own_plans=True)
"""The shipped settings, as if the user had written their plans into a price list of their own."""
MakeCalls = Callable[..., Calls]


def call_row(number: int, *, day: float = 0, **values: object) -> dict[str, object]:
    moment = START + timedelta(days=day)
    fixed = {"timestamp": moment.isoformat(timespec="microseconds") + "Z", "call_id": f"call{number}"}
    return DEFAULTS | fixed | values


@pytest.fixture
def make_calls(tmp_path: Path) -> MakeCalls:
    """Writes rows (of a day and what differs from the defaults) to a file and opens it."""
    numbers = itertools.count()

    def make(rows: Iterable[dict[str, Any]], **filters: Any) -> Calls:
        path = tmp_path / f"calls{next(numbers)}.csv"
        full = [call_row(number, **row) for number, row in enumerate(rows)]
        extra = [
            name for name in COLUMN_NAMES if name not in REQUIRED_NAMES and any(name in row for row in full)
        ]
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, [*REQUIRED_NAMES, *extra], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(full)
        return open_calls(path, Selection(**filters))

    return make


@pytest.fixture(scope="session")
def settings() -> Settings:
    return OWN_PLANS


def blocks(document: Any) -> dict[str, Any]:
    """The tables and charts of a document by id."""
    return {
        block.id: block for section in document.sections for block in section.blocks if hasattr(block, "id")
    }


def assert_sound(document: Any) -> None:
    """No undefined figure shows as text, ids are unique, tables and charts rectangular, links lead somewhere."""
    for text in texts(document):
        assert not re.search(r"\b(None|nan|NaN|inf|Infinity|undefined)\b", text), text
    shown = [block for section in document.sections for block in section.blocks]
    ids = [block.id for block in shown if hasattr(block, "id")] + [
        section.id for section in document.sections
    ]
    assert len(ids) == len(set(ids))
    for block in shown:
        assert getattr(block, "method", "") in {method.id for method in document.methods} | {""}
        assert_rectangular(block)
    for advice in document.recommendations:
        assert advice.target_row in {row.key for row in blocks(document)[advice.target].rows} | {""}


def assert_rectangular(block: Any) -> None:
    """As many cells as columns, as many values as labels, and at most 500 rows with one for the others."""
    if hasattr(block, "columns"):
        rows = block.rows if block.total is None else (*block.rows, block.total)
        assert all(len(row.cells) == len(block.columns) for row in rows)
        assert len(block.rows) <= 501
    if hasattr(block, "labels"):
        assert all(len(series.values) == len(block.labels) for series in block.series)


@pytest.fixture
def sound() -> Callable[[Any], None]:
    return assert_sound


@pytest.fixture
def blocks_of() -> Callable[[Any], dict[str, Any]]:
    return blocks
