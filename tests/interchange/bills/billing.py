"""Calls and bills that the tests of this folder share."""

import csv
from pathlib import Path

from calls.schema import COLUMN_NAMES


def calls_file(path: Path, *rows: dict[str, str]) -> Path:
    """A CSV of calls; each row says what differs from a call of gpt-4o on 1 November 2026."""
    base = {"timestamp": "2026-11-01T08:00:00.000000Z", "provider": "openai", "model": "gpt-4o"}
    with path.open("w", newline="") as target:
        writer = csv.DictWriter(target, COLUMN_NAMES, restval="", lineterminator="\n")
        writer.writeheader()
        for number, row in enumerate(rows):
            tokens = {"input_tokens": "1000", "output_tokens": "100", "cost_source": "reported"}
            writer.writerow(base | {"call_id": f"c{number}"} | tokens | row)
    return path


def day(number: int, usd: str, **other: str) -> dict[str, str]:
    """A call of that day of November 2026."""
    return {"timestamp": f"2026-11-{number:02}T08:00:00.000000Z", "cost_usd": usd, **other}


def written(path: Path, text: str) -> str:
    """The path of a file with that text."""
    path.write_text(text)
    return str(path)
