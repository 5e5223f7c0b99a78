"""One Chromium for a module; sets of pages published once each, opened from disk.

`nine` are pages of an example document that holds every kind of block; `real_nine` what the analyzers make.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reporting.page_or_failure import Failure
from reporting.publishing import publish
from tests.reporting import example

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-sandbox",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module: its event loop must have ended when other tests of the worker start theirs."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


def fresh_provenance() -> Any:
    """As the example's, from a file written just now."""
    now = datetime.now(UTC).replace(microsecond=0)
    source = replace(example.source(), mtime_ns=int(now.timestamp()) * 10**9)
    return example.provenance(source=source, generated_at=now)


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight reports and the landing page, all well and fresh."""
    folder = tmp_path_factory.mktemp("reports")
    publish(folder, example.pages(), [], fresh_provenance())
    return folder


@pytest.fixture(scope="session")
def html(reports: Path) -> Path:
    return reports / "html"


@pytest.fixture(scope="session")
def nine(html: Path) -> list[Path]:
    files = sorted(html.glob("*.html"))
    assert len(files) == 9
    return files


@pytest.fixture(scope="session")
def real_nine(small_reports: Path) -> list[Path]:
    """The nine pages that the analyzers make of simulated calls; read only."""
    files = sorted((small_reports / "html").glob("*.html"))
    assert len(files) == 9
    return files


@pytest.fixture(scope="session")
def report(html: Path) -> Path:
    return html / "finops_understanding.html"


@pytest.fixture(scope="session")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second run in which one report failed, from a file of long ago."""
    folder = tmp_path_factory.mktemp("troubled")
    publish(folder, example.pages(), [], example.provenance())
    later = example.provenance(generated_at=datetime(2026, 11, 24, 6, 0, tzinfo=UTC))
    publish(folder, example.pages(example.REPORTS[1:]), [Failure(example.REPORTS[0], "out of memory")], later)
    return folder / "html"


Opener = Callable[..., Any]


@pytest.fixture
def opened(browser: Browser) -> Opener:
    """A context manager: a page on a file, ready, that has said nothing on its console."""

    @contextmanager
    def opening(
        file: Path, hash_: str = "", *, quiet: bool = True, init: str = "", **options: Any
    ) -> Iterator[Page]:
        context: BrowserContext = browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", "offline": True}
            | options
        )
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: "willReadFrequently" in message.text or said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        if init:
            page.add_init_script(init)
        page.goto(file.as_uri() + hash_)
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html[data-ready='1']", state="attached")
        yield page
        context.close()
        assert not (quiet and said), said

    return opening


def pytest_configure() -> None:
    os.environ.setdefault("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
