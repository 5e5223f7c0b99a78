"""No table of any report is cut in silence: what has no row of its own stands in a row that says how many it is."""

import ast
import dataclasses
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from analyzers.comparison.compare import compare
from analyzers.comparison.page import page
from analyzers.instances import analyzers
from calls.engine import Calls, open_calls
from foundation.places import ROOT
from reporting import filled_tables
from reporting.document import Cell, Document, Table, Unit, Value
from settings.loader import load_settings
from tests.calls import call_files

KEPT = 2
"""Rows of their own, where the limit is lowered."""
MANY = 560
"""More than any table of a page has rows."""
START = datetime(2026, 9, 1)  # noqa: DTZ001  the file's times are UTC by definition


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calls of so many models, tasks, features, customers and organizations, each on five of 40 days."""
    entries = []
    for place in range(MANY):
        for again in range(5):
            moment = START + timedelta(days=again * 9 + place % 4, minutes=place)
            entries.append(
                call_files.row(
                    len(entries),
                    timestamp=moment.isoformat(timespec="microseconds") + "Z",
                    model=f"model-{place}",
                    customer_id=f"customer-{place}",
                    organization_id=f"organization-{place}",
                    feature_id=f"feature-{place}",
                    task_type=f"task-{place}",
                    subscription_tier=("starter", "pro")[place % 2],
                    cost_usd=str(Decimal(place % 97 + 1) / 10),
                    latency_ms=str(200 + 40 * (place + again)),
                )
            )
    return call_files.write(tmp_path_factory.mktemp("many") / "calls.csv", entries)


@pytest.fixture(scope="module", params=["small_csv", "many"])
def opened(request: pytest.FixtureRequest) -> Iterator[Calls]:
    with open_calls(request.getfixturevalue(request.param)) as calls:
        yield calls


def documents(calls: Calls, other: Calls, limit: int | None) -> dict[str, Document]:
    """The documents of all reports and of a comparison, with no more rows than `limit`, or with all."""
    settings, original = dataclasses.replace(load_settings(), own_plans=True), filled_tables.divided

    def divided(entries: Sequence[object], usual: int) -> tuple[Sequence[object], Sequence[object]]:
        return original(entries, len(entries) if limit is None else min(limit, usual))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filled_tables, "divided", divided)
        found = {each.id: each.document(each.analyze(calls, settings)) for each in analyzers()}
        return found | {"comparison": page(compare(other, calls, settings))}


def tables(found: dict[str, Document]) -> dict[str, Table]:
    return {
        f"{name}/{block.id}": block
        for name, document in found.items()
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Table)
    }


def sums(rows: Sequence[tuple[Cell, ...]]) -> list[Decimal | None]:
    """The exact sum of each column; None where it holds anything but exact amounts."""
    return [
        _sum([cell.amount if isinstance(cell, Value) else cell for cell in column])
        for column in zip(*rows, strict=True)
    ]


def _sum(amounts: Sequence[object]) -> Decimal | None:
    exact = [Decimal(amount) for amount in amounts if isinstance(amount, int | Decimal)]
    return sum(exact, Decimal(0)) if len(exact) == len(amounts) else None


def _amounts(cells: tuple[Cell, ...]) -> list[Decimal | None]:
    return sums([cells])


@pytest.mark.parametrize("limit", [KEPT, filled_tables.MOST_ROWS])
def test_no_table_is_cut_in_silence(opened: Calls, small_csv: Path, limit: int) -> None:
    with open_calls(small_csv) as other:
        whole, cut = (tables(documents(opened, other, most)) for most in (None, limit))
    assert whole.keys() == cut.keys()
    shortened = 0
    for name, table in whole.items():
        shown, rest = cut[name].rows, len(table.rows) - len(cut[name].rows) + 1
        assert len(shown) <= limit + 1, name
        if not (shown and shown[-1].rest):
            assert [row.cells for row in shown] == [row.cells for row in table.rows], name
            continue
        shortened += 1
        assert shown[-1].rest == rest, name
        assert shown[-1].cells[0] == f"Other ({rest:,})", name
        assert cut[name].total == table.total, name
        if table.total is None:
            continue
        for column, total, all_rows, few_rows in zip(
            table.columns, _amounts(table.total.cells), sums([row.cells for row in table.rows]),
            sums([row.cells for row in shown]), strict=True,
        ):  # fmt: skip
            if total and total == all_rows and column.unit is not Unit.SHARE:
                assert few_rows == total, (name, column.key)
    if limit == KEPT:
        assert shortened >= 30
    elif opened.source.used == 5 * MANY:
        assert shortened >= 10


def test_no_report_makes_a_table_in_another_way() -> None:
    """A table that is made by hand may be cut by hand."""
    for path in (ROOT / "src" / "analyzers").rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        assert not [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Table"], (
            path
        )
