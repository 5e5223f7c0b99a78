"""Two files compared: figures worked by hand, steps that add up, and what chance explains."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyzers.comparison import chance, organization_sums
from analyzers.comparison.chance import LEAST_CLUSTERS
from analyzers.comparison.compare import compare
from analyzers.comparison.page import page
from analyzers.comparison.result import Comparison
from analyzers.comparison.words import console_lines, finding
from calls.engine import open_calls
from calls.schema import COLUMN_NAMES
from reporting.document import Note, Table, Unit
from reporting.html_generator import render_report
from reporting.provenance import Provenance, generated_now
from settings.loader import load_settings
from simulator.core import AICallSimulator
from tests.calls import call_files

D = Decimal
LAST_DAY = date(2026, 4, 10)
Rows = list[dict[str, str]]


@pytest.fixture
def compared(tmp_path: Path) -> Callable[[Rows, Rows], Comparison]:
    def make(before: Rows, after: Rows) -> Comparison:
        files = (
            call_files.write(tmp_path / f"{name}.csv", rows, COLUMN_NAMES)
            for name, rows in (("a", before), ("b", after))
        )
        return compared_files(*files)

    return make


def compared_files(first: Path, second: Path) -> Comparison:
    with open_calls(first) as before, open_calls(second) as after:
        return compare(before, after, dataclasses.replace(load_settings(), own_plans=True))


def calls(count: int, **changes: str) -> Rows:
    """Calls of customer `cust` on plan pro at 50 dollars, one a minute."""
    return call_files.rows(count, **({"tier_price_usd": "50", "status": "success"} | changes))


def steps(result: Comparison) -> dict[str, Decimal]:
    return {name: usd for name, usd in result.margin_steps if usd}


def tables(result: Comparison) -> dict[str, Table]:
    blocks = [block for section in page(result).sections for block in section.blocks]
    return {block.id: block for block in blocks if isinstance(block, Table)}


class TestSteps:
    def test_twice_the_calls_is_volume(self, compared) -> None:
        # 100 calls at 0.0015 each become 200: cost and margin move by 0.15
        result = compared(calls(100), calls(200))
        assert steps(result) == {"volume": D("-0.150000000")}
        assert result.cost.total.change == D("0.150000000")

    def test_a_plan_price_is_plan_price(self, compared) -> None:
        # one day of a month of 31 at 50, then at 80 dollars
        result = compared(calls(100), calls(100, tier_price_usd="80"))
        assert steps(result) == {"plan price": (D(30) / 31).quantize(D("1e-9"))}

    def test_another_model_is_mix(self, compared) -> None:
        result = compared(calls(100), calls(100, model="m2", cost_usd="0.003"))
        assert steps(result) == {"model mix": D("-0.150000000")}
        assert [(part.name, part.cost_change_usd) for part in result.by_model] == [
            ("openai / m2", D("0.300000000")),
            ("openai / m1", D("-0.150000000")),
        ]

    def test_longer_calls_are_tokens(self, compared) -> None:
        result = compared(calls(100), calls(100, input_tokens="220", cost_usd="0.003"))
        assert steps(result) == {"tokens per call": D("-0.150000000")}

    def test_a_costlier_model_is_price(self, compared) -> None:
        result = compared(calls(100), calls(100, cost_usd="0.003"))
        assert steps(result) == {"price": D("-0.150000000")}

    def test_another_customer_is_customers(self, compared) -> None:
        more = [*calls(100), call_files.row(200, customer_id="new", tier_price_usd="90")]
        result = compared(calls(100), more)
        assert steps(result)["customers"] == (D(90) / 31).quantize(D("1e-9"))

    def test_a_changed_plan_is_neither_customers_nor_plan_price(self, compared) -> None:
        # one day of a month of 31 at 50, then on another plan at 299 dollars
        result = compared(calls(100), calls(100, subscription_tier="enterprise", tier_price_usd="299"))
        nano = D("1e-9")
        assert steps(result) == {"plan changes": (D(299) / 31).quantize(nano) - (D(50) / 31).quantize(nano)}

    def test_the_same_file_twice_says_so(self, compared) -> None:
        result = compared(calls(100), calls(100))
        assert steps(result) == {}
        assert finding(result).startswith("Margin is the same in both files")

    def test_console_steps_add_up_as_shown(self, compared) -> None:
        before = calls(30) + call_files.rows(7, model="m2", cost_usd="0.0333", call_id="x")
        result = compared(calls(30, cost_usd="0.014"), before)
        told = [line.split("$") for line in console_lines(result) if line.startswith("  ") and "$" in line]
        amounts = [D(("-" if "−" in words else "") + amount) for words, amount in told]
        totals = [place for place, (words, _) in enumerate(told) if "Total" in words]
        assert sum(amounts[: totals[0]]) == amounts[totals[0]]
        assert sum(amounts[totals[0] + 1 : totals[1]]) == amounts[totals[1]]


class TestUnknowns:
    def test_without_customers_there_is_no_margin_and_the_page_says_why(self, compared) -> None:
        bare = {"customer_id": "", "organization_id": ""}
        result = compared(calls(100, **bare), calls(150, **bare))
        assert result.margin is None
        assert "names no customer" in result.margin_reason
        assert finding(result).startswith("Cost rises")
        notes = [b.text for s in page(result).sections for b in s.blocks if isinstance(b, Note)]
        assert any("names no customer" in note for note in notes)

    def test_a_plan_without_a_price_is_named(self, compared) -> None:
        result = compared(calls(100), calls(100, tier_price_usd="", subscription_tier="barter"))
        assert result.margin is None
        assert "no known price (the first is cust)" in result.margin_reason

    def test_cost_that_becomes_known_is_coverage(self, compared) -> None:
        result = compared(calls(100, cost_usd=""), calls(100))
        assert steps(result) == {"cost coverage": D("-0.150000000")}
        assert result.cost.unpriced_before == 100

    def test_one_call_a_side(self, compared) -> None:
        result = compared(calls(1), calls(1))
        assert result.before.latency_p50_ms is None
        assert "too few" in {
            cell.reason.split(" calls")[0]
            for row in tables(result)["totals"].rows
            for cell in row.cells
            if hasattr(cell, "reason")
        }

    def test_all_unknown_on_both_sides(self, compared) -> None:
        result = compared(calls(10, cost_usd=""), calls(10, cost_usd=""))
        assert result.cost.total.change == 0
        assert result.cost.at_least


class TestCrossings:
    def test_who_falls_below_zero_is_listed_with_both_margins(self, compared) -> None:
        # a day of 31 at 50 is 1.6129; 100 calls at 0.02 cost 2.00
        result = compared(calls(100), calls(100, cost_usd="0.02"))
        (crossing,) = result.crossings
        assert (crossing.customer, crossing.into_loss) == ("cust", True)
        assert crossing.margin_before_usd == D("1.612903226") - D("0.15")
        assert crossing.margin_after_usd == D("1.612903226") - D(2)

    def test_zero_itself_is_no_loss(self, compared) -> None:
        result = compared(calls(10), calls(10, tier_price_usd="31", cost_usd="0.1"))
        assert result.crossings == ()

    def test_who_is_in_one_file_only_cannot_cross(self, compared) -> None:
        result = compared(calls(10), calls(10, customer_id="other", cost_usd="9"))
        assert (result.crossings, result.customers_in_both) == ((), 0)


class TestChance:
    @pytest.fixture(scope="class")
    @staticmethod
    def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
        folder = tmp_path_factory.mktemp("chance")
        made = {name: folder / f"{name}.csv" for name in ("one", "two", "priced")}
        small = {"num_customers": 60, "num_days": 14, "end_date": LAST_DAY}
        AICallSimulator(seed=11, **small).write(made["one"])
        AICallSimulator(seed=12, **small).write(made["two"])
        AICallSimulator(seed=11, tier_prices={"pro": D(129)}, **small).write(made["priced"])
        return made

    def test_another_seed_is_chance(self, files: dict[str, Path]) -> None:
        result = compared_files(files["one"], files["two"])
        assert len(result.chance.differences) > 20
        assert result.chance.significant == ()

    def test_a_plan_price_is_beyond_chance_and_the_whole_change(self, files: dict[str, Path]) -> None:
        result = compared_files(files["one"], files["priced"])
        assert set(steps(result)) == {"plan price"}
        assert result.margin is not None
        assert steps(result)["plan price"] == result.margin.change > 0
        assert "monthly price of plan pro" in {each.figure for each in result.chance.significant}

    def test_a_file_against_itself_has_p_values_of_one(self, files: dict[str, Path]) -> None:
        result = compared_files(files["one"], files["one"])
        assert {each.p_value for each in result.chance.differences} <= {1.0, None}

    def test_six_times_the_price_of_every_call_is_beyond_chance(
        self, files: dict[str, Path], tmp_path: Path
    ) -> None:
        with raised(files["two"], tmp_path) as path:
            result = compared_files(files["one"], path)
        assert {"cost per call", "cost per 1,000 tokens"} <= {
            each.figure for each in result.chance.significant
        }

    def test_the_same_twice(self, files: dict[str, Path]) -> None:
        first, second = (compared_files(files["one"], files["two"]).chance for _ in range(2))
        assert first == second

    def test_few_organizations_cannot_be_judged(self, compared) -> None:
        many = [call_files.row(n, organization_id=f"o{n % (LEAST_CLUSTERS - 1)}") for n in range(60)]
        enough = [call_files.row(n, organization_id=f"o{n % LEAST_CLUSTERS}") for n in range(60)]
        assert "cannot be judged from 4 organizations" in compared(many, many).chance.reason
        assert compared(enough, enough).chance.reason == ""

    def test_customers_stand_in_where_there_are_no_organizations(self, compared) -> None:
        rows = [call_files.row(n, organization_id="", customer_id=f"c{n % 7}") for n in range(70)]
        result = compared(rows, rows)
        assert (result.chance.kind, result.chance.clusters) == ("customers", 7)


@contextmanager
def raised(path: Path, folder: Path) -> Iterator[Path]:
    """The file with the cost of every call six times what it was."""
    import csv

    target = folder / "raised.csv"
    with path.open(newline="") as source, target.open("w", newline="") as out:
        reader = csv.DictReader(source)
        assert reader.fieldnames
        writer = csv.DictWriter(out, reader.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | {"cost_usd": str(6 * D(row["cost_usd"] or 0))} for row in reader)
    yield target


class TestPage:
    def test_the_page_renders_and_its_totals_are_those_of_the_result(self, compared) -> None:
        result = compared(calls(100), calls(200))
        cells: dict[Any, Any] = {row.cells[0]: row.cells for row in tables(result)["totals"].rows}
        assert cells["Calls"][1].amount == 100
        assert cells["Calls"][3].amount == 100
        assert cells["Cost"][2].amount == D("0.3")
        html = render_report(page(result), provenance(result))
        assert "Both files side by side" in html

    def test_a_share_changes_by_points_on_the_page_and_the_console(self, compared) -> None:
        """$1.00 of cost, then $2.00, of the same revenue; a relative change of the share would say something else."""
        result = compared(calls(100, cost_usd="0.01"), calls(100, cost_usd="0.02"))
        revenue = result.before.revenue_usd
        assert revenue == result.after.revenue_usd > 0
        before, after = 100 - 100 / revenue, 100 - 200 / revenue
        cells: dict[Any, Any] = {row.cells[0]: row.cells for row in tables(result)["totals"].rows}
        change, relative = cells["Margin of revenue"][3:]
        assert (round(change.amount, 9), change.unit) == (round((after - before) / 100, 9), Unit.POINTS)
        assert (relative.amount, relative.reason) == (None, "a share changes by points")
        told = next(line for line in console_lines(result) if line.startswith("Margin of revenue"))
        signed = [f"{amount:.1f}".replace("-", "−") for amount in (before, after, after - before)]
        assert told.split() == [
            "Margin",
            "of",
            "revenue",
            f"{signed[0]}%",
            f"{signed[1]}%",
            signed[2],
            "points",
        ]

    def test_the_console_says_units_and_signs(self, compared) -> None:
        result = compared(calls(100, latency_ms="1200"), calls(100, latency_ms="600"))
        told = {line[:19].strip(): line for line in console_lines(result)}
        assert told["Latency, median"].split()[-5:] == ["1,200", "ms", "600", "ms", "−50.0%"]
        assert told["Cost per day"].endswith("no change")

    def test_every_table_of_parts_adds_up_to_the_cost(self, compared) -> None:
        result = compared(calls(100) + calls(5, model="m2"), calls(70, feature_id="other"))
        for name in ("by-provider", "by-model", "by-plan", "by-feature"):
            table = tables(result)[name]
            assert table.total is not None
            assert table.total.cells[-1] == result.cost.total.change
            assert sum(row.cells[-1] for row in table.rows) == result.cost.total.change

    def test_files_of_one_name_are_told_apart(self, tmp_path: Path) -> None:
        files = []
        for name in ("x", "y"):
            (tmp_path / name).mkdir()
            files.append(call_files.write(tmp_path / name / "calls.csv", calls(5), COLUMN_NAMES))
        result = compared_files(*files)
        assert (result.before.name, result.after.name) == ("A: calls.csv", "B: calls.csv")

    def test_different_lengths_are_pointed_out(self, compared) -> None:
        result = compared(calls(10), [*calls(10), call_files.row(2000, tier_price_usd="50")])
        notes = [b.text for s in page(result).sections for b in s.blocks if isinstance(b, Note)]
        assert any("1 and 2 days" in note for note in notes)


def provenance(result: Comparison) -> Provenance:
    with open_calls(result.after.path) as opened:
        return Provenance(opened.source, "1", "x", generated_now(), result.after.usage.cost_usd)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.7, 0.9])
def test_one_large_organization_makes_chance_no_difference(share: float) -> None:
    """Of 200 pairs of files whose ten organizations differ by chance alone, about one in twenty stands out."""
    random, flagged = np.random.default_rng(5), 0
    costs = np.array([share] + 9 * [(1 - share) / 9])
    figure = chance.Figure("cost", "usd", organization_sums.KNOWN_COST, organization_sums.DAYS)
    names = [str(number) for number in range(10)]
    for _ in range(200):
        sides = organization_sums.Sums(30), organization_sums.Sums(30)
        for side in sides:
            for name, cost in zip(names, costs * random.lognormal(0, 0.2, 10), strict=True):
                side.add(organization_sums.KNOWN_COST, name, cost)
        (judged,) = chance._judged([figure], sides, names)
        flagged += judged.significant
    assert 0.02 * 200 <= flagged <= 0.08 * 200
