"""Requirement 20: everything explains itself and stays usable."""

from tests.browser.probes import SMALL_TARGETS


def test_r20_explains_and_stays_usable(html, report, opened):
    with opened(report) as page:
        for part in page.locator("figure, .table-block").all():
            method = part.locator("details.method")
            method.locator("summary").press("Enter")
            assert len(method.inner_text()) > 60
        advice = page.locator(".advice").first
        for words in ("$412.75", "Confidence: high", "Same token band", "8,311 calls of task type qa"):
            assert words in advice.inner_text()
        page.locator("#recommendation-cap-cust-0007 a").click()
        assert page.evaluate("document.activeElement.id") == "customers-row-7"
        small = page.evaluate(SMALL_TARGETS, 24)
        assert small == []
        assert page.evaluate("document.getAnimations().length") == 0
        page.locator("[data-filter=provider]").select_option("openai")
        page.evaluate("window.scrollTo(0, 900)")
        page.wait_for_timeout(150)
        page.locator(".menu summary").click()
        link = page.get_by_role("link", name="Pricing strategy")
        link.hover()
        left = page.evaluate("window.scrollY")
        assert left > 100
        link.click()
        page.wait_for_url("**/pricing_strategy.html*")
        page.go_back()
        page.wait_for_selector("html[data-ready='1']", state="attached")
        assert page.locator("[data-filter=provider]").input_value() == "openai"
        page.wait_for_function("left => Math.abs(window.scrollY - left) < 60", arg=left, timeout=5000)
    with opened(report, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800}) as page:
        assert page.evaluate(SMALL_TARGETS, 44) == []


def test_r20_targets_and_widths_on_every_page(real_nine, opened):
    for file in real_nine:
        with opened(file, viewport={"width": 320, "height": 800}) as page:
            assert page.evaluate(SMALL_TARGETS, 24) == [], file.name
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, file.name
        with opened(file, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800}) as page:
            assert page.evaluate(SMALL_TARGETS, 44) == [], file.name


def test_r20_every_recommendation_leads_to_its_rows(real_nine, opened):
    seen = 0
    for file in real_nine:
        with opened(file) as page:
            for advice in page.locator(".advice").all():
                words = advice.text_content()
                assert "per month" in words, file.name
                assert "Confidence: " in words, file.name
                link = advice.locator(".advice__rows a").get_attribute("href")
                assert (
                    page.locator(
                        f"tr[id='{link[1:]}'], table[id='{link[1:]}'], .table-block[id='{link[1:]}']"
                    ).count()
                    == 1
                ), (file.name, link)
                seen += 1
    assert seen > 5
