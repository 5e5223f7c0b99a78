"""Requirement 19: one way to show a number, the same in Python, in the browser, in any locale and zone."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from reporting.document import Unit, Value
from reporting.number_format import NBSP, shown

AMOUNTS = [Decimal(text) for text in ("0", "0.001", "-0.002", "1", "12.3", "-12.3", "999.994", "22345.67", "1234567.891", "0.0169", "0.000375", "0.0000012", "-0.5", "48.25")]  # fmt: skip
UNITS = [
    Unit.USD,
    Unit.USD_RATE,
    Unit.SHARE,
    Unit.COUNT,
    Unit.TOKENS,
    Unit.MILLISECONDS,
    Unit.TOKENS_PER_SECOND,
    Unit.DAYS,
    Unit.RATIO,
]


def test_r19_numbers(report, opened):
    for locale, zone in (("en-US", "UTC"), ("de-DE", "Asia/Tokyo")):
        with opened(report, locale=locale, timezone_id=zone) as page:
            cards = {
                one.get_attribute("id"): one.locator(".card__value") for one in page.locator(".card").all()
            }
            texts = {name: value.inner_text() for name, value in cards.items()}
            assert texts == {
                "card-total": "$12,051.30", "card-cost-per-call": "$0.0169", "card-tokens": f"34.6{NBSP}M", "card-margin": "−$12.30",
                "card-p95": f"2,345{NBSP}ms", "card-forecast": "n/a", "card-known": f"≥{NBSP}$1,234.50", "card-runs-out": "3 Dec 2026",
            }  # fmt: skip
            assert cards["card-tokens"].get_attribute("title") == "34,612,345 tokens"
            assert "9 days of history" in page.locator("#card-forecast").inner_text()
            cell = page.locator("#customers tbody tr:first-child td").nth(2)
            style = cell.evaluate(
                "one => { const style = getComputedStyle(one); return [style.textAlign, style.fontVariantNumeric]; }"
            )
            assert style == ["end", "tabular-nums"]
            assert "USD" in page.locator("#customers thead th").nth(3).inner_text()
            missing = page.locator("#customers tbody tr").nth(6).locator("td").nth(5)
            assert missing.inner_text().startswith("n/a")
            assert missing.get_attribute("title") == "no revenue"
            assert page.locator(".hero__meta").inner_text().endswith("Time zone: UTC")


def test_r19_browser_and_python_format_alike(opened, tmp_path):
    script = (Path(__file__).resolve().parents[2] / "src/reporting/static/format.js").read_text()
    blank = tmp_path / "blank.html"
    blank.write_text("<!DOCTYPE html><html lang='en' data-ready='1'><title>x</title></html>")
    with opened(blank) as page:
        for unit in UNITS:
            numbers = [float(amount) for amount in AMOUNTS]
            made = page.evaluate(
                f"([numbers, unit]) => {{ {script}; return numbers.map(one => [formatCell(one, unit), formatProse(one, unit)]); }}",
                [numbers, unit.value],
            )
            wanted = [
                [shown(Value(amount, unit), prose=prose).text for prose in (False, True)]
                for amount in AMOUNTS
            ]
            assert made == wanted, unit


CLUMSY = {
    "thousands without a comma": r"\$\d{4,}",
    "a hyphen for a minus": r"(?<![\w-])-\$?\d+[.,]\d",
    "a long tail of decimals": r"(?<![\d.])\d+\.\d{10,}",
    "one of many": r"(?<![\d.,/-])1 (rows|calls|days|customers|features|organizations|models|statements|pairs|tokens)\b",
}


def test_r19_no_page_shows_a_number_raw(real_nine, opened):
    for file in real_nine:
        with opened(file) as page:
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            page.evaluate(
                "document.querySelectorAll('code, .method__formula, script').forEach(one => one.remove())"
            )
            text = page.locator("body").inner_text()
        for fault, pattern in CLUMSY.items():
            assert re.findall(rf".{{0,30}}{pattern}.{{0,10}}", text) == [], (file.name, fault)


def test_dates_do_not_depend_on_the_machine():
    assert shown(Value(date(2026, 10, 4), Unit.DATE)).text == "4 Oct 2026"
