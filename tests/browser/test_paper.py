"""Requirement 18: what is printed, from a dark window too."""

import re

from tests.browser.probes import CANVAS_LUMA, OVERLAPS_ON_PAPER, WIDER_THAN_PAPER

PAPER = 703
"""A4 less its margins at 96 dots an inch."""
CONTROLS = (
    "header.topbar",
    "[data-filters]",
    "[data-tools]",
    "[data-download-png]",
    ".copy-link",
    ".show-all",
    ".pager",
)


def onto_paper(page):
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 1000})
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")


def test_r18_print(report, opened, tmp_path):
    with opened(report, color_scheme="dark") as page:
        raw = page.pdf(format="A4", prefer_css_page_size=True, path=tmp_path / "page.pdf")
        assert len(re.findall(rb"/Type\s*/Page\b", raw)) <= 12
        onto_paper(page)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate(CANVAS_LUMA, "bill-change") < 140, "axis labels are dark"
        assert page.locator("details[data-table]:not([open])").count() == 0
        for control in CONTROLS:
            assert page.locator(f"{control}:visible").count() == 0, control
        head = page.locator("#customers thead")
        assert head.evaluate("one => getComputedStyle(one).display") == "table-header-group"
        row = page.locator("#customers tbody tr").first
        assert row.evaluate("one => getComputedStyle(one).breakInside") == "avoid"
        footer = page.evaluate(
            "[...document.styleSheets].map(sheet => [...sheet.cssRules].map(rule => rule.cssText).join('')).join('')"
        )
        assert "counter(page)" in footer
        assert "Understanding usage and cost - 24 Oct to 22 Nov 2026" in footer.replace("\\", "")
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.locator("details[data-table][open]").count() == 0


PAPER_WIDTHS = """() => {
    window.dispatchEvent(new Event("beforeprint"));
    return [...document.querySelectorAll("canvas")].map(canvas => canvas.width).filter(width => width !== 1400 && width !== 680);
}"""
"""The charts that are not 700 or 340 dots wide, twice as sharp, when the page is laid out for paper."""


def test_r18_charts_that_still_move_are_printed_in_the_size_of_paper(real_nine, opened):
    for file in real_nine:
        with opened(file, reduced_motion="no-preference") as page:
            assert page.evaluate(PAPER_WIDTHS) == [], file.name


def test_r18_nothing_is_cut_or_covered(report, real_nine, opened):
    for file in (report, *real_nine):
        with opened(file, color_scheme="dark") as page:
            onto_paper(page)
            assert page.evaluate(OVERLAPS_ON_PAPER) == [], file.name
            assert page.evaluate(WIDER_THAN_PAPER, PAPER) == [], file.name


def test_r18_every_page_prints_on_twelve_sheets(real_nine, opened):
    for file in real_nine:
        with opened(file, color_scheme="dark", reduced_motion="no-preference") as page:
            raw = page.pdf(format="A4", prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", raw)) <= 12, file.name
