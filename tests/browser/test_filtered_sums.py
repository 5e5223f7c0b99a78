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


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_under_a_filter_is_the_sum_over_its_calls(real_nine, small_csv, opened, seed):
    rows, source = rows_of(small_csv), random.Random(seed)
    for file in real_nine:
        if file.stem == "index":
            continue
        samples = [a_filter(source, rows, number) for number in (1, 2, 3)]
        with opened(file) as page:
            found = page_faults(page, file, rows, samples)
        assert found == []


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
