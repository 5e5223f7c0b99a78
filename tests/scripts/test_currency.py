"""With --currency every amount that a run says is in it: pages, charts, console, summary, JSON, mail and notice."""

import email
import email.policy
import html
import json
import os
import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.calls import call_files
from tests.delivery.test_webhook import hook  # noqa: F401  a fixture
from tests.mail_sink import sinking
from tests.running import run_script
from tests.sharing import made_once

LAST_DAY = "2026-11-20"
SETTINGS = """
[anomaly]
floor_usd = 0.01
[[budget]]
scope = "total"
name = ""
monthly_usd = 20
[[budget]]
scope = "customer"
name = "base-1004"
usd = 1
window = "week"
[[seat]]
name = "assistant"
seats = 2
monthly_usd = 30
from = 2026-01-01
[chargeback]
shared_monthly_usd = 77
markup = 0.1
"""
MONEY = re.compile(r"([−>]*<?)(?:\$|EUR\xa0)([\d,]+(?:\.\d+)?)(\xa0[kMB])?")


@pytest.fixture(scope="module")
def runs(small_csv, tmp_path_factory) -> Path:
    """The same calls, some without a cost, in dollars and in a currency of which a unit is two dollars."""

    def analyze(folder: Path) -> None:
        lines = small_csv.read_text().splitlines(keepends=True)
        at = lines[0].split(",").index("cost_usd")
        for number in range(50, len(lines), 97):
            cells = lines[number].split(",")
            cells[at] = ""
            lines[number] = ",".join(cells)
        (folder / "calls.csv").write_text("".join(lines))
        (folder / "settings.toml").write_text(SETTINGS)
        (folder / "rates.csv").write_text(f"date,currency,usd\n{LAST_DAY},EUR,2\n")
        for name, flags in (
            ("usd", ()),
            ("eur", ("--currency", "EUR", "--currency-rates", folder / "rates.csv")),
        ):
            done = run_script(
                "run_all_analyzers.py", "--data", folder / "calls.csv", "--settings", folder / "settings.toml",
                "--out", folder / name, *flags, env=os.environ | {"SOURCE_DATE_EPOCH": "1780000000"},
            )  # fmt: skip
            (folder / f"{name}.txt").write_text(done.stdout)

    return made_once(tmp_path_factory, "currencies", analyze)


def visible(page: str) -> str:
    """What a page shows, without what its scripts and links hold, and without its notes on the currency."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    bare = re.sub(r'\s(href|id|class|for|points|data-[a-z-]+)="[^"]*"', "", bare)
    for note in (
        r"<div><dt>Currency</dt>.*?</div>",
        r"<p>Amounts are in EUR:.*?</p>\n",
        r"<code>.*?</code>",
    ):
        bare = re.sub(note, "", bare)
    bare = re.sub(r"<span>Amounts in EUR: .*?</span>| · amounts in EUR: [^<]*", "", bare)
    return html.unescape(bare)


def parted(text: str) -> tuple[list[str], list[tuple[str, Decimal, int]]]:
    """The words of a text between its amounts, and the amounts with their decimals."""
    words, amounts, last = [], [], 0
    for match in MONEY.finditer(text):
        words.append(text[last : match.start()])
        number = match[2]
        size = {"": 0, "k": 3, "M": 6, "B": 9}[(match[3] or "").strip()]
        places = len(number.partition(".")[2]) - size
        amounts.append((match[1], Decimal(number.replace(",", "")).scaleb(size), places))
        last = match.end()
    return [*words, text[last:]], amounts


def assert_halved(dollars: str, euros: str, where: str) -> None:
    """All words alike, all amounts half, as far as rounding leaves them."""
    (words, amounts), (others, halves) = parted(dollars), parted(euros)
    assert "$" not in euros, where
    named = [word.replace("USD", "EUR") for word in words]
    assert [word.replace("USD", "EUR") for word in others] == named, where
    for (sign, usd, places), (other, eur, others_places) in zip(amounts, halves, strict=True):
        slack = Decimal(1).scaleb(-places) / 4 + Decimal(1).scaleb(-others_places) / 2
        assert sign == other, where
        assert abs(usd / 2 - eur) <= slack, (where, usd, eur)


def test_every_amount_of_every_page_is_converted(runs):
    pages = sorted((runs / "usd/html").glob("*.html"))
    assert len(pages) == 9
    for page in pages:
        dollars = visible(page.read_text())
        assert len(MONEY.findall(dollars)) > 10
        assert_halved(dollars, visible((runs / "eur/html" / page.name).read_text()), page.name)


def test_every_page_names_rate_and_day(runs):
    for page in (runs / "eur/html").glob("*.html"):
        text = html.unescape(page.read_text())
        assert "1 EUR = 2 USD, the rate of 20 Nov 2026" in visible_head(text), page.name
        assert "Sums are exact in US dollars" in text


def visible_head(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


def configs(page: Path) -> list[dict]:
    found = re.findall(
        r'<script type="application/json" data-config>(.*?)</script>', page.read_text(), re.DOTALL
    )
    return [json.loads(each) for each in found]


def test_charts_are_drawn_in_the_currency(runs):
    """Values and levels of charts of money halve; those of others stay."""
    money = 0
    for page in (runs / "usd/html").glob("*.html"):
        for usd, eur in zip(configs(page), configs(runs / "eur/html" / page.name), strict=True):
            if usd["form"] in ("heat", "scatter"):
                continue
            factor = 0.5 if usd["unit"] in ("usd", "usd_rate") else 1
            money += factor == 0.5
            for one, other in zip(usd["series"], eur["series"], strict=True):
                wanted = [value and value * factor for value in one["values"]]
                assert other["values"] == pytest.approx(wanted, nan_ok=True), (page.name, one["name"])
            levels = [mark["value"] * factor for mark in usd["marks"] if not isinstance(mark["value"], str)]
            assert [m["value"] for m in eur["marks"] if not isinstance(m["value"], str)] == pytest.approx(
                levels
            )
    assert money > 8


def test_console_and_summary_are_converted(runs):
    said = (runs / "eur.txt").read_text()
    assert "💱 Amounts are in EUR: 1 EUR = 2 USD, the rate of 20 Nov 2026 (rates.csv)" in said
    assert "$" not in said
    summary = (runs / "eur/summary.txt").read_text()
    first, rest = summary.split("\n", 1)
    assert first.endswith("; 1 EUR = 2 USD, the rate of 20 Nov 2026")
    assert_halved((runs / "usd/summary.txt").read_text().split("\n", 1)[1], rest, "summary.txt")


def numbers(value: object, path: str = "") -> dict[str, object]:
    """All figures of a JSON report by path; texts are left out."""
    if isinstance(value, dict):
        return {
            key: each for name, part in value.items() for key, each in numbers(part, f"{path}/{name}").items()
        }
    if isinstance(value, list):
        return {
            key: each
            for name, part in enumerate(value)
            for key, each in numbers(part, f"{path}/{name}").items()
        }
    figure = not isinstance(value, str) or re.fullmatch(r"-?\d+(\.\d+)?", value)
    return {path: value} if figure else {}


def test_json_reports_stay_in_dollars_and_say_what_the_pages_show(runs):
    for file in sorted((runs / "usd/json").glob("[!d]*.json")):
        usd, eur = json.loads(file.read_text()), json.loads((runs / "eur/json" / file.name).read_text())
        assert numbers(eur["result"]) == numbers(usd["result"])
        assert usd["display_currency"] is None
        assert eur["display_currency"] == {
            "code": "EUR", "usd_for_one": "2", "rate_day": LAST_DAY, "last_day": LAST_DAY,
            "rates_file": str(runs / "rates.csv"),
        }  # fmt: skip
    usd, eur = (json.loads((runs / each / "html/manifest.json").read_text()) for each in ("usd", "eur"))
    assert [page["headline"] and page["headline"]["value"] for page in eur["pages"]] == [
        page["headline"] and page["headline"]["value"] for page in usd["pages"]
    ]
    assert [alert["usd"] for page in eur["pages"] for alert in page["alerts"]] == [
        alert["usd"] for page in usd["pages"] for alert in page["alerts"]
    ]


def test_mail_notice_and_json_are_converted(runs, tmp_path, hook):  # noqa: F811
    done = run_script(
        "run_all_analyzers.py", "--data", runs / "calls.csv", "--settings", runs / "settings.toml", "--out", tmp_path / "eur",
        "--currency", "EUR", "--currency-rates", runs / "rates.csv", "--fail-on", "warning", "--notify", hook.url, "--json",
        code=5,
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert said["display_currency"]["code"] == "EUR"
    texts = [line["text"] for line in said["lines"]] + [alert["text"] for alert in said["alerts"]]
    texts += [report["finding"] for report in said["reports"]]
    (notice,) = (json.loads(body)["text"] for _, _, body in hook.notices)
    with sinking() as (sink, port):
        run_script("email_reports.py", "--out", tmp_path / "eur", "--from", "a@example.com", "--to", "b@example.com", "--host",
                   "localhost", "--port", port, "--security", "none", "--quiet")  # fmt: skip
        letter = email.message_from_bytes(sink.received[0][1], policy=email.policy.default)
    texts += [notice, letter.get_body(("plain",)).get_content(), letter.get_body(("html",)).get_content()]
    assert not [text for text in texts if "$" in text]
    assert all("1 EUR = 2 USD, the rate of 20 Nov 2026" in text for text in texts[-3:])
    assert re.search(r"EUR \d", notice)


def test_one_report_made_in_another_currency_leaves_the_others_marked(runs, tmp_path):
    """Pages in dollars beside one in euros would be read as one set: they are behind until they are made again."""
    out = tmp_path / "reports"
    run_script("run_all_analyzers.py", "--data", runs / "calls.csv", "--out", out, "--quiet")
    flags = ("--currency", "EUR", "--currency-rates", runs / "rates.csv")
    run_script(
        "analyzers/ubr/profitability.py", "--data", runs / "calls.csv", "--out", out, "--quiet", *flags
    )
    manifest = json.loads((out / "html/manifest.json").read_text())
    behind = {page["id"]: page["reason"] for page in manifest["pages"] if page["status"] == "stale"}
    assert set(behind.values()) == {"it was not made again when the currency changed"}
    assert len(behind) == 7
    assert all("$" not in figure["text"] for figure in manifest["highlights"])


def test_pages_are_current_only_in_their_currency(runs, tmp_path):
    flags = ("--currency", "EUR", "--currency-rates", runs / "rates.csv")
    common = (
        "--data",
        runs / "calls.csv",
        "--settings",
        runs / "settings.toml",
        "--out",
        runs / "eur",
        "--quiet",
    )
    run_script("verify_reports.py", *common, *flags)
    run_script("verify_reports.py", *common, code=1)
    other = tmp_path / "rates.csv"
    other.write_text(f"date,currency,usd\n{LAST_DAY},EUR,2.1\n")
    run_script("verify_reports.py", *common, "--currency", "EUR", "--currency-rates", other, code=1)


def test_a_comparison_is_converted(tmp_path):
    """10 calls of $4 against 10 of $6: from 20 to 30 euros at 2 dollars each."""
    files = [
        call_files.write(tmp_path / f"{name}.csv", call_files.rows(10, cost_usd=cost))
        for name, cost in (("a", "4"), ("b", "6"))
    ]
    (tmp_path / "rates.csv").write_text("date,currency,usd\n2026-03-01,EUR,2\n")
    done = run_script("compare_scenarios.py", *files, "--out", tmp_path / "page.html", "--currency", "EUR",
                      "--currency-rates", tmp_path / "rates.csv")  # fmt: skip
    assert "$" not in done.stdout
    assert "rises by EUR\xa010.00 from EUR\xa020.00 to EUR\xa030.00" in done.stdout
    assert "1 EUR = 2 USD, the rate of 1 Mar 2026" in done.stdout
    page = (tmp_path / "page.html").read_text()
    assert "$" not in visible(page)
    assert "1 EUR = 2 USD, the rate of 1 Mar 2026" in html.unescape(visible_head(page))
    result = json.loads((tmp_path / "page.json").read_text())
    assert result["display_currency"]["usd_for_one"] == "2"
    assert Decimal(result["result"]["cost"]["total"]["after"]) == 60


def test_without_a_rate_nothing_is_published(runs, tmp_path):
    old = tmp_path / "rates.csv"
    old.write_text("date,currency,usd\n2026-11-12,EUR,2\n")
    done = run_script("run_all_analyzers.py", "--data", runs / "calls.csv", "--out", tmp_path / "out", "--currency", "EUR",
                      "--currency-rates", old, code=2)  # fmt: skip
    assert "has no rate of EUR from 2026-11-13 to 2026-11-20" in done.stderr
    assert not (tmp_path / "out").exists()
