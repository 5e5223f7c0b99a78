"""Of more names than a page can carry, those of less cost stand together: the page says so, no filter lies about them."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from calls.schema import REQUIRED_NAMES
from tests.browser.filtered_parts import shows
from tests.calls.call_files import row
from tests.running import run_script
from tests.sharing import made_once

DAYS, ORGANIZATIONS = 120, 400
PROVIDERS = ("openai", "anthropic")


def cost_of(day: int, organization: int) -> Decimal:
    return Decimal(organization * 1_000_003 + day * 7_919 + 1).scaleb(-9)


def provider_of(day: int, organization: int) -> str:
    return PROVIDERS[(day + organization) % 2]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    """One call of every organization on every day: too many cells for a page."""

    def make(folder):
        with (folder / "calls.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, REQUIRED_NAMES, lineterminator="\n")
            writer.writeheader()
            for day in range(DAYS):
                moment = f"{date(2026, 6, 1) + timedelta(day)}T%02d:00:00.000000Z"
                for organization in range(ORGANIZATIONS):
                    writer.writerow(
                        row(
                            day * ORGANIZATIONS + organization,
                            timestamp=moment % (organization % 24),
                            organization_id=f"org{organization:03}",
                            provider=provider_of(day, organization),
                            cost_usd=str(cost_of(day, organization)),
                        )
                    )
        run_script(
            "run_all_analyzers.py", "--data", folder / "calls.csv", "--out", folder / "reports", "--quiet",
            "--only", "finops_understanding",
        )  # fmt: skip

    folder = made_once(tmp_path_factory, "folded", make)
    return folder / "reports/html/finops_understanding.html"


def test_a_page_of_many_cells_stays_light(page_file):
    assert page_file.stat().st_size <= 900_000


def test_names_that_stand_together_are_told_and_their_cost_is_in_the_total(page_file, opened):
    whole = sum(
        cost_of(day, organization)
        for day in range(DAYS)
        for organization in range(ORGANIZATIONS)
        if provider_of(day, organization) == "openai"
    )
    with opened(page_file, "#provider=openai") as page:
        assert "organizations of less cost stand together" in page.locator("[data-scope]").inner_text()
        note = page.locator("#by-organization [data-total-note]").inner_text()
        assert "not told apart under a filter" in note
        total = page.locator("#by-organization tfoot tr").locator("th, td").nth(1).inner_text()
        assert shows(total, whole, "usd")


def test_a_name_that_stands_among_others_is_not_filtered_by(page_file, opened):
    with opened(page_file) as page:
        before = page.locator("#card-cost .card__value").inner_text()
        page.evaluate("hash => { location.hash = hash; }", "#" + urlencode({"organization": "org100"}))
        page.locator("[data-chips] button").first.wait_for()
        assert page.locator("#card-cost .card__value").inner_text() == before
        assert page.locator("#card-cost [data-unfiltered]").inner_text().startswith("Not filtered")
    with opened(page_file, "#organization=org099") as page:  # one of those that share a row
        assert "There is no organization" in page.locator("[data-dropped]").inner_text()
        assert page.locator("#card-cost .card__value").inner_text() == before
    with opened(page_file, "#organization=org399") as page:
        whole = sum(cost_of(day, 399) for day in range(DAYS))
        shown = page.locator("#card-cost .card__value").inner_text()
        assert shows(shown, whole, "usd")
