"""What a reader edits in simulator/core.py takes effect, and flags go before it."""

import csv
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.checkout import copy_checkout
from tests.running import run_script

LINE = re.compile(r"simulator = AICallSimulator\(.*?\n?    \)", re.DOTALL)
DATE = ("--end-date", "2026-11-20")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "checkout")


def edit(checkout: Path, old: str | re.Pattern[str], new: str) -> None:
    core = checkout / "src" / "simulator" / "core.py"
    edited, times = re.subn(old if isinstance(old, re.Pattern) else re.escape(old), new, core.read_text())
    assert times == 1
    core.write_text(edited)


def script(checkout: Path, name: str, *flags: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs a script of the copy with the copy's modules, which go before those of an editable install."""
    src = checkout / "src"
    environment = {**os.environ, "PYTHONPATH": f"{src}:{checkout}"}
    return run_script(str(src / name), *flags, code=code, cwd=src, env=environment)


def calls_of(checkout: Path, name: str = "simulated_calls.csv") -> list[dict[str, str]]:
    with (checkout / "data" / name).open(newline="") as file:
        return list(csv.DictReader(file))


def prices(calls: list[dict[str, str]]) -> dict[str, set[str]]:
    return {
        plan: {call["tier_price_usd"] for call in calls if call["subscription_tier"] == plan}
        for plan in {call["subscription_tier"] for call in calls}
    }


def shape(calls: list[dict[str, str]]) -> tuple[int, int]:
    """Customers and days of calls."""
    return len({call["customer_id"] for call in calls}), len({call["timestamp"][:10] for call in calls})


def test_the_line_of_the_simulator_is_what_the_script_runs(checkout: Path) -> None:
    (line,) = LINE.findall((checkout / "src" / "simulator" / "core.py").read_text())
    assert re.findall(r"(\w+)=(\d+)", line) == [("num_customers", "100"), ("num_days", "30"), ("seed", "42")]
    edit(
        checkout,
        LINE,
        "simulator = AICallSimulator(\n        num_customers=20,  # fewer\n        num_days=6,        # shorter\n"
        "        seed=7             # another\n    )",
    )
    script(checkout, "simulator/core.py", *DATE)
    edited = calls_of(checkout)
    assert shape(edited) == (20, 6)
    script(checkout, "simulator/core.py", *DATE, "--seed", 8)
    assert calls_of(checkout) != edited
    assert shape(calls_of(checkout)) == (20, 6)
    script(checkout, "simulator/core.py", *DATE, "--customers", 12, "--days", 4, "--seed", 7)
    assert shape(calls_of(checkout)) == (12, 4)


def test_the_seed_may_be_left_out_and_all_simulators_follow(checkout: Path) -> None:
    edit(checkout, LINE, "simulator = AICallSimulator(\n        num_customers=9,\n        num_days=3\n    )")
    script(checkout, "run_all_simulators.py", *DATE)
    base = [call for call in calls_of(checkout) if call["customer_id"].startswith("base-")]
    assert shape(base) == (9, 3)
    script(checkout, "simulator/core.py", *DATE, "--out", "data/alone.csv")
    assert calls_of(checkout, "alone.csv") == base


def test_a_plan_price_is_edited_for_every_pattern_and_the_comparison_shows_it(checkout: Path) -> None:
    few = ("--customers", 30, "--days", 15, *DATE)
    script(checkout, "simulator/core.py", *few, "--out", "data/scenario_a.csv")
    edit(
        checkout,
        '# A price that is written here goes before it, in every pattern: "pro": 129,',
        '"pro": 129,',
    )
    script(checkout, "simulator/core.py", *few, "--out", "data/scenario_b.csv")
    script(checkout, "simulator/scenarios/burst_traffic.py", *few, "--out", "data/burst.csv")
    assert prices(calls_of(checkout, "scenario_a.csv"))["pro"] == {"99"}
    for name in ("scenario_b.csv", "burst.csv"):
        assert prices(calls_of(checkout, name)) == {"starter": {"29"}, "pro": {"129"}, "enterprise": {"299"}}
    said = script(checkout, "compare_scenarios.py", "scenario_a.csv", "scenario_b.csv").stdout
    assert "Margin is the same" not in said
    # Six customers of pro, each $30 per month more, for 15 days of a month of 30.437 days on average.
    before, after = (float(figure.replace(",", "")) for figure in re.search(
        r"Revenue\s+\$([\d,.]+)\s+\$([\d,.]+)", said).groups())  # fmt: skip
    pro = len(
        {c["customer_id"] for c in calls_of(checkout, "scenario_b.csv") if c["subscription_tier"] == "pro"}
    )
    assert after - before == pytest.approx(pro * 30 * (15 / (365.25 / 12)), rel=0.02)


def test_the_whole_table_may_be_replaced_and_flags_go_before_it(checkout: Path, tmp_path: Path) -> None:
    edit(
        checkout,
        re.compile(r"SUBSCRIPTION_TIERS: [^=]* = \{.*?\n\}", re.DOTALL),
        'SUBSCRIPTION_TIERS = {"starter": 19.5, "pro": 129, "enterprise": "499"}',
    )
    few = ("--customers", 20, "--days", 3, *DATE)
    script(checkout, "simulator/core.py", *few)
    assert prices(calls_of(checkout)) == {"starter": {"19.5"}, "pro": {"129"}, "enterprise": {"499"}}
    script(checkout, "simulator/core.py", *few, "--tier", "pro=139")
    assert prices(calls_of(checkout)) == {"starter": {"19.5"}, "pro": {"139"}, "enterprise": {"499"}}
    listed = (checkout / "src" / "settings" / "pricing.toml").read_text()
    plans = "\n".join(re.findall(r"^\[\[plan\]\]\n(?:(?!\[).*\n?)*", listed, re.MULTILINE))
    assert "monthly_usd = 299" in plans
    (tmp_path / "p.toml").write_text(plans.replace("monthly_usd = 299", "monthly_usd = 599"))
    script(checkout, "simulator/core.py", *few, "--pricing", tmp_path / "p.toml")
    assert prices(calls_of(checkout)) == {"starter": {"19.5"}, "pro": {"129"}, "enterprise": {"599"}}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('"gold": 12,', "SUBSCRIPTION_TIERS names 'gold'; plans are starter, pro, enterprise."),
        ('"pro": -1,', "SUBSCRIPTION_TIERS['pro'] = -1: a price lies between 0 and 1,000,000 USD, like 129."),
        ('"pro": "much",', "SUBSCRIPTION_TIERS['pro'] = 'much' is not a price; write one, like 129."),
    ],
)
def test_an_impossible_price_is_one_sentence(checkout: Path, entry: str, said: str) -> None:
    edit(checkout, '# A price that is written here goes before it, in every pattern: "pro": 129,', entry)
    done = script(checkout, "simulator/core.py", code=2)
    assert done.stderr == f"❌ {said}\n"
    assert not (checkout / "data" / "simulated_calls.csv").exists()
