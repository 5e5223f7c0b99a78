"""Files of calls written row by row, so that every figure can be worked out again without the program."""

import csv
import itertools
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from calls.engine import Calls, open_calls
from calls.schema import COLUMN_NAMES, REQUIRED_NAMES
from calls.selection import Selection
from settings.loader import load_settings
from settings.model import Settings

START = datetime(2026, 9, 1)  # noqa: DTZ001 - the file's times are UTC by definition

DEFAULTS = {
    "provider": "openai",
    "model": "gpt-5",
    "input_tokens": 800,
    "output_tokens": 200,
    "cost_usd": "0.01",
    "latency_ms": 900,
    "customer_id": "ann",
    "subscription_tier": "starter",
    "organization_id": "acme",
    "product_id": "desk",
    "feature_id": "chat",
    "task_type": "qa",
    "environment": "production",
}

Rows = list[dict[str, Any]]
MakeCalls = Callable[..., Calls]

MODELS = (("openai", "gpt-5"), ("openai", "gpt-5-mini"), ("anthropic", "claude-opus-5-5"))


@dataclass(frozen=True)
class Busy:
    """Three weeks of random calls, as rows and as the engine sees them."""

    rows: Rows
    calls: Calls


def at(day: float, hour: float = 0) -> str:
    return (START + timedelta(days=day, hours=hour)).isoformat(timespec="microseconds") + "Z"


def full_rows(rows: Iterable[dict[str, Any]]) -> Rows:
    full = []
    for number, row in enumerate(rows):
        moment = {"timestamp": at(row.get("day", 0)), "call_id": f"call{number:06}"}
        full.append(DEFAULTS | moment | {name: value for name, value in row.items() if name != "day"})
    return full


def write(path: Path, rows: Rows) -> Path:
    extra = [n for n in COLUMN_NAMES if n not in REQUIRED_NAMES and any(n in row for row in rows)]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [*REQUIRED_NAMES, *extra], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def make_calls(tmp_path: Path) -> MakeCalls:
    """Writes rows (of a day and what differs from the defaults) to a file and opens it."""
    numbers = itertools.count()

    def make(rows: Iterable[dict[str, Any]], **filters: Any) -> Calls:
        return open_calls(
            write(tmp_path / f"calls{next(numbers)}.csv", full_rows(rows)), Selection(**filters)
        )

    return make


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_settings()


def random_row(rng: random.Random, days: int) -> dict[str, Any]:
    provider, model = rng.choice(MODELS)
    read, written = rng.randint(20, 12_000), rng.randint(1, 900)
    return {
        "day": rng.random() * days,
        "provider": provider,
        "model": model,
        "input_tokens": read,
        "output_tokens": written,
        "cost_usd": "" if rng.random() < 0.05 else str(Decimal(rng.randint(1, 10**8)).scaleb(-9)),
        "latency_ms": "" if rng.random() < 0.05 else rng.randint(100, 30_000),
        "customer_id": rng.choice(["", "ann", "bob", "cy", "dee"]),
        "organization_id": rng.choice(["", "acme", "blue", "core"]),
        "product_id": rng.choice(["", "desk", "field"]),
        "feature_id": rng.choice(["chat", "find", "draft"]),
        "task_type": rng.choice(["qa", "summarization", ""]),
        "environment": rng.choice(["production", "staging", ""]),
        "session_id": rng.choice(["", "s1", "s2"]),
        "cached_input_tokens": rng.randint(0, read),
        "status": "error" if rng.random() < 0.1 else "success",
    }


def random_rows(seed: int, count: int, days: int) -> Rows:
    rng = random.Random(seed)
    ends = [{"day": 0.01}, {"day": days - 0.01}]
    return full_rows([*ends, *(random_row(rng, days) for _ in range(count))])


@pytest.fixture(scope="session")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Busy:
    rows = random_rows(7, 3_000, 21)
    path = write(tmp_path_factory.mktemp("busy") / "busy.csv", rows)
    return Busy(rows, open_calls(path))
