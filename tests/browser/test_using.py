"""Requirements 9 to 14: sort, find, download, link, filter, keyboard."""

import csv
import io
import itertools
import struct
from dataclasses import replace
from decimal import Decimal

import pytest

from reporting.document import Column, Row, Section, Table, Unit
from reporting.publishing import publish
from tests.browser.probes import SILENT_UNDER_FILTER
from tests.reporting import example


def column(page, table, place):
    return page.evaluate(
        """([id, place]) => [...document.querySelectorAll(`#${id} tbody tr`)].filter(row => !row.hidden)
           .map(row => row.cells[place].textContent)""", [table, place])  # fmt: skip


def one_table(folder, table):
    page = example.pages(example.REPORTS[:1])[0]
    document = replace(page.document, sections=(Section("only", "Only", blocks=(table,)),))
    publish(folder, [replace(page, document=document)], [], example.provenance())
    return folder / "html" / "finops_understanding.html"


def test_r09_tables_sort(tmp_path, opened):
    amounts = (10, 1000, None, -3, 9, 9)
    rows = tuple(Row((f"row {place}", amount)) for place, amount in enumerate(amounts))
    table = Table(
        id="money",
        title="Money",
        columns=(Column("name", "Name"), Column("usd", "Cost", unit=Unit.USD)),
        rows=rows,
    )
    with opened(one_table(tmp_path, table)) as page:
        assert page.locator("#money th[scope=col] > button").count() == 2
        button = page.locator("#money thead button").nth(1)
        button.click()
        assert column(page, "money", 1) == ["$1,000.00", "$10.00", "$9.00", "$9.00", "−$3.00", "n/a"]
        assert column(page, "money", 0)[2:4] == ["row 4", "row 5"]
        assert page.locator("#money [aria-sort]").count() == 1
        assert page.locator("#money [aria-sort=descending]").inner_text().startswith("Cost")
        assert page.locator("#announcer").inner_text() == "Sorted by Cost USD, descending."
        button.press("Enter")
        assert column(page, "money", 1) == ["−$3.00", "$9.00", "$9.00", "$10.00", "$1,000.00", "n/a"]
        assert column(page, "money", 0)[1:3] == ["row 4", "row 5"]
        page.locator("#money thead button").nth(0).press("Space")
        assert page.locator("#money [aria-sort]").count() == 1
        assert column(page, "money", 0) == [f"row {place}" for place in range(6)]


def test_r10_tables_find(tmp_path, opened):
    table = example.customers(500)
    with opened(one_table(tmp_path, table)) as page:
        box = page.get_by_label("Find")
        assert len(column(page, "customers", 0)) == 10
        assert page.locator("[data-count]").inner_text() == "First 10 of 500 rows"
        at_once = page.evaluate("""() => { const box = document.querySelector('[data-find]');
            box.value = 'cust_000'; box.dispatchEvent(new Event('input'));
            return [...document.querySelectorAll('#customers tbody tr')].filter(row => !row.hidden).length; }""")
        assert at_once == 9, "the rows follow in the same task, before the next key"
        assert column(page, "customers", 0) == [f"cust_000{place}" for place in range(1, 10)]
        assert page.locator("[data-count]").inner_text() == "9 of 500 rows"
        total = sum((Decimal(row.cells[4]) for row in table.rows[:9]), Decimal(0))
        assert page.locator("tfoot td").nth(3).inner_text() == f"${total.quantize(Decimal('0.01')):,}"
        assert "filtered: it covers 9 of 500 rows" in page.locator("[data-total-note]").inner_text()
        box.press("Escape")
        assert box.input_value() == ""
        assert page.locator("[data-total-note]").is_hidden()
        page.get_by_role("button", name="Show all 500 rows").click()
        assert len(column(page, "customers", 0)) == 500
    with opened(one_table(tmp_path, example.customers(10))) as page:
        assert page.locator("[data-find]").count() == 0


def test_r11_downloads(tmp_path, opened):
    texts = ("=1+1", "+2", "-3", "@x", "\ty", "＝1", "'=1+1", 'a "quoted", text', "plain")
    rows = tuple(
        Row((text, Decimal("-1234.5678901") if place == 8 else place)) for place, text in enumerate(texts)
    )
    table = Table(
        id="cells",
        title="Cells",
        columns=(Column("name", "Name"), Column("usd", "Cost", unit=Unit.USD)),
        rows=rows,
    )
    path = one_table(tmp_path, table)
    with opened(path) as page:
        page.locator("#cells thead button").nth(1).click(click_count=2)
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Download CSV").click()
        assert waiting.value.suggested_filename == "finops_understanding-cells-2026-10-24_2026-11-22.csv"
        raw = waiting.value.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert raw.count(b"\r\n") == 10
    assert lines[0] == ["Name", "Cost USD"]
    assert lines[1] == ["plain", "-1234.5678901"]
    assert [line[0] for line in lines[2:]] == [
        "'=1+1",
        "'+2",
        "'-3",
        "'@x",
        "'\ty",
        "'＝1",
        "''=1+1",
        'a "quoted", text',
    ]


def test_r11_chart_as_picture(report, opened):
    with opened(report, color_scheme="dark") as page:
        with page.expect_download() as waiting:
            page.locator("#daily-cost [data-download-png]").click()
        assert waiting.value.suggested_filename == "finops_understanding-daily-cost-2026-10-24_2026-11-22.png"
        raw = waiting.value.path().read_bytes()
        assert struct.unpack(">I", raw[16:20])[0] >= 1200
        corners = page.evaluate("""async bytes => {
            const picture = await createImageBitmap(new Blob([new Uint8Array(bytes)], {type: 'image/png'}));
            const canvas = new OffscreenCanvas(picture.width, picture.height);
            const context = canvas.getContext('2d');
            context.drawImage(picture, 0, 0);
            const {data} = context.getImageData(0, 0, picture.width, picture.height);
            let dark = 0;
            for (let at = 0; at < picture.width * 80 * 4; at += 4) if (data[at] < 80) dark += 1;
            return [[...data.slice(0, 4)], dark];
        }""", list(raw))  # fmt: skip
        assert corners[0] == [255, 255, 255, 255]
        assert corners[1] > 500, "the title is drawn in dark ink"
        with page.expect_download() as waiting:
            page.locator("#provider-cost summary").first.click()
            page.locator("#provider-cost [data-download-csv]").click()
        lines = list(csv.reader(io.StringIO(waiting.value.path().read_text("utf-8-sig"))))
        assert Decimal(lines[1][1]) == example.by_day("openai")[0]


def test_r12_links_restore_what_is_seen(report, opened):
    with opened(report) as page:
        for selector in ("section[id] > .section__head", "figure[id]", ".table-block[id]"):
            assert page.locator(selector).count() >= 2
        assert (
            page.locator("figure [data-copy-link], .table-block > .foot [data-copy-link]").count()
            == page.locator("figure, .table-block").count()
        )
        copy = page.locator("#customers [data-copy-link]")
        copy.focus()
        page.wait_for_timeout(300)
        assert copy.evaluate("one => getComputedStyle(one).opacity") == "1"
        page.locator("#customers thead button").nth(4).click()
        page.locator("#customers [data-find]").fill("pro")
        page.locator("[data-filter=organization]").select_option("Borealis")
        rows = column(page, "customers", 0)
        assert 0 < len(rows) < 60
        address = page.evaluate("location.hash")
        page.reload()
        page.wait_for_selector("html[data-ready='1']", state="attached")
        assert column(page, "customers", 0) == rows
    with opened(report, address, color_scheme="dark") as page:
        assert column(page, "customers", 0) == rows
    for nonsense in (
        "#nothing=1&sort.customers=zzz:up&period=9..1&at=nowhere",
        "#%E0%A4%A",
        "#sort.=&find=&x",
    ):
        with opened(report, nonsense) as page:
            assert len(column(page, "customers", 0)) == 10
    with opened(report, "#customers-row-200") as page:
        assert page.locator("#customers-row-200").is_visible()


def test_r12_every_part_has_a_link(real_nine, opened):
    for file in real_nine:
        with opened(file) as page:
            without = page.locator("main section[id], figure, .table-block, .comparison").evaluate_all(
                "all => all.filter(one => !one.id || !one.querySelector(`[data-copy-link='${one.id}']`)).map(one => one.id)"
            )
            assert without == [], file.name
            assert page.locator(".copy-link").first.evaluate("one => getComputedStyle(one).opacity") == "0"


@pytest.mark.parametrize(("name", "choice"), [("provider", 1), ("organization", 1)])
def test_r13_no_figure_stays_silent(real_nine, opened, name, choice):
    for file in real_nine:
        if file.stem == "index":
            continue
        with opened(file) as page:
            page.locator(f"[data-filter={name}]").select_option(index=choice)
            value = page.locator(f"[data-filter={name}]").input_value()
            assert page.evaluate(SILENT_UNDER_FILTER, [name, value]) == [], file.name
            for link in page.locator("a[data-carry]").evaluate_all(
                "all => all.map(one => one.getAttribute('href'))"
            ):
                assert f"{name}=" in link, (file.name, link)


def test_r13_filters_travel(report, opened):
    with opened(report) as page:
        page.locator("[data-filter=provider]").select_option("openai")
        page.locator("[data-filter=organization]").select_option("Acme")
        page.locator("[data-filter-from]").select_option("2026-11-01")
        page.locator("[data-filter-to]").select_option("2026-11-10")
        days = [
            place for place, day in enumerate(example.DAYS) if "2026-11-01" <= day.isoformat() <= "2026-11-10"
        ]
        wanted = sum((example.spend(place, "openai", "Acme") for place in days), Decimal(0))
        assert (
            page.locator("#card-total .card__value").inner_text() == f"${wanted.quantize(Decimal('0.01')):,}"
        )
        cells = [Decimal(text.replace("$", "")) for text in column(page, "daily-cost-data", 1)]
        assert cells == [example.spend(place, "openai", "Acme").quantize(Decimal("0.01")) for place in days]
        assert (
            page.evaluate("Chart.getChart(document.querySelector('#daily-cost canvas')).data.labels.length")
            == 10
        )
        chips = page.locator("[data-chips] button").all_inner_texts()
        assert chips == [
            "Period: 2026-11-01 to 2026-11-10 ×",
            "Provider: openai ×",
            "Organization: Acme ×",
            "Clear all",
        ]
        assert "Not filtered" in page.locator("#card-margin [data-unfiltered]").inner_text()
        assert "Not filtered" in page.locator("#model-cost > [data-unfiltered]").inner_text()
        assert (
            page.locator("#customers > [data-unfiltered]").inner_text()
            == "Not filtered by period and provider."
        )
        assert page.locator("#daily-cost > [data-unfiltered]").is_hidden()
        page.locator(".menu summary").click()
        page.get_by_role("link", name="Pricing strategy").click()
        page.wait_for_url("**/pricing_strategy.html#*")
        page.wait_for_selector("html[data-ready='1']", state="attached")
        assert page.locator("[data-filter=provider]").input_value() == "openai"
        assert page.locator("[data-filter-to]").input_value() == "2026-11-10"
        for link in page.locator("a[data-carry]").all():
            assert "provider=openai" in link.get_attribute("href")
        page.get_by_role("button", name="Clear all").click()
        assert page.locator("[data-chips] button").count() == 0
        assert page.locator("#card-total .card__value").inner_text() == "$12,051.30"
        assert page.locator("[data-unfiltered]:visible").count() == 0
        page.go_back()
        assert page.locator("[data-filter=organization]").input_value() == "Acme"


def test_r14_keyboard(report, opened):
    with opened(report) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        tops, seen = [], 0
        for _ in range(40):
            style = page.evaluate("""() => { const at = document.activeElement, style = getComputedStyle(at);
                return [style.outlineStyle, parseFloat(style.outlineWidth), at.getBoundingClientRect().top + scrollY, at.tagName]; }""")
            if style[3] == "BODY":
                break
            seen += 1
            assert style[0] != "none", style
            assert style[1] >= 2, style
            tops.append(style[2])
            page.keyboard.press("Tab")
        assert seen > 30
        assert all(later >= earlier - 60 for earlier, later in itertools.pairwise(tops)), "reading order"
        contrast = page.evaluate(RING_CONTRAST)
        assert contrast >= 3
        page.locator("#help-open").focus()
        page.keyboard.press("?")
        assert page.locator("dialog[open]").count() == 1
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 0
        assert page.evaluate("document.activeElement.id") == "help-open"
        page.keyboard.press("f")
        assert page.evaluate("document.activeElement.name") == "from"
        page.locator("#help-open").click()
        page.get_by_label("Single-key shortcuts are on").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        assert page.locator("dialog[open]").count() == 0
        missing = page.evaluate("""() => [...document.querySelectorAll('a[href], button, select, input, summary')]
            .filter(one => one.checkVisibility() && one.tabIndex < 0).length""")
        assert missing == 0


RING_CONTRAST = """() => {
  const probe = document.body.appendChild(document.createElement('i'));
  const light = name => { probe.style.color = `var(${name})`;
    const parts = getComputedStyle(probe).color.match(/\\d+/g).map(part => part / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]; };
  const [one, other] = [light('--accent'), light('--page')];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}"""
