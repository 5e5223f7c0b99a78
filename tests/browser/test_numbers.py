"""Requirement 19: one way to show a number, the same in Python, in the browser, in any locale and zone."""

import csv
import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

import pytest

from reporting.document import Unit, Value
from reporting.number_format import NBSP, shown
from tests.browser.csv_sums import rows_of
from tests.browser.filtered_parts import DRAWN
from tests.running import run_script

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


def test_another_currency_holds_under_filters_on_axes_and_in_downloads(small_csv, tmp_path, opened):
    """A euro is two dollars: what the browser adds up again, and what it writes on axes, are half in EUR."""
    (tmp_path / "rates.csv").write_text("date,currency,usd\n2026-11-20,EUR,2\n")
    flags = ("--currency", "EUR", "--currency-rates", tmp_path / "rates.csv")
    for name, more in (("usd", ()), ("eur", flags)):
        run_script("run_all_analyzers.py", "--data", small_csv, "--out", tmp_path / name, "--quiet", *more)
    row = rows_of(small_csv)[0]
    hash_ = "#" + urlencode({"provider": row["provider"], "period": "2026-11-08..2026-11-14"})
    halved = 0
    for file in sorted((tmp_path / "usd/html").glob("*.html")):
        shown_parts = []
        for name in ("usd", "eur"):
            with opened(tmp_path / name / "html" / file.name, hash_) as page:
                shown_parts.append(page.evaluate(DRAWN))
                ticks = page.evaluate(TICKS)
                text = page.evaluate("document.body.innerText")
                if name == "eur":
                    assert not [tick for tick in ticks if "$" in tick], file.name
                    assert "$" not in text, file.name
        halved += sum(figures_halved(usd, eur) for usd, eur in zip(*shown_parts, strict=True))
    assert halved > 100


def test_a_downloaded_table_says_its_currency(small_csv, tmp_path, opened):
    (tmp_path / "rates.csv").write_text("date,currency,usd\n2026-11-20,EUR,2\n")
    run_script(
        "analyzers/finops/understanding.py", "--data", small_csv, "--out", tmp_path, "--quiet", "--currency", "EUR",
        "--currency-rates", tmp_path / "rates.csv",
    )  # fmt: skip
    with opened(tmp_path / "html/finops_understanding.html") as page:
        with page.expect_download() as waiting:
            page.locator("#by-model [data-download-csv]").click()
        comment, header, *lines = csv.reader(
            io.StringIO(waiting.value.path().read_text(encoding="utf-8-sig"), newline="")
        )
    assert comment[0].startswith("# Amounts are in EUR: 1 EUR = 2 USD, the rate of 20 Nov 2026")
    cost = sum(Decimal(line[header.index("Cost EUR")]) for line in lines)
    assert cost == sum(Decimal(row["cost_usd"]) for row in rows_of(small_csv)) / 2


TICKS = """() => [...document.querySelectorAll('figure[data-figure]')].flatMap(part => {
  const chart = Chart.getChart(part.querySelector('canvas'));
  return Object.values(chart.scales).flatMap(scale => [String(scale.options.title?.text || ''), ...scale.ticks.map(tick => String(tick.label))]);
})"""
"""What stands on the axes of all charts."""


def drawn_figures(part):
    """The numbers of a part: those a chart draws, or the plain ones of a table's cells."""
    if part["kind"] == "table":
        return [float(value) for row in part["rows"] for _, value in row["cells"] if is_number(value)]
    drawn = [value for values in part["drawn"] or [] for value in values]
    flat = [each for value in drawn for each in (value if isinstance(value, list) else [value])]
    return [each for each in flat if isinstance(each, int | float)]


def figures_halved(usd, eur):
    """How many figures of a part are half in the other; those of money must be, others may stay."""
    money = usd["unit"] in ("usd", "usd_rate")
    if usd["kind"] == "card" and money and usd["text"] != "n/a":
        one, other = (float(re.sub(r"[^\d.]", "", part["text"])) for part in (usd, eur))
        assert other == pytest.approx(one / 2, rel=0.02), usd["id"]
        assert "EUR\xa0" in eur["text"]
    drawn = list(zip(drawn_figures(usd), drawn_figures(eur), strict=True))
    for one, other in drawn:
        halves = (one / 2,) if usd["kind"] == "figure" and money else (one, one / 2)
        assert other in [pytest.approx(each) for each in halves], usd["id"]
    return sum(one != 0 and other == pytest.approx(one / 2) for one, other in drawn)


def is_number(text):
    return text is not None and re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def test_money_of_cells_becomes_an_amount_in_one_place():
    """A second place that turns billionths into a number would forget the currency."""
    script = (Path(__file__).resolve().parents[2] / "src/reporting/static/cells.js").read_text()
    assert script.count("1e9") == 1
