"""What a filter applies to and what it does not, said alike by titles, labels, stamps, file names, notes and print."""

import csv
import io
from decimal import Decimal

from reporting.document import Column, Facets, Row, Table, Unit
from tests.browser.test_using import column, one_table

STAMPS = """const drawn = window.drawnTexts = []; const write = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) { drawn.push(text); return write.call(this, text, ...rest); };"""
"""Keeps every text that is drawn on a canvas."""


def sheet(page, figure):
    """The texts of a chart's picture: its title, its subject, its stamp."""
    page.evaluate("() => { window.drawnTexts.length = 0; }")
    with page.expect_download() as waiting:
        page.locator(f"#{figure} [data-download-png]").click()
    return waiting.value.suggested_filename, [str(text) for text in page.evaluate("window.drawnTexts")]


def spanning_table():
    """Three rows of one organization each, one of several, and "Other"."""
    columns = (Column("name", "Name"), Column("usd", "Cost", unit=Unit.USD))
    rows = (
        Row(("a", Decimal("1.10")), Facets(organization="Acme")),
        Row(("b", Decimal("2.20")), Facets(organization="Borealis")),
        Row(("c", Decimal("4.40")), Facets(organization="Acme")),
        Row(("several", Decimal("8.80")), Facets()),
        Row(("Other (70)", Decimal("17.60")), rest=70),
    )
    return Table(
        id="spans", title="Spans", columns=columns, rows=rows, total=Row(("Total", Decimal("34.10")))
    )


def test_a_row_of_several_names_is_left_out_and_takes_the_total_with_it(tmp_path, opened):
    with opened(one_table(tmp_path, spanning_table()), "#organization=Acme") as page:
        assert column(page, "spans", 0) == ["a", "c"]
        total = page.locator("#spans tfoot tr").locator("th, td")
        assert total.all_inner_texts() == ["Total of 2 rows", "n/a"]
        words = page.locator("#spans [data-total-note]").inner_text()
        assert "2 rows of several organizations are left out" in words
        assert "totals are n/a" in words


def test_rows_beyond_the_page_are_counted_one_by_one(tmp_path, opened):
    with opened(one_table(tmp_path, spanning_table())) as page:
        assert page.locator("#spans [data-count]").text_content() == "74 rows"


def test_a_total_of_rows_of_one_name_each_is_their_exact_sum(tmp_path, opened):
    columns = (Column("name", "Name"), Column("usd", "Cost", unit=Unit.USD))
    cents = [Decimal("0.105"), Decimal("0.21"), Decimal("1000000.005"), Decimal("7")]
    rows = tuple(
        Row((f"row {place}", cost), Facets(provider="openai" if place < 3 else "bedrock"))
        for place, cost in enumerate(cents)
    )
    table = Table(id="exact", title="Exact", columns=columns, rows=rows, total=Row(("Total", sum(cents))))
    with opened(one_table(tmp_path, table), "#provider=openai") as page:
        texts = page.locator("#exact tfoot tr").locator("th, td").all_inner_texts()
        assert texts == ["Total of 3 rows", "$1,000,000.32"]


def test_a_name_that_the_data_lack_is_dropped_with_a_word(report, opened):
    with opened(report, "#organization=Nowhere&provider=openai") as page:
        assert "There is no organization" in page.locator("[data-dropped]").inner_text()
        assert "Nowhere" in page.locator("[data-dropped]").inner_text()
        assert page.locator("[data-chips] button").all_inner_texts() == ["Provider: openai ×", "Clear all"]
        assert page.locator("#card-total .card__value").inner_text() != "$0.00"
        page.get_by_role("button", name="Clear all").click()
        assert page.locator("[data-dropped]").is_hidden()


def test_a_period_is_cut_to_the_days_of_the_data_or_dropped(report, opened):
    with opened(report, "#period=2026-10-01..2026-10-30") as page:
        assert page.locator("[data-filter-from]").input_value() == "2026-10-24"
        assert page.locator("[data-filter-to]").input_value() == "2026-10-30"
        assert (
            "was cut to the days of the data, 24 Oct 2026 to 30 Oct 2026"
            in page.locator("[data-dropped]").inner_text()
        )
    with opened(report, "#period=2025-01-01..2025-01-07") as page:
        assert "lies outside and was dropped" in page.locator("[data-dropped]").inner_text()
        assert page.locator("#card-total .card__value").inner_text() == "$12,051.30"


def test_a_picture_is_stamped_with_what_it_follows(report, opened):
    with opened(report, "#provider=openai&period=2026-11-01..2026-11-07", init=STAMPS) as page:
        name, texts = sheet(page, "daily-cost")
        assert name == "finops_understanding-daily-cost-2026-11-01_2026-11-07-provider-openai.png"
        assert any(
            text.startswith("Daily cost with forecast: 1 Nov to 7 Nov 2026, provider") for text in texts
        )
        assert any(text.startswith("Filtered: 1 Nov to 7 Nov 2026, provider") for text in texts)
        name, texts = sheet(page, "model-cost")
        assert name == "finops_understanding-model-cost-2026-10-24_2026-11-22.png"
        assert "All calls. Not filtered by period and provider." in texts
        assert not any("Filtered:" in text for text in texts)
        label = page.locator("#daily-cost canvas").get_attribute("aria-label")
        assert "Filtered: 1 Nov to 7 Nov 2026, provider" in label
        assert "7 values of Day" in label
        label = page.locator("#model-cost canvas").get_attribute("aria-label")
        assert label.startswith("Not filtered by period and provider.")


def test_a_file_is_named_by_what_its_rows_follow(report, opened):
    with opened(report, "#organization=Acme&period=2026-11-01..2026-11-07") as page:
        with page.expect_download() as waiting:
            page.locator("#customers [data-download-csv]").click()
        assert (
            waiting.value.suggested_filename
            == "finops_understanding-customers-2026-10-24_2026-11-22-organization-Acme.csv"
        )
        lines = list(csv.reader(io.StringIO(waiting.value.path().read_text("utf-8-sig"), newline="")))
        assert lines[0] == ["# Filtered: organization Acme. Not filtered by period."]
        page.get_by_role("button", name="Clear all").click()
        with page.expect_download() as waiting:
            page.locator("#customers [data-download-csv]").click()
        assert not waiting.value.path().read_text("utf-8-sig").startswith("#")


def test_findings_of_all_calls_step_back(report, opened):
    with opened(report) as page:
        title = page.locator("#daily-cost h3").inner_text()
        assert page.locator("[data-whole-note]:visible").count() == 0
        assert page.locator("[data-scope]").is_hidden()
        page.locator("[data-filter=provider]").select_option("openai")
        assert page.locator("#daily-cost h3").inner_text().startswith("Daily cost with forecast: provider")
        assert page.locator("#daily-cost .figure__subject").inner_text() == f"Of all calls: {title}"
        for part in ("#summary", "#alerts", "#recommendations"):
            assert "Written about all calls" in page.locator(f"{part} [data-whole-note]").first.inner_text()
        banner = page.locator("[data-scope]")
        assert "Filtered: provider" in banner.inner_text()
        names = banner.locator("[data-scope-names] li").all_text_contents()
        assert any(name.startswith("Cost by model") for name in names)
        page.get_by_role("button", name="Clear all").click()
        assert page.locator("#daily-cost h3").inner_text() == title


def test_paper_says_the_filter_and_how_many_rows_it_leaves_out(report, opened):
    with opened(report, "#provider=openai") as page:
        page.emulate_media(media="print")
        assert "Filtered: provider" in page.locator("[data-scope]").inner_text()
        assert page.locator("#customers [data-printed]").inner_text().startswith("Printed: 10 of 220 rows.")


def test_calls_without_a_name_can_be_asked_for(tmp_path, opened):
    columns = (Column("name", "Name"), Column("usd", "Cost", unit=Unit.USD))
    rows = (Row(("named", 1), Facets(provider="openai")), Row(("nameless", 2), Facets(provider="")))
    table = Table(id="names", title="Names", columns=columns, rows=rows, total=Row(("Total", 3)))
    with opened(one_table(tmp_path, table)) as page:
        page.locator("[data-filter=provider]").select_option("(unallocated)")
        assert column(page, "names", 0) == ["nameless"]
        page.reload()
        page.wait_for_selector("html[data-ready='1']", state="attached")
        assert column(page, "names", 0) == ["nameless"]


def test_typing_in_a_find_box_draws_no_chart_anew(report, opened):
    with opened(report, "#provider=openai") as page:
        page.evaluate("""() => { window.draws = 0; const draw = Chart.prototype.update;
            for (const canvas of document.querySelectorAll('canvas')) Chart.getChart(canvas).marked = true; }""")
        page.locator("#customers [data-find]").fill("cust_00")
        kept = page.evaluate(
            "[...document.querySelectorAll('canvas')].every(canvas => Chart.getChart(canvas).marked)"
        )
        assert kept


def test_the_slash_goes_to_a_find_box_that_can_be_seen(report, opened):
    with opened(report) as page:
        page.keyboard.press("/")
        assert page.evaluate(
            "document.activeElement.matches('[data-find]') && document.activeElement.checkVisibility()"
        )
