"""Requirements 1 to 8: one file, no scripts needed, strict policy, landing page, freshness, data quality, charts."""

import csv
import html as html_text
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from calls.source import Period
from reporting.document import MetricCard, Section, Unit, Value
from reporting.landing import empty_page
from reporting.publishing import publish
from tests.browser.probes import (
    CHARTS_OUT_OF_BOUNDS,
    CHARTS_PAINTED_THINLY,
    CHARTS_UNLIKE_THEIR_TABLES,
    CHARTS_WITHOUT_AXIS_TITLES,
)
from tests.reporting import example
from tests.running import run_script

NOTHINGS = re.compile(r"\b(NaN|Infinity|undefined|None|null)\b")


def test_r01_one_file_no_network(browser, nine, real_nine):
    for file in (*nine, *real_nine):
        assert file.stat().st_size <= 900_000
        text = file.read_text()
        assert "sourceMappingURL" not in text
        assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", text)
        assert not re.search(r"url\(\s*['\"]?https?:|@import", text)
        context = browser.new_context(offline=True)
        page = context.new_page()
        requests, said = [], []
        page.on("request", lambda request, requests=requests: requests.append(request.url))
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-ready='1']", state="attached")
        assert [url for url in requests if not url.startswith("data:")] == [file.as_uri()]
        assert said == []
        context.close()


def test_r02_works_without_scripts(report, opened):
    with opened(report, java_script_enabled=False) as page:
        text = page.locator("body").inner_text()
        for word in (
            "$12,051.30",
            "cust_0220",
            "trend + weekday regression",
            "openai is half of every day's cost",
        ):
            assert word in text, word
        assert page.locator("canvas:visible").count() == 0
        assert page.locator("figure details table:visible").count() == page.locator("figure").count()
        assert page.locator(".needs-js:visible").count() == 0
        assert "enable javascript" not in text.lower()


def test_r02_every_report_reads_without_scripts(real_nine, opened):
    for file in real_nine:
        with opened(file, java_script_enabled=False) as page:
            assert page.locator(".needs-js:visible, canvas:visible").count() == 0, file.name
            assert page.locator("details:not([open]):not([data-menu])").count() == 0, file.name
            hidden = page.locator("main table, main .card__value, .method__formula").evaluate_all(
                "all => all.filter(one => !one.checkVisibility()).length"
            )
            assert hidden == 0, file.name


def test_r03_strict_policy(nine, real_nine, report, opened):
    for file in (*nine, *real_nine):
        text = file.read_text()
        policy = html_text.unescape(re.search(r'Security-Policy" content="([^"]+)"', text).group(1))
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'")
        markup = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)\s*=", markup)
    with opened(report, quiet=False) as page:
        page.evaluate("""() => { const script = document.createElement('script'); script.textContent = 'window.PWNED = 1';
                              document.body.append(script); }""")
        assert page.evaluate("window.PWNED") is None


def test_r04_landing_says_what_to_look_at(html, opened):
    with opened(html / "index.html") as page:
        for words in (
            "Total cost",
            "$12,051.30",
            "▲ 12.3%",
            "24 Oct to 22 Nov 2026",
            "142,003 of 142,010",
            "Rejected",
            "Generated",
            "Last call",
        ):
            box = page.get_by_text(words).first.bounding_box()
            assert box["y"] + box["height"] <= 800, words
        cards = page.locator("a.report-card")
        assert cards.count() == 8
        assert page.locator("ul.report-cards").count() == 2
        for place in range(8):
            card = cards.nth(place)
            assert (
                card.locator(
                    ".report-card__title, .report-card__value, .report-card__finding, .status"
                ).count()
                == 4
            )
            assert "✓ Up to date" in card.locator(".status").inner_text()
            assert card.locator("a, button").count() == 0
        order = []
        for _ in range(60):
            page.keyboard.press("Tab")
            order.append(page.evaluate("document.activeElement.dataset.page || ''"))
        seen = [name for name in order if name][:8]
        assert seen == [report.id for report in example.REPORTS]
        amounts = page.locator("#attention .attention__usd").all_inner_texts()
        assert amounts == ["$412.75 per month", "$118.20 per month"]
        assert "Confidence: high" in page.locator("#attention li").first.inner_text()
        levels = page.locator("#alerts .tag").all_text_contents()
        assert levels == sorted(levels, key=["Critical", "Warning", "Info"].index)
        assert "$940.00" in page.locator("#alerts li").first.inner_text()
        first, then = (page.locator(part).bounding_box()["y"] for part in ("#alerts", "#attention"))
        assert first < then
        assert page.evaluate("typeof window.Chart") == "undefined", "no chart library where no chart is"


def test_r05_failure_and_age_are_visible(html, troubled, opened, browser):
    with opened(html / "index.html") as page:
        assert page.locator("[role=alert]").count() == 0
    with opened(html / "finops_understanding.html") as page:
        assert page.locator("main [role=alert], #stale-notice").count() == 0
    for name in ("index.html", "finops_understanding.html"):
        with opened(troubled / name) as page:
            text = " ".join(page.locator("[role=alert]").all_inner_texts())
            assert "out of memory" in text
            assert "24 Nov 2026, 06:00" in text
            assert "Old figures are shown, made at 23 Nov 2026, 06:00" in text
    with opened(troubled / "index.html") as page:
        card = page.locator("[data-page=finops_understanding]")
        assert "Stale" in card.inner_text()
        assert "out of memory" in card.inner_text()
    context = browser.new_context()
    page = context.new_page()
    files = {f"/{file.name}": file.read_bytes() for file in html.glob("*.html")}
    status = {"state": "refreshing", "run_id": "one", "data_age_seconds": 60}
    page.route("http://pages.test/**", lambda route: _serve(route, files, status))
    page.goto("http://pages.test/finops_understanding.html#provider=openai")
    page.wait_for_selector("main[aria-busy=true]")
    assert page.locator("[data-live-state]").inner_text() == "Refreshing.."
    status |= {"state": "failed", "error": "the disk is full", "generated_at": "2026-11-23T06:00:00+00:00"}
    page.wait_for_selector("#refresh-notice[role=alert]", timeout=9_000)
    assert "the disk is full" in page.locator("#refresh-notice").inner_text()
    assert page.locator("main[aria-busy=true]").count() == 0
    with page.expect_event("load", timeout=9_000):
        status |= {"state": "fresh", "run_id": "two"}
    page.wait_for_selector("html[data-ready='1']", state="attached")
    assert page.locator("[data-filter=provider]").input_value() == "openai"
    context.close()


def _serve(route, files, status):
    path = "/" + route.request.url.split("/", 3)[3].split("#")[0]
    if path == "/status":
        route.fulfill(json=status)
    elif path in files:
        route.fulfill(body=files[path], content_type="text/html; charset=utf-8")
    else:
        route.fulfill(status=404)


def test_r06_empty_and_partial_data(tmp_path, opened):
    empty = tmp_path / "empty.html"
    empty.write_text(empty_page("cd src && python3 run_all_simulators.py", "There is no file of calls."))
    with opened(empty) as page:
        assert "cd src && python3 run_all_simulators.py" in page.locator("main").inner_text()
        assert page.locator(".report-card").count() == 0
    when = datetime(2026, 11, 22, 12, tzinfo=UTC)
    source = replace(example.source(), data_lines=1, accepted=1, used=1, duplicates=0, rejected={}, flagged={},
                     rejected_lines=(), unpriced=(), period=Period(when, when, when.date(), when.date()))  # fmt: skip
    publish(tmp_path, [one_call_page()], [], example.provenance(source=source, total_usd=Decimal("0.01")))
    with opened(tmp_path / "html" / "finops_understanding.html") as page:
        assert not NOTHINGS.search(page.locator("body").inner_text())
        labels = page.locator("canvas").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
        assert labels
        assert all(label and "chart" in label.lower() for label in labels)
    with opened(tmp_path / "html" / "index.html") as page:
        assert not NOTHINGS.search(page.locator("body").inner_text())


def one_call_page():
    report = example.REPORTS[0]
    trend = example.trend()
    one = replace(trend, labels=trend.labels[:1], marks=(),
                  series=tuple(replace(series, values=series.values[:1], slices=()) for series in trend.series))  # fmt: skip
    nothing = replace(trend, id="nothing", labels=(), marks=(),
                      series=tuple(replace(series, values=(), slices=()) for series in trend.series))  # fmt: skip
    table = replace(example.customers(1), total=None)
    card = MetricCard(id="none", label="Forecast", value=Value(None, Unit.USD, reason="one day of history"))
    document = replace(example.document(report), cards=(card,), headline=card, alerts=(), recommendations=(),
                       sections=(Section("all", "All", blocks=(one, nothing, table)),))  # fmt: skip
    return replace(example.pages([report])[0], document=document)


SMALLEST = {
    "one row": lambda rows: rows[:1],
    "one day": lambda rows: [row for row in rows if row["timestamp"][:10] == rows[0]["timestamp"][:10]],
    "one customer": lambda rows: [row for row in rows if row["customer_id"] == rows[0]["customer_id"]],
}


@pytest.mark.parametrize("case", SMALLEST)
def test_r06_every_report_of_hardly_any_calls(small_csv, tmp_path, opened, case):
    with small_csv.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (tmp_path / "few.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(SMALLEST[case](rows))
    run_script("run_all_analyzers.py", "--data", tmp_path / "few.csv", "--out", tmp_path, "--quiet")
    for file in sorted((tmp_path / "html").glob("*.html")):
        with opened(file) as page:
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
            assert not NOTHINGS.search(page.locator("body").inner_text()), file.name
            for probe in (CHARTS_UNLIKE_THEIR_TABLES, CHARTS_WITHOUT_AXIS_TITLES):
                assert page.evaluate(probe) == [], file.name


def test_r07_quality_box_on_every_page(nine, opened):
    facts = []
    for file in nine:
        with opened(file) as page:
            box = page.locator("#data-quality")
            facts.append(
                {
                    entry.get_attribute("data-quality"): entry.inner_text()
                    for entry in box.locator("[data-quality]").all()
                }
            )
            text = box.inner_text()
            for word in ("simulated_calls.csv", "3f9c3f9c3f9c", "bad_number 3", "field_count 2", "openai / gpt-new: 31 calls",
                         "24 Oct to 22 Nov 2026", "UTC", "0.1.0", "line 17"):  # fmt: skip
                assert word in text, (file.name, word)
            assert "3f9c3f9c3f9c" in page.locator("footer").inner_text()
    total = f"${example.TOTAL.quantize(Decimal('0.01')):,}"
    assert (
        facts
        == [
            {
                "read": "142,010",
                "used": "142,003",
                "rejected": "5",
                "duplicates": "2",
                "unpriced": "31 calls",
                "total": total,
            }
        ]
        * 9
    )


def test_r07_all_reports_name_one_total(real_nine, opened):
    facts = set()
    for file in real_nine:
        with opened(file) as page:
            facts.add(tuple(page.locator("#data-quality [data-quality]").all_inner_texts()))
            totals = page.locator("#card-cost .card__value").all_inner_texts()
            assert all(total == page.locator("[data-quality=total]").inner_text() for total in totals), (
                file.name
            )
    assert len(facts) == 1


def test_r08_every_chart_has_its_table(report, opened):
    with opened(report) as page:
        figures = page.locator("figure").all()
        assert len(figures) == 8
        for figure in figures:
            label = figure.locator("canvas[role=img]").get_attribute("aria-label")
            assert re.match(r"(Line|Bar|Stacked bar|Waterfall|Doughnut|Scatter) chart|Heat map", label)
            assert "lowest" in label
            assert "highest" in label
            assert figure.locator("figcaption h3").inner_text()
            assert figure.locator("details[data-table]").count() == 1
        labels = {
            figure.get_attribute("id"): figure.locator("canvas").get_attribute("aria-label")
            for figure in figures
        }
        assert "total $12,051.30" in labels["daily-cost"]
        assert "total $1,750.27" in labels["model-cost"]
        assert page.evaluate(CHARTS_UNLIKE_THEIR_TABLES) == []
        assert page.evaluate(CHARTS_PAINTED_THINLY) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_r08_every_chart_of_every_report(real_nine, opened, scheme):
    drawn = 0
    for file in real_nine:
        with opened(file, color_scheme=scheme) as page:
            for probe in (
                CHARTS_UNLIKE_THEIR_TABLES,
                CHARTS_PAINTED_THINLY,
                CHARTS_WITHOUT_AXIS_TITLES,
                CHARTS_OUT_OF_BOUNDS,
            ):
                assert page.evaluate(probe) == [], (file.name, probe)
            labels = page.locator("canvas").evaluate_all(
                "all => all.map(one => one.getAttribute('aria-label'))"
            )
            assert all(re.search(r"(chart|Heat map): .*\d", label) for label in labels), labels
            drawn += len(labels)
    assert drawn > 20


def test_age_of_old_data_is_an_alert(tmp_path, opened):
    old = datetime.now(UTC) - timedelta(hours=30)
    source = replace(example.source(), mtime_ns=int(old.timestamp()) * 10**9)
    publish(tmp_path, example.pages(example.REPORTS[:1]), [], example.provenance(source=source))
    with opened(tmp_path / "html" / "finops_understanding.html") as page:
        assert "30 hours old" in page.locator("[role=alert]").inner_text()
