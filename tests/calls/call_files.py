"""Small files of calls for the tests: rows by column, printed as CSV."""

import csv
import io
from pathlib import Path

from calls.schema import COLUMN_NAMES, REQUIRED_NAMES

MODEL_ROW = {
    "timestamp": "2026-03-01T10:00:00.000000", "call_id": "c", "provider": "openai", "model": "m1",
    "input_tokens": "100", "output_tokens": "20", "cost_usd": "0.001500000", "latency_ms": "450",
    "customer_id": "cust", "subscription_tier": "pro", "organization_id": "org", "product_id": "prod",
    "feature_id": "feat", "task_type": "qa", "environment": "production", "request_id": "r", "trace_id": "t",
    "session_id": "s", "user_agent": "ua",
}  # fmt: skip


def row(number: int, **changes: str) -> dict[str, str]:
    """A good row; `number` sets its id and minute."""
    stamp = f"2026-03-{1 + number // 1440:02d}T{number // 60 % 24:02d}:{number % 60:02d}:00.000000"
    return MODEL_ROW | {"timestamp": stamp, "call_id": f"call_{number:06d}"} | changes


def rows(count: int, **changes: str) -> list[dict[str, str]]:
    return [row(number, **changes) for number in range(count)]


def text(entries: list[dict[str, str]], names: tuple[str, ...] = REQUIRED_NAMES, end: str = "\n") -> str:
    out = io.StringIO(newline="")
    # csv leaves a lone CR unquoted where lines end otherwise
    quoting = (
        csv.QUOTE_ALL
        if any("\r" in value for entry in entries for value in entry.values())
        else csv.QUOTE_MINIMAL
    )
    writer = csv.DictWriter(
        out, names, lineterminator=end, extrasaction="ignore", restval="", quoting=quoting
    )
    writer.writeheader()
    writer.writerows(entries)
    return out.getvalue()


def write(
    path: Path, entries: list[dict[str, str]], names: tuple[str, ...] = REQUIRED_NAMES, end: str = "\n"
) -> Path:
    path.write_bytes(text(entries, names, end).encode())
    return path


def staged(path: Path, entries: list[dict[str, str]]) -> Path:
    return write(path, entries, COLUMN_NAMES)


def ids(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return [entry["call_id"] for entry in csv.DictReader(file)]
