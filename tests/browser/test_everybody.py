"""Requirements 15 to 17: accessibility, colour, dark mode."""

import itertools
import re
from pathlib import Path

import pytest

from tests.browser.html_validator import html_faults
from tests.browser.probes import CANVAS_LUMA

AXE_RUN = """() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
  .then(found => found.violations.map(one => one.id + ': ' + one.nodes.slice(0, 2).map(node => node.html.slice(0, 160)).join(' | ')))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_r15_accessible(html, real_nine, opened, scheme, width):
    from axe_playwright_python.base import AXE_FILE_PATH

    axe = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
    titles = set()
    for file in (html / "index.html", html / "finops_understanding.html", *real_nine):
        with opened(file, color_scheme=scheme, viewport={"width": width, "height": 800}, quiet=False) as page:
            page.evaluate(axe)
            assert page.evaluate(AXE_RUN) == [], file.name
            titles.add(page.title())
            levels = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(
                "all => all.map(one => Number(one.tagName[1]))"
            )
            assert levels.count(1) == 1
            assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
            assert page.locator("html").get_attribute("lang") == "en"
            assert page.locator("main, header, nav, footer").count() >= 4
    assert len(titles) == 11
    assert "Customer profitability - 5 Nov to 20 Nov 2026 - Revenium FinOps Showcase" in titles


def test_r15_valid_html(nine, troubled, real_nine):
    assert html_faults([*nine, *sorted(troubled.glob("*.html"))[:3], *real_nine])[:10] == []


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
