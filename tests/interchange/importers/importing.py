"""What the tests of imports share: run one, read back what it wrote."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from interchange.importers.import_run import Order, run_import
from interchange.importers.mapping import ColumnMapping
from interchange.importers.mapping_text import build_mapping
from interchange.importers.report import ImportReport
from settings.loader import load_settings

SAMPLES = Path(__file__).parents[2] / "samples"
PRICING = load_settings().pricing


def import_files(target: Path, *files: Path | str, **options: Any) -> ImportReport:
    mapping = options.pop("mapping", ColumnMapping())
    return run_import(Order([str(file) for file in files], target, PRICING, mapping=mapping, **options))


def written(target: Path) -> list[dict[str, str]]:
    with target.open(newline="") as source:
        return list(csv.DictReader(source))


def assert_one_sentence(refusal: str) -> None:
    """A refusal is one line; the command that it may suggest stands on a second one."""
    sentence, suggests, command = refusal.partition("Its fields suggest:\n")
    assert sentence
    assert "\n" not in sentence
    assert "\n" not in command
    assert not suggests or command.startswith("python3 ")


def imported(tmp_path: Path, records: Any, **options: Any) -> tuple[ImportReport, list[dict[str, str]]]:
    """Imports records (a list is written as JSON lines, a dict as one document, a text as it is)."""
    source, target = tmp_path / "export", tmp_path / "calls.csv"
    if isinstance(records, str):
        source.write_text(records)
    elif isinstance(records, dict):
        source.write_text(json.dumps(records, indent=1))
    else:
        source.write_text("".join(json.dumps(record) + "\n" for record in records))
    report = import_files(target, source, **options)
    assert report.rows_read == report.calls + sum(report.skipped.values())
    rows = written(target) if target.exists() else []
    assert len(rows) == report.calls
    return report, rows


def by_id(rows: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    return {row["call_id"]: row for row in rows}


def usd(amount: str) -> Decimal:
    return Decimal(amount)


def counts_of(report: ImportReport) -> dict[str, int]:
    """Calls, failed ones and tokens by kind; kinds of which there are none are left out."""
    totals = report.totals
    counts = {
        "calls": totals.calls, "failed": totals.errors, "input": totals.input_tokens,
        "output": totals.output_tokens, "cached": totals.cached_input_tokens, "written": totals.cache_write_tokens,
        "reasoning": totals.reasoning_tokens,
    }  # fmt: skip
    return {name: count for name, count in counts.items() if count}


def imported_once(
    target: Path, *files: Path | str, **options: Any
) -> tuple[ImportReport, list[dict[str, str]]]:
    """Imports files twice: every record is accounted for, and the second time adds nothing."""
    report = import_files(target, *files, **options)
    assert report.rows_read == report.calls + sum(report.skipped.values())
    rows, before = written(target), target.read_bytes()
    assert len(rows) == report.calls
    again = import_files(target, *files, **options)
    assert again.calls == 0
    assert target.read_bytes() == before
    return report, rows


__all__ = [
    "SAMPLES", "build_mapping", "by_id", "counts_of", "import_files", "imported", "imported_once", "usd", "written",
]  # fmt: skip
