"""A month over its budget: exit code, summary, JSON, mail and webhook say the same, from the same ledger."""

import email
import email.policy
import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.calls import call_files
from tests.delivery.test_webhook import hook  # noqa: F401  a fixture
from tests.mail_sink import sinking
from tests.running import run_script

BUDGET = '[[budget]]\nscope = "total"\nname = ""\nmonthly_usd = 1000\n'


def row(number: int, day: int, hour: int, cost: Decimal) -> dict[str, str]:
    stamp = f"2026-11-{day:02}T{hour:02}:05:00.000000Z"
    return call_files.row(number, timestamp=stamp, cost_usd=str(cost), subscription_tier="")


def crossed_in_the_month() -> list[dict[str, str]]:
    """20 days of $10 and $2,000 on the 21st before noon: $2,200 of $1,000."""
    whole = [(day, hour, Decimal("2.5")) for day in range(1, 21) for hour in (0, 8, 16, 23)]
    return [
        row(number, *each)
        for number, each in enumerate([*whole, (21, 9, Decimal(900)), (21, 11, Decimal(1100))])
    ]


def crossed_on_the_last_day() -> list[dict[str, str]]:
    """20 working days of $40, then $400 on Monday the 30th by 17:00: $1,200 of $1,000."""
    days = [(day, 12, Decimal(40)) for day in range(1, 30) if day % 7 not in (1, 0)]
    return [row(number, *each) for number, each in enumerate([*days, (30, 17, Decimal(400))])]


@pytest.mark.parametrize(
    ("rows", "spent", "since"),
    [(crossed_in_the_month, "2200", "21 Nov 2026"), (crossed_on_the_last_day, "1200", "30 Nov 2026")],
)
def test_a_month_over_its_budget_is_said_alike_everywhere(rows, spent, since, tmp_path: Path, hook):  # noqa: F811
    data = call_files.write(tmp_path / "calls.csv", rows())
    (tmp_path / "budget.toml").write_text(BUDGET)
    out = tmp_path / "reports"
    done = run_script(
        "run_all_analyzers.py", "--data", data, "--settings", tmp_path / "budget.toml", "--out", out,
        "--only", "finops_understanding", "--only", "finops_realtime", "--fail-on", "critical", "--notify", hook.url, "--json",
        code=5,
    )  # fmt: skip
    said = json.loads(done.stdout)
    alerts = [each for each in said["alerts"] if "budget" in each["title"]]
    assert [each["title"] for each in alerts] == [f"The budget for all calls is overrun since {since}"]
    money = f"${Decimal(spent):,.2f} of $1,000.00"
    assert alerts[0]["text"].startswith(f"{money} is spent")
    (forecast,) = (line for line in said["lines"] if line["label"] == "Forecast")
    assert Decimal(forecast["figures"]["month_spent_usd"]) == Decimal(spent)
    assert Decimal(forecast["figures"]["month_end_usd"]) >= Decimal(spent)
    assert f"Nov 2026: {money} spent, over the budget since {since}" in forecast["text"]
    (notice,) = (json.loads(body)["text"] for _, _, body in hook.notices)
    assert notice.count("budget for all calls") == 1
    assert f"{alerts[0]['title']}. {alerts[0]['text']}" in notice
    with sinking() as (sink, port):
        run_script("email_reports.py", "--out", out, "--from", "a@example.com", "--to", "b@example.com", "--host",
                   "localhost", "--port", port, "--security", "none", "--quiet")  # fmt: skip
        letter = email.message_from_bytes(sink.received[0][1], policy=email.policy.default)
    text = letter.get_body(("plain",)).get_content()
    assert forecast["text"] in " ".join(text.split())
    assert f"first: {alerts[0]['title']}" in " ".join(text.split())
