"""A reader moves about: clicks set filters, presets set periods, a refresh leaves him where he was."""

from datetime import date
from decimal import Decimal

from tests.browser.csv_sums import rows_of
from tests.browser.filtered_parts import complete_days
from tests.browser.test_reading import _serve

SEEN = """() => [document.activeElement.getBoundingClientRect().top, [...document.querySelectorAll('details')].filter(one => one.open).length,
  document.activeElement.outerHTML.slice(0, 40)]"""
"""Where the focused control stands in the window, how many details are open, which control it is."""


def understanding(files):
    return next(file for file in files if file.stem == "finops_understanding")


def click_label(page, figure, place):
    """Clicks a chart where its label number `place` is drawn."""
    page.locator(f"#{figure}").scroll_into_view_if_needed()
    spot = page.evaluate(
        """([id, place]) => { const canvas = document.querySelector(`#${id} canvas`), chart = Chart.getChart(canvas);
           chart.update('none'); const point = chart.getDatasetMeta(0).data[place]; const box = canvas.getBoundingClientRect();
           return [box.x + (chart.options.indexAxis === 'y' ? chart.chartArea.left + 4 : point.x), box.y + (chart.options.indexAxis === 'y' ? point.y : chart.chartArea.top + 20)]; }""",
        [figure, place],
    )
    page.mouse.click(*spot)


def test_a_click_on_a_bar_filters_by_its_name_and_a_second_one_lets_go(real_nine, opened):
    with opened(understanding(real_nine), "#by.allocation=Provider") as page:
        name = page.evaluate(
            "Chart.getChart(document.querySelector('#cost-by-provider canvas')).data.labels[1]"
        )
        click_label(page, "cost-by-provider", 1)
        assert page.locator("[data-filter=provider]").input_value() == name
        click_label(page, "cost-by-provider", 0)
        assert page.locator("[data-filter=provider]").input_value() == ""


def test_two_clicks_on_days_make_a_period(real_nine, opened):
    with opened(understanding(real_nine)) as page:
        days = page.evaluate("Chart.getChart(document.querySelector('#daily-cost canvas')).data.labels")
        click_label(page, "daily-cost", 6)
        assert page.locator("[data-chips] button").count() == 0
        click_label(page, "daily-cost", 3)
        assert page.locator("[data-filter-from]").input_value() == days[3]
        assert page.locator("[data-filter-to]").input_value() == days[6]


def test_presets_are_the_last_days_of_the_data(real_nine, opened):
    with opened(understanding(real_nine)) as page:
        last = date.fromisoformat(page.locator("[data-filter-to]").input_value())
        page.get_by_role("button", name="7 days", exact=True).click()
        first = date.fromisoformat(page.locator("[data-filter-from]").input_value())
        assert (last - first).days == 6
        assert page.get_by_role("button", name="7 days", exact=True).get_attribute("aria-pressed") == "true"
        assert page.get_by_role("button", name="Last month").is_disabled()


def test_a_refresh_leaves_the_reader_where_he_was(html, browser):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    files = {f"/{file.name}": file.read_bytes() for file in html.glob("*.html")}
    status = {"state": "fresh", "run_id": "one", "data_age_seconds": 60}
    page.route("http://pages.test/**", lambda route: _serve(route, files, status))
    page.goto("http://pages.test/finops_understanding.html#provider=openai")
    page.wait_for_selector("html[data-ready='1']", state="attached")
    page.locator("#daily-cost summary").first.click()
    page.locator("#customers [data-find]").fill("cust_00")
    page.wait_for_function("document.activeElement.matches('[data-find]')")
    before = page.evaluate(SEEN)
    with page.expect_request("**/status", timeout=15_000):
        pass
    with page.expect_event("load", timeout=15_000):
        status["run_id"] = "two"
    page.wait_for_selector("html[data-ready='1']", state="attached")
    after = page.evaluate(SEEN)
    assert abs(after[0] - before[0]) < 5
    assert after[1:] == before[1:]
    assert page.locator("[data-filter=provider]").input_value() == "openai"
    assert page.locator("#customers [data-find]").input_value() == "cust_00"
    context.close()


def test_forced_colours_keep_series_apart(report, opened):
    with opened(report, forced_colors="active", color_scheme="dark") as page:
        colours = page.evaluate(
            """() => { const chart = Chart.getChart(document.querySelector('#provider-cost canvas'));
               const of = one => typeof one === 'function' ? one({dataIndex: 0, raw: 1}) : one;
               return [...new Set(chart.data.datasets.map(set => of(set.backgroundColor)))].map(String); }"""
        )
        drawn = page.evaluate(
            """() => { const canvas = document.querySelector('#provider-cost canvas'), seen = new Set();
               const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
               for (let at = 0; at < pixels.length; at += 4) if (pixels[at + 3] === 255) seen.add([pixels[at] >> 5, pixels[at + 1] >> 5, pixels[at + 2] >> 5].join());
               return seen.size; }"""
        )
        assert drawn > 3, colours


def test_the_head_of_a_long_table_stays_in_sight(report, opened):
    with opened(report) as page:
        page.locator("#customers").get_by_role("button", name="Show all").click()
        scroll = page.locator("#customers .table-scroll")
        scroll.evaluate("one => { one.scrollTop = 2000; }")
        head, box = page.locator("#customers thead").bounding_box(), scroll.bounding_box()
        row = page.locator("#customers thead th").first.bounding_box()
        assert box["y"] - 1 <= row["y"] <= box["y"] + 2, head


def test_tables_of_one_kind_stand_under_one_selector(real_nine, opened):
    with opened(understanding(real_nine)) as page:
        shown = "[...document.querySelectorAll('[data-choice=allocation]')].filter(one => !one.classList.contains('is-other')).map(one => one.dataset.option)"
        assert page.evaluate(shown) == ["Model"]
        assert page.locator("#by-model").is_visible()
        page.locator("[data-of=allocation]").get_by_text("Organization", exact=True).click()
        assert page.evaluate(shown) == ["Organization"]
        assert page.locator("#by-model").is_hidden()
        canvas = page.locator("#cost-by-organization canvas")
        canvas.scroll_into_view_if_needed()
        assert canvas.bounding_box()["width"] > 300
        assert "by.allocation=Organization" in page.url
        page.reload()
        page.wait_for_selector("html[data-ready='1']", state="attached")
        assert page.evaluate(shown) == ["Organization"]
        page.emulate_media(media="print")
        assert page.locator("#by-model").is_visible()
    with opened(understanding(real_nine), "#by-feature") as page:
        assert page.evaluate(shown) == ["Feature"]
        assert page.locator("#by-feature").is_visible()


def test_without_scripts_every_option_is_there(real_nine, opened):
    with opened(understanding(real_nine), java_script_enabled=False) as page:
        for name in ("model", "provider", "organization", "feature"):
            assert page.locator(f"#by-{name}").is_visible()


def test_the_links_to_sections_follow_the_scroll_and_stay_in_sight(real_nine, opened):
    with opened(understanding(real_nine)) as page:
        marked = page.locator("[data-contents] [aria-current]")
        for name in ("where-it-goes", "allocation", "change"):
            page.locator(f"[data-contents] a[href='#{name}']").click()
            page.wait_for_function(
                "name => document.querySelector('[data-contents] [aria-current]')?.hash === '#' + name",
                arg=name,
            )
            bar, section = page.locator(".bar").bounding_box(), page.locator(f"#{name} h2").bounding_box()
            assert bar["y"] + bar["height"] <= section["y"] + 1
            assert 0 <= marked.bounding_box()["y"] < 200


def test_a_table_says_how_each_name_moved(real_nine, small_csv, opened):
    rows = rows_of(small_csv)
    days = complete_days(rows)
    costs = {}
    for row in rows:
        day = row["timestamp"][:10]
        if row["cost_usd"] and day in days[-14:]:
            pair = costs.setdefault(row["provider"], [Decimal(0), Decimal(0)])
            pair[day in days[-7:]] += Decimal(row["cost_usd"])
    with opened(understanding(real_nine), "#by.allocation=Provider") as page:
        head = page.locator("#by-provider thead th[data-key=change]")
        assert head.inner_text().startswith("Change vs previous 7 days")
        place = head.evaluate("one => one.cellIndex")
        for line in page.locator("#by-provider tbody tr").all():
            before, now = costs[line.get_attribute("data-provider")]
            moved = Decimal(line.locator("th, td").nth(place).get_attribute("data-value"))
            assert abs(moved - (now - before) / before) < Decimal("1e-9")


def test_enter_on_a_bar_and_on_a_row_filters_by_its_name(real_nine, opened):
    with opened(understanding(real_nine), "#by.allocation=Provider") as page:
        canvas = page.locator("#cost-by-provider canvas")
        canvas.focus()
        canvas.press("ArrowDown")
        canvas.press("ArrowDown")
        name = page.evaluate(
            "Chart.getChart(document.querySelector('#cost-by-provider canvas')).data.labels[1]"
        )
        assert page.locator("#announcer").inner_text().startswith(f"{name}, Cost: $")
        canvas.press("Enter")
        assert page.locator("[data-filter=provider]").input_value() == name
        picked = page.locator("#by-provider tr.is-picked")
        assert picked.get_attribute("data-provider") == name
        row = picked.locator(".row-pick")
        row.focus()
        row.press("Enter")
        assert page.locator("[data-filter=provider]").input_value() == ""
        assert page.locator("tr.is-picked").count() == 0


def test_wide_tables_are_stacked_rows_on_a_phone(real_nine, opened):
    for file in real_nine:
        if file.stem == "index":
            continue
        with opened(file, viewport={"width": 390, "height": 800}) as page:
            wide = page.evaluate(
                """() => [...document.querySelectorAll('[data-table]')].filter(block => block.checkVisibility() && block.matches('.is-stacked'))
                   .map(block => block.querySelector('.table-scroll')).filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.ariaLabel)"""
            )
            assert wide == [], file.name
            assert page.locator(".table-block.is-stacked").count() > 0, file.name
            label = page.evaluate(
                """() => { const cell = document.querySelector('.table-block.is-stacked tbody td[data-label]');
                   const heads = cell.closest('table').tHead.rows[0].cells;
                   return [getComputedStyle(cell, '::before').content, JSON.stringify(heads[cell.cellIndex].innerText.trim().replace(/\\s+/g, ' '))]; }"""
            )
            assert label[0] == label[1], file.name


ANSWERED = {
    "What changed last week, and why?": ("#week-on-week", "#change-explained h3"),
    "What will the next month cost, how sure is it?": ("#months tbody tr >> nth=0",),
    "Which incident to look at?": ("#anomalies-found h2",),
    "Which model to switch, at what risk?": ("#switching h2",),
    "What does each organization owe?": ("#statements tbody tr >> nth=0",),
    "Which customer loses money, what to do?": ("#losses h2",),
    "What to charge?": ("#margin-by-offer h3",),
    "Which feature to stop?": ("#quadrant-chart h3",),
}
"""What stands in sight, without a scroll, one click after the landing page."""


def test_each_of_eight_questions_is_one_click_and_one_screen_away(real_nine, opened):
    landing = next(file for file in real_nine if file.stem == "index")
    with opened(landing) as page:
        asked = page.locator("[aria-label=Answers] a").all_inner_texts()
        assert sorted(asked) == sorted(ANSWERED)
        assert page.locator("[aria-label=Answers]").bounding_box()["y"] < 700
        assert page.locator("#alerts h2").bounding_box()["y"] < 760
        for question, places in ANSWERED.items():
            page.goto(landing.as_uri())
            page.get_by_role("link", name=question).click()
            page.wait_for_selector("html[data-ready='1']:not(.landing)", state="attached")
            for place in places:
                box = page.locator(place).bounding_box()
                assert 0 <= box["y"] < 800, question
