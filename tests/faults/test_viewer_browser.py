"""Rows V6 and V15 in a real browser: what another origin can read, and what a reader sees of a failure."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.viewer.harness import free_port, viewer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=[*ARGUMENTS, "--no-sandbox"]
        )
        yield chromium
        chromium.close()


@contextmanager
def foreign_origin(folder: Path) -> Iterator[str]:
    """Another web server on this machine, as a page on another port is."""
    (folder / "foreign.html").write_text("<!DOCTYPE html><title>foreign</title><p>foreign")
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", free_port()), functools.partial(quiet, directory=str(folder))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("mode", ["cors", "no-cors"])
def test_v06_another_origin_cannot_read_the_pages(tmp_path: Path, browser: Browser, mode: str) -> None:
    with viewer(tmp_path) as running, foreign_origin(tmp_path) as origin:
        page = browser.new_page()
        page.goto(f"{origin}/foreign.html")
        outcome = page.evaluate(
            """async ([address, mode]) => {
                try {
                    const reply = await fetch(address, {mode});
                    return "read " + (await reply.text()).length;
                } catch (error) { return "refused " + error.name; }
            }""",
            [f"http://127.0.0.1:{running.port}/", mode],
        )
        assert outcome == "refused TypeError"
        page.close()


def test_v06_another_origin_cannot_frame_the_pages(tmp_path: Path, browser: Browser) -> None:
    with viewer(tmp_path) as running, foreign_origin(tmp_path) as origin:
        page = browser.new_page()
        page.goto(f"{origin}/foreign.html")
        page.evaluate(
            """address => new Promise(done => {
                const frame = document.createElement("iframe");
                frame.onload = done;
                frame.src = address;
                document.body.append(frame);
            })""",
            f"http://127.0.0.1:{running.port}/",
        )
        assert page.frames[1].query_selector("#text") is None
        page.close()


def test_v06_another_origin_cannot_lock_the_reader_out(tmp_path: Path, browser: Browser) -> None:
    """It tries wrong passwords by scripts, images, forms and frames; the reader's own still admits."""
    password = {"VIEWER_PASSWORD": "a long password"}
    with viewer(tmp_path, environment=password, fresh=False) as running, foreign_origin(tmp_path) as origin:
        running.until(lambda: running.get("/health").status == 200, "reports")
        page = browser.new_page()
        page.goto(f"{origin}/foreign.html")
        page.evaluate(
            """async address => {
                for (let n = 0; n < 10; n++) {
                    const wrong = address + "?token=wrong" + n;
                    await fetch(wrong).catch(() => 0);
                    await fetch(wrong, {mode: "no-cors"}).catch(() => 0);
                    for (const name of ["img", "iframe"]) await new Promise(done => {
                        const part = document.createElement(name);
                        part.onload = part.onerror = done;
                        part.src = wrong;
                        document.body.append(part);
                    });
                }
            }""",
            f"http://127.0.0.1:{running.port}/",
        )
        assert running.log.count(" 403 ") == 40
        assert running.get("/?token=wrong").status == 401
        page.goto(f"http://127.0.0.1:{running.port}/?token=a+long+password")
        assert page.locator("#text").inner_text().startswith("first")
        page.close()


def opened(browser: Browser, address: str, *, script: bool) -> tuple[Page, list[str]]:
    """A page and the errors it logs from the start."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page = browser.new_page(java_script_enabled=script)
    page.on("console", note)
    page.goto(address)
    return page, errors


@pytest.mark.parametrize("script", [True, False])
def test_v15_a_reader_sees_the_failure(tmp_path: Path, browser: Browser, script: bool) -> None:
    with viewer(tmp_path) as running:
        running.data.write_text("fail the disk is full")
        running.until_state("failed")
        page, errors = opened(
            browser, f"http://127.0.0.1:{running.port}/pricing_strategy.html", script=script
        )
        alert = page.get_by_role("alert")
        assert alert.is_visible()
        assert "the disk is full" in alert.inner_text()
        assert "Old figures are shown" in alert.inner_text()
        assert "ago" in alert.inner_text()
        assert page.locator("#text").inner_text().startswith("first")
        assert errors == []
        page.close()


@pytest.mark.parametrize("script", [True, False])
def test_v15_a_reader_without_data_sees_the_command_and_later_the_reports(
    tmp_path: Path, browser: Browser, script: bool
) -> None:
    with viewer(tmp_path, calls=None) as running:
        page, errors = opened(browser, f"http://127.0.0.1:{running.port}/", script=script)
        assert page.get_by_text("python3 run_all_simulators.py").is_visible()
        assert "calls.csv does not exist" in page.locator("main").inner_text()
        running.data.write_text("first")
        page.locator("#text").wait_for(timeout=30_000)
        assert errors == []
        page.close()
