"""What the tests of exports share: an odd file of calls, an export of it, and its columns added up by hand."""

import csv
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from calls.engine import open_calls
from calls.schema import COLUMN_NAMES
from calls.selection import Selection
from interchange.exporters.export_run import Exported, Order, export
from settings.loader import load_settings
from tests.calls import call_files

SETTINGS = load_settings()
DANGEROUS = (
    "=1+1", "+2", "-3", "@x", "\ty", "\rz", "\nw", "＝1", "＋1", "－1", "＠x", "'=1+1", "''=1", "' =1", "'\t'=x",
    "=cmd|' /C calc'!A0", "\u00a0=1", "\u200b=1", "\u3000@x",
)  # fmt: skip
HARMLESS = (
    "'plain", 'a "quoted", text', "line\nfeed", "both\r\nends", "x" * 5_000, "Zoë 漢字 😀", "<r>x</r>", "_x0041_",
    "\u2028", "\u202ertl", "{{7*7}}", "</script>", "NULL", "null", "nan", "a=b", "1-2", "007", "\x01control", "a'=b",
)  # fmt: skip
KNOWN = ("openai", "gpt-6-luna")
"""A model with list prices."""


def odd_rows() -> list[dict[str, str]]:
    """One call a text in four columns; every fifth of unknown cost, some optional fields empty."""
    return [
        call_files.row(
            number,
            call_id=f"{text}#{number}",
            customer_id=text,
            feature_id=text,
            user_agent=text,
            cost_usd="" if number % 5 == 0 else f"0.{number:09d}",
            latency_ms="" if number % 4 == 0 else "300",
            cached_input_tokens="" if number % 3 else "7",
            status="error" if number == 4 else "success",
            cost_source="unknown" if number % 5 == 0 else "reported",
        )
        for number, text in enumerate(DANGEROUS + HARMLESS)
    ]


def odd_file(folder: Path) -> Path:
    return call_files.write(folder / "odd.csv", odd_rows(), COLUMN_NAMES)


def exported(source: Path, target: Path, format_: str, **options: Any) -> Exported:
    """Exports a file; `options` are those of an order, or filters of the engine."""
    own = {
        name: options.pop(name)
        for name in ("plain", "by_day", "keep_days", "charge_period")
        if name in options
    }
    settings = options.pop("settings", SETTINGS)
    with open_calls(source, Selection(**options)) as calls:
        return export(calls, Order(format_, target, settings, **own))


def everything(path: Path, names: Iterable[str] = COLUMN_NAMES) -> list[tuple[Any, ...]]:
    """All calls of a CSV as the engine reads them, by id."""
    with open_calls(path) as calls:
        rows = calls.sql("select * from calls order by call_id, timestamp")
    return [tuple(getattr(row, name) for name in names) for row in rows]


def totals(path: Path) -> dict[str, Decimal]:
    """The sum of each number of a CSV, without the engine."""
    sums: dict[str, Decimal] = {"calls": Decimal(0)}
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            sums["calls"] += 1
            for name in ("input_tokens", "output_tokens", "cost_usd", "latency_ms", "cached_input_tokens",
                         "cache_write_tokens", "reasoning_tokens", "tier_price_usd", "time_to_first_token_ms"):  # fmt: skip
                sums[name] = sums.get(name, Decimal(0)) + Decimal(row.get(name) or 0)
    return sums
