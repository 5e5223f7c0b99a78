"""How soon each page can be read and used: from disk, by a fresh browser context each time.

python benchmarks/page_speed.py                # reports/; --reports FOLDER, --times 5
"""

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path

from chromium import chromium
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
READY = """new Promise(done => {
  const look = () => window.readyAt ? done(window.readyAt) : setTimeout(look, 5);
  look();
})"""
WATCH = """
new MutationObserver(() => { if (document.documentElement?.dataset.ready) window.readyAt ??= performance.now(); })
  .observe(document, {attributes: true, subtree: true, attributeFilter: ['data-ready']});
new PerformanceObserver(list => { window.painted = list.getEntries().at(-1).startTime; })
  .observe({type: 'largest-contentful-paint', buffered: true});"""


def opened(browser: Browser, file: Path) -> tuple[float, float]:
    """Milliseconds until the page says that it is ready, charts included, and until its largest paint."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(file.as_uri())
    ready = float(page.evaluate(READY))
    page.wait_for_timeout(300)
    painted = float(page.evaluate("window.painted || 0"))
    context.close()
    return ready, painted


def main(argv: Sequence[str] | None = None) -> int:
    """Prints one line a page: size, then medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=Path, default=ROOT / "reports", metavar="FOLDER")
    parser.add_argument("--times", type=int, default=5, metavar="N")
    options = parser.parse_args(argv)
    files = sorted((options.reports / "html").glob("*.html"))
    if not files:
        print(f"There are no pages under {options.reports}/html: run 'make reports' first.")
        return 3
    print(f"{'page':<24}{'KB':>6}{'ready ms':>10}{'largest paint ms':>18}")
    with chromium() as browser:
        for file in files:
            found = [opened(browser, file) for _ in range(options.times)]
            ready, painted = (statistics.median(times) for times in zip(*found, strict=True))
            print(f"{file.stem:<24}{file.stat().st_size / 1000:>6.0f}{ready:>10.0f}{painted:>18.0f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
