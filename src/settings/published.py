"""Reads published_rates.csv: dated rates of vendors, one a row, under the `[[model]]` of pricing.toml.

A row repeats what its model is; rows of one model stand together. Lines that begin with # are comments.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from settings.meters import RATE_KEYS

PUBLISHED_PATH = Path(__file__).with_name("published_rates.csv")
MODEL_COLUMNS = ("provider", "model", "maker", "grade", "aliases")
RATE_COLUMNS = (
    "input_usd_per_mtok",
    "output_usd_per_mtok",
    "cached_input_usd_per_mtok",
    "cache_write_usd_per_mtok",
    "cache_write_1h_usd_per_mtok",
    *RATE_KEYS[5:],
)
TERM_KEYS = ("service_tier", "speed", "hours", "until_input_tokens")
PRICE_COLUMNS = ("from", "above_input_tokens", *RATE_COLUMNS[:5], "checked", "source")
"""The columns that every version of the file has; those of `EXTRA_COLUMNS` stand behind."""
EXTRA_COLUMNS = (*TERM_KEYS, *RATE_COLUMNS[5:])
ORIGIN_COLUMN = "collected_as"
"""The model's id in the collection that the row comes from."""
COLUMNS = (*MODEL_COLUMNS, *PRICE_COLUMNS, ORIGIN_COLUMN, *EXTRA_COLUMNS)
_DATES = {"from", "checked"}
_NUMBERS = {"above_input_tokens": int, "until_input_tokens": int} | dict.fromkeys(RATE_COLUMNS, Decimal)

Row = dict[str, str]


def read_rows(path: Path = PUBLISHED_PATH) -> list[Row]:
    """The rows, every value as it stands in the file."""
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return list(csv.DictReader(lines))


def model_tables(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows as the `[[model]]` tables that pricing.toml would hold."""
    tables: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = row["provider"], row["model"]
        if key not in tables:
            tables[key] = {name: row[name] for name in MODEL_COLUMNS} | {"price": []}
            tables[key]["aliases"] = row["aliases"].split()
        tables[key]["price"].append(_values(row, (*PRICE_COLUMNS, *EXTRA_COLUMNS)))
    return list(tables.values())


def _values(row: Row, names: Sequence[str]) -> dict[str, Any]:
    return {name: _value(name, row[name]) for name in names if row.get(name)}


def _value(name: str, text: str) -> Any:
    """What TOML would make of a text; one that cannot be is left for the loader to refuse."""
    try:
        if name in _DATES:
            return date.fromisoformat(text)
        return _NUMBERS.get(name, str)(text)
    except (ValueError, InvalidOperation):
        return text
