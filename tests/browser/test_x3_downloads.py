"""Row X3 of the fault matrix: a table downloaded in the browser is the table on the screen.

Sorted and filtered as the reader sees it, every column, and numbers with all their digits.
"""

import csv
import io
from decimal import Decimal
from typing import Any

from reporting.document import Column, Facets, Row, Table, Unit
from reporting.number_format import plain
from tests.browser.test_using import one_table

ROWS = 120
"""More than the fifty that are shown at first."""


def figures(number: int) -> tuple[Decimal, int, Decimal]:
    return Decimal(number * 7919 % 997) + Decimal("0.123456789"), number * 31 % 101, Decimal(number) / 128


def table() -> Table:
    columns = (
        Column("customer", "Customer"), Column("cost", "Cost", unit=Unit.USD), Column("calls", "Calls", unit=Unit.COUNT),
        Column("share", "Share", unit=Unit.SHARE),
    )  # fmt: skip
    rows = tuple(
        Row(
            (f"cust_{number:03d}", *figures(number)),
            Facets(provider="openai" if number % 3 else "anthropic", organization="acme"),
        )
        for number in range(ROWS)
    )
    return Table(id="customers", title="Customers", columns=columns, rows=rows)


def downloaded(page: Any) -> list[list[str]]:
    """The rows of the file that the button gives, without its header."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download CSV").click()
    text = waiting.value.path().read_bytes().decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    if header[0].startswith("# "):
        header, *rows = rows
    assert header == ["Customer", "Cost USD", "Calls", "Share %"]
    return rows


def on_screen(page: Any) -> list[list[str]]:
    """What the reader sees after asking for all rows: the texts of the visible cells."""
    more = page.get_by_role("button", name="Show all")
    if more.count() and more.first.is_visible():
        more.first.click()
    return page.evaluate(
        """() => [...document.querySelectorAll('#customers tbody tr')].filter(row => !row.hidden)
           .map(row => [...row.cells].map(cell => cell.textContent))"""
    )


def expected(number: int) -> list[str]:
    cost, calls, share = figures(number)
    return [f"cust_{number:03d}", plain(cost), plain(calls), plain(100 * share)]


def agree(page: Any, numbers: list[int]) -> None:
    """The download has these rows in this order in full precision, and so has the screen, rounded."""
    rows = downloaded(page)
    assert rows == [expected(number) for number in numbers]
    shown = on_screen(page)
    assert [row[0] for row in shown] == [row[0] for row in rows]
    for seen, row in zip(shown, rows, strict=True):
        assert seen[1] == f"${Decimal(row[1]).quantize(Decimal('0.01')):,}"
        assert seen[2] == row[2]


def test_x3_unsorted_and_unfiltered(tmp_path, opened):
    with opened(one_table(tmp_path, table())) as page:
        agree(page, list(range(ROWS)))


def test_x3_sorted_by_the_reader(tmp_path, opened):
    with opened(one_table(tmp_path, table())) as page:
        page.locator("#customers thead button").nth(1).click()
        agree(page, sorted(range(ROWS), key=lambda number: -figures(number)[0]))
        page.locator("#customers thead button").nth(1).click()
        agree(page, sorted(range(ROWS), key=lambda number: figures(number)[0]))


def test_x3_found_and_sorted(tmp_path, opened):
    with opened(one_table(tmp_path, table())) as page:
        page.get_by_label("Find").fill("cust_03")
        page.locator("#customers thead button").nth(2).click()
        agree(page, sorted(range(30, 40), key=lambda number: -figures(number)[1]))


def test_x3_filtered_by_provider(tmp_path, opened):
    with opened(one_table(tmp_path, table())) as page:
        page.locator("[data-filter=provider]").select_option("anthropic")
        agree(page, list(range(0, ROWS, 3)))
