"""Pictures of every page: light and dark, 1280 and 390 px wide, and printed as A4 PDF.

make screenshots                       # reports/ -> screenshots/
.venv/bin/python benchmarks/screenshots.py --readme    # docs/images
.venv/bin/python benchmarks/screenshots.py --reports FOLDER --out FOLDER --only index,finops_understanding
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from chromium import chromium
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
README = (("index", "", "light", "overview"), ("finops_understanding", "where-it-goes", "dark", "forecast"))


def picture(browser: Browser, page_file: Path, out: Path, scheme: str, width: int) -> Path:
    """Takes one full-page picture."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        offline=True,
    )
    page = context.new_page()
    page.goto(page_file.resolve().as_uri())
    page.wait_for_selector("html[data-ready='1']", state="attached")
    target = out / f"{page_file.stem}-{scheme}-{width}.png"
    page.screenshot(path=target, full_page=True)
    context.close()
    return target


def for_readme(browser: Browser, reports: Path, out: Path) -> Iterator[Path]:
    """Takes the pictures of the README: one window of a page, from an anchor on, small enough for a repository."""
    for name, anchor, scheme, picture_name in README:
        context = browser.new_context(
            viewport={"width": 1280, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            offline=True,
        )
        page = context.new_page()
        page.goto((reports / "html" / f"{name}.html").resolve().as_uri())
        page.wait_for_selector("html[data-ready='1']", state="attached")
        page.evaluate("anchor => document.getElementById(anchor)?.scrollIntoView()", anchor)
        page.wait_for_timeout(1500)  # a chart is drawn when it comes into view
        target = out / f"{picture_name}.jpg"
        page.screenshot(path=target, type="jpeg", quality=80)
        context.close()
        yield target


def pdf(browser: Browser, page_file: Path, out: Path) -> Path:
    """Prints one page as A4, from a dark window, as a reader would."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    page = context.new_page()
    page.goto(page_file.resolve().as_uri())
    page.wait_for_selector("html[data-ready='1']", state="attached")
    target = out / f"{page_file.stem}.pdf"
    page.pdf(path=target, format="A4", prefer_css_page_size=True)
    context.close()
    return target


def main(argv: Sequence[str] | None = None) -> int:
    """Takes all pictures and says where they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=Path, default=ROOT / "reports", metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=ROOT / "screenshots", metavar="FOLDER")
    parser.add_argument("--only", default="", metavar="PAGES", help="page names, separated by commas")
    parser.add_argument(
        "--readme", action="store_true", help="take the pictures of the README into docs/images"
    )
    options = parser.parse_args(argv)
    only = set(filter(None, options.only.split(",")))
    files = sorted(
        file for file in (options.reports / "html").glob("*.html") if not only or file.stem in only
    )
    if not files:
        print(f"There are no pages under {options.reports}/html: run 'make reports' first.")
        return 3
    options.out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        if options.readme:
            print(*for_readme(browser, options.reports, ROOT / "docs" / "images"), sep="\n")
            return 0
        for file in files:
            for scheme in SCHEMES:
                for width in WIDTHS:
                    print(picture(browser, file, options.out, scheme, width))
            print(pdf(browser, file, options.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
