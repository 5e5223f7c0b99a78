"""Hostile values in every text show as text, and nothing runs: in the example's documents, and from a file of calls."""

import csv
from dataclasses import fields, is_dataclass, replace
from enum import Enum

import pytest

from reporting.document import Mark, SideBySide, Table
from reporting.publishing import publish
from tests.browser.conftest import fresh_provenance
from tests.reporting import example
from tests.running import run_script

PAYLOADS = (
    "<script>window.PWNED=1</script>", '"><img src=x onerror=window.PWNED=1>', "</script><script>window.PWNED=1</script>", "<!--<script>", "{{7*7}}",
    "javascript:window.PWNED=1", "' onx=window.PWNED=1", "a\u2028b\u2029c", "abc\u202edef", "<!--/notice--><!--/menu-->", "x" * 5000,
)  # fmt: skip


def poisoned(value, payload):
    """The same data with the payload added to every text that is not an id or a key."""
    if isinstance(value, Enum) or not (is_dataclass(value) or isinstance(value, tuple | str)):
        return value
    if isinstance(value, str):
        return f"{value} {payload}" if value else value
    if isinstance(value, tuple):
        return tuple(poisoned(entry, payload) for entry in value)
    held = {entry.name: getattr(value, entry.name) for entry in fields(value)}
    kept = {"id", "target", "target_row", "key", "method"} | ({"value"} if isinstance(value, Mark) else set())
    return replace(
        value, **{name: entry if name in kept else poisoned(entry, payload) for name, entry in held.items()}
    )


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_h1_hostile_values_are_text(tmp_path, opened, number):
    payload = PAYLOADS[number]
    page = example.pages(example.REPORTS[:1])[0]
    provenance = fresh_provenance()
    source = replace(provenance.source, path=f"data/calls {payload}", rejected={payload: 3, "two": 2}, rejected_lines=tuple(
        replace(line, text=payload, reason=payload) for line in provenance.source.rejected_lines),
        unpriced=tuple(replace(entry, provider=payload, model=payload) for entry in provenance.source.unpriced))  # fmt: skip
    document = poisoned(replace(page.document, sections=tuple(replace(section, blocks=tuple(
        replace(block, rows=block.rows[:20]) if isinstance(block, Table | SideBySide) else block for block in section.blocks))
        for section in page.document.sections)), payload)  # fmt: skip
    report = replace(page.report, title=f"Report {payload}", description=payload)
    made = replace(page, report=report, document=document)
    publish(tmp_path, [made], [], replace(provenance, source=source))
    for name in ("index.html", "finops_understanding.html"):
        with opened(tmp_path / "html" / name, viewport={"width": 320, "height": 800}) as shown_page:
            assert shown_page.evaluate("window.PWNED") is None
            assert shown_page.locator("img").count() == 0
            text = shown_page.evaluate("document.body.textContent")
            assert payload.split("\u2028")[0] in text
            assert "49" not in shown_page.locator("h1").inner_text()
            assert shown_page.evaluate("document.documentElement.scrollWidth") <= 320
            assert shown_page.locator("figure").count() == (8 if name != "index.html" else 0)


TEXTS = (
    "provider", "model", "customer_id", "subscription_tier", "organization_id", "product_id", "feature_id", "task_type",
    "environment", "session_id", "user_agent",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile_pages(small_csv, tmp_path_factory):
    """Reports of calls in which every name of every text column is one of the payloads."""
    folder = tmp_path_factory.mktemp("hostile")
    with small_csv.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names: dict[str, dict[str, str]] = {column: {} for column in TEXTS}
    for row in rows:
        for column, known in names.items():
            row[column] = known.setdefault(row[column], PAYLOADS[len(known) % len(PAYLOADS)])
    with (folder / "hostile.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    run_script("run_all_analyzers.py", "--data", folder / "hostile.csv", "--out", folder, "--quiet")
    return sorted((folder / "html").glob("*.html"))


def test_h1_hostile_calls_are_text_on_every_page(hostile_pages, opened):
    assert len(hostile_pages) == 9
    for file in hostile_pages:
        for width in (1280, 320):
            with opened(file, viewport={"width": width, "height": 800}) as page:
                assert page.evaluate("window.PWNED") is None
                assert page.locator("img").count() == 0
                assert page.evaluate("document.documentElement.scrollWidth") <= width, file.name
                if page.locator("[data-filter=organization]").count():
                    page.locator("[data-filter=organization]").select_option(index=2)
                    assert page.evaluate("window.PWNED") is None
