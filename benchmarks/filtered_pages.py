"""Compares figures, files and prints of every report under thirty random filters with sums made from the CSV alone.

.venv/bin/python benchmarks/filtered_pages.py --data data/simulated_calls.csv --reports reports
"""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from chromium import chromium

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.csv_sums import rows_of  # noqa: E402
from tests.browser.filtered_parts import a_filter, page_faults  # noqa: E402


def main(argv: Sequence[str] | None = None) -> int:
    """Prints what differs, and how many filters were tried."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, metavar="CSV")
    parser.add_argument("--reports", type=Path, default=ROOT / "reports", metavar="FOLDER")
    parser.add_argument("--filters", type=int, default=30, metavar="N")
    parser.add_argument(
        "--files", type=int, default=30, metavar="N", help="of so many filters files and prints are judged"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="PAGE")
    options = parser.parse_args(argv)
    rows, source, wrong = rows_of(options.data), random.Random(options.seed), 0
    files = [file for file in sorted((options.reports / "html").glob("*.html")) if file.stem != "index"]
    with chromium() as browser:
        for file in files:
            if options.only and file.stem != options.only:
                continue
            page = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
            page.goto(file.resolve().as_uri())
            page.wait_for_selector("html[data-ready='1']", state="attached")
            samples = [a_filter(source, rows, 1 + place % 5) for place in range(options.filters)]
            found = page_faults(page, file, rows, samples, options.files)
            page.close()
            wrong += len(found)
            print(
                f"{file.stem}: {options.filters} filters, {len(found)} figures differ",
                *found[:20],
                sep="\n  ",
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
