"""Under any filter every figure is the sum over the CSV of just those calls, or says that it is not.

Thirty filters a page: benchmarks/filtered_pages.py.
"""

import csv
import io
import random
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from tests.browser.csv_sums import chosen, grouped, rows_of
from tests.browser.filtered_parts import a_filter, near, page_faults
from tests.running import run_script
from tests.sharing import made_once


def test_every_figure_under_a_filter_is_the_sum_over_its_calls(real_nine, small_csv, opened):
    """Of the last filter of a page its CSV files, pictures and print, too."""
    rows, source = rows_of(small_csv), random.Random(1)
    for file in real_nine:
        if file.stem == "index":
            continue
        samples = [a_filter(source, rows, number) for number in (1, 2, 5, 3)]
        with opened(file) as page:
            found = page_faults(page, file, rows, samples, files=1)
        assert found == []


def test_a_page_that_follows_nothing_says_so(real_nine, small_csv, opened):
    file = next(file for file in real_nine if file.stem == "customer_profitability")
    provider = rows_of(small_csv)[0]["provider"]
    with opened(file, "#" + urlencode({"provider": provider})) as page:
        banner = page.locator("[data-scope]").inner_text()
        parts = page.locator(".card, figure[data-figure], .table-block")
        assert f"Nothing on this page follows it: all {parts.count()} figures" in banner
        notes = page.locator(
            ":is(.card, figure[data-figure], .table-block) > [data-unfiltered]:not([hidden])"
        )
        assert notes.count() == parts.count()


@pytest.fixture(scope="module")
def two_months(tmp_path_factory):
    """Calls of 40 days in two months, the last of which ends in the afternoon, and two of their pages."""

    def make(folder):
        run_script(
            "simulator/core.py", "--customers", "8", "--days", "40", "--seed", "6", "--end-date", "2026-11-08",
            "--out", folder / "whole.csv", "--quiet",
        )  # fmt: skip
        lines = (folder / "whole.csv").read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith("2026-11-08T") or line < "2026-11-08T15"]
        (folder / "calls.csv").write_text("".join(kept), "utf-8")
        run_script(
            "run_all_analyzers.py", "--data", folder / "calls.csv", "--out", folder / "reports", "--quiet",
            "--only", "finops_understanding", "--only", "finops_alignment",
        )  # fmt: skip

    return made_once(tmp_path_factory, "two_months", make)


def test_months_weekdays_and_sums_that_grow_follow_filters(two_months, opened):
    rows, source = rows_of(two_months / "calls.csv"), random.Random(3)
    for name, parts in (
        (
            "finops_alignment",
            ["#cost-by-month", "#months-by-organization", "#months-by-feature", "#card-cost"],
        ),
        ("finops_understanding", ["#weekday-profile", "#cumulative-cost", "#card-burn"]),
    ):
        file = two_months / "reports/html" / f"{name}.html"
        samples = [a_filter(source, rows, number) for number in (1, 2, 3, 4)]
        with opened(file) as page:
            assert page_faults(page, file, rows, samples) == []
            page.evaluate("hash => { location.hash = hash; }", "#period=2026-10-20..2026-11-08")
            page.wait_for_function("document.querySelectorAll('[data-chips] button').length === 2")
            for part in parts:
                assert page.locator(f"{part} > [data-unfiltered]").is_hidden(), part


def test_a_downloaded_table_holds_the_sums_and_says_its_filter(real_nine, small_csv, opened):
    rows = rows_of(small_csv)
    filters = {
        "provider": rows[0]["provider"],
        "period": f"{rows[0]['timestamp'][:10]}..{rows[0]['timestamp'][:10]}",
    }
    file = next(file for file in real_nine if file.stem == "finops_understanding")
    with opened(file, "#" + urlencode(filters)) as page:
        with page.expect_download() as waiting:
            page.locator("#by-model [data-download-csv]").click()
        text = waiting.value.path().read_bytes().decode("utf-8-sig")
    name, day = waiting.value.suggested_filename, rows[0]["timestamp"][:10]
    assert name == f"finops_understanding-by-model-{day}_{day}-provider-{rows[0]['provider']}.csv"
    comment, header, *lines = csv.reader(io.StringIO(text, newline=""))
    assert comment[0].startswith("# Filtered: ")
    assert rows[0]["provider"] in comment[0]
    wanted = {key[1]: one for key, one in grouped(chosen(rows, filters), ("provider", "model"))}
    costs = {line[0].partition(" / ")[2]: Decimal(line[header.index("Cost USD")]) for line in lines}
    assert costs == {model: one.cost for model, one in wanted.items()}
    whole = sum(costs.values())
    shares = [Decimal(line[header.index("% of cost")]) for line in lines]
    assert all(map(near, shares, [100 * cost / whole for cost in costs.values()]))


@pytest.fixture(scope="module")
def partly_unknown(tmp_path_factory, small_csv):
    """Calls of which those of one provider have no known cost, and the page of usage and cost."""

    def make(folder):
        rows = rows_of(small_csv)
        for row in rows:
            row["cost_usd"] = "" if row["provider"] == "openai" else row["cost_usd"]
        with (folder / "calls.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        run_script(
            "run_all_analyzers.py", "--data", folder / "calls.csv", "--out", folder / "reports", "--quiet",
            "--only", "finops_understanding",
        )  # fmt: skip

    return made_once(tmp_path_factory, "partly_unknown", make)


def test_what_is_unknown_is_no_zero_under_a_filter(partly_unknown, opened):
    rows = rows_of(partly_unknown / "calls.csv")
    file = partly_unknown / "reports/html/finops_understanding.html"
    samples = [{"provider": "openai"}, {"model": rows[0]["model"]}]
    with opened(file) as page:
        assert page_faults(page, file, rows, samples) == []
        page.evaluate("location.hash = '#provider=openai'")
        page.wait_for_function("document.querySelector('[data-filter=provider]').value === 'openai'")
        told = page.locator("#cumulative-cost-data tbody tr td").evaluate_all(
            "cells => cells.map(one => one.textContent)"
        )
    assert set(told) == {"n/a"}
