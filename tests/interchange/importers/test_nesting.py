"""A call around other calls repeats what they count: it does not count, whichever of them is imported first."""

import json
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from interchange.importers.nesting import Nested
from tests.interchange.importers.importing import build_mapping, import_files, written
from tests.running import run_script

# gpt-4o: 2.5 and 10 dollars for a million tokens.
CHILD_USD = (1_000 * Decimal("2.5") + 100 * 10) / 1_000_000
PARENT_USD = (2_000 * Decimal("2.5") + 200 * 10) / 1_000_000


def span(
    name: str, parent: str = "", tokens: tuple[int, int] | None = (1_000, 100), **other: Any
) -> dict[str, Any]:
    """A span of OTLP; one without tokens is no call."""
    said = {"gen_ai.request.model": "gpt-4o", "gen_ai.provider.name": "openai", **other.pop("attributes", {})}
    if tokens:
        said |= {"gen_ai.usage.input_tokens": tokens[0], "gen_ai.usage.output_tokens": tokens[1]}
    attributes = [{"key": key, "value": {"stringValue": str(value)}} for key, value in said.items()]
    start = 1_795_000_000
    return {
        "traceId": "t1", "spanId": name, "parentSpanId": parent, "name": name,
        "startTimeUnixNano": f"{start}000000000", "endTimeUnixNano": f"{start + 9}000000000",
        "attributes": attributes,
    } | other  # fmt: skip


def otlp(place: Path, *spans: dict[str, Any]) -> Path:
    place.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}) + "\n")
    return place


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    return otlp(tmp_path / "parent.jsonl", span("aa", tokens=(2_000, 200)))


@pytest.fixture
def children(tmp_path: Path) -> Path:
    return otlp(tmp_path / "children.jsonl", span("bb", "aa"), span("cc", "aa"))


def usd(target: Path) -> Decimal:
    return sum((Decimal(row["cost_usd"]) for row in written(target)), Decimal(0))


def ids(target: Path) -> list[str]:
    return sorted(row["call_id"] for row in written(target))


def test_a_parent_that_came_first_goes_when_its_children_come(
    tmp_path: Path, parent: Path, children: Path
) -> None:
    target = tmp_path / "calls.csv"
    assert import_files(target, parent).cost.computed_usd == PARENT_USD
    report = import_files(target, children)
    assert (report.added, report.skipped) == (2, {})
    assert report.convergence.nested == Nested(removed=1, tokens_removed=2_200, usd_removed=PARENT_USD)
    assert (ids(target), usd(target)) == (["bb", "cc"], 2 * CHILD_USD)


def test_a_parent_that_comes_last_is_left_out(tmp_path: Path, parent: Path, children: Path) -> None:
    target = tmp_path / "calls.csv"
    import_files(target, children)
    before = target.read_bytes()
    report = import_files(target, parent)
    assert (report.calls, report.skipped) == (0, {"nested_there": 1})
    assert report.convergence.nested == Nested(1, 2_200, PARENT_USD)
    assert report.double_counts_avoided == 1
    assert target.read_bytes() == before
    assert usd(target) == 2 * CHILD_USD


def test_three_imports_in_any_order_and_again_give_what_one_import_gives(
    tmp_path: Path, parent: Path, children: Path
) -> None:
    deeper = otlp(tmp_path / "deeper.jsonl", span("dd", "bb", (900, 100)))
    import_files(tmp_path / "whole.csv", parent, children, deeper)
    assert ids(tmp_path / "whole.csv") == ["cc", "dd"]
    for number, files in enumerate(permutations((parent, children, deeper))):
        target = tmp_path / f"{number}.csv"
        for file in files:
            import_files(target, file)
        assert ids(target) == ["cc", "dd"], [file.name for file in files]
        before = target.read_bytes()
        for file in files:
            assert import_files(target, file).calls == 0
        assert target.read_bytes() == before


def test_a_span_between_them_that_is_no_call_tells_of_both_where_it_is_in_the_import(tmp_path: Path) -> None:
    agent = span("aa", tokens=(2_000, 200))
    chain = span("bb", "aa", None)
    call = span("cc", "bb")
    agents, calls = otlp(tmp_path / "agents", agent), otlp(tmp_path / "calls", call)
    chains = otlp(tmp_path / "chains", chain)
    for number, files in enumerate(((agents, calls, chains), (calls, agents, chains))):
        target = tmp_path / f"{number}.csv"
        for file in files[:2]:
            import_files(target, file)
        assert ids(target) == ["aa", "cc"]
        report = import_files(target, chains)
        assert (report.calls, report.convergence.nested.usd_removed) == (0, PARENT_USD)
        assert (ids(target), usd(target)) == (["cc"], CHILD_USD)
    both = otlp(tmp_path / "both", chain, call)
    import_files(tmp_path / "down.csv", agents)
    import_files(tmp_path / "down.csv", both)
    up = otlp(tmp_path / "up", agent, chain)
    import_files(tmp_path / "up.csv", calls)
    import_files(tmp_path / "up.csv", up)
    assert ids(tmp_path / "down.csv") == ids(tmp_path / "up.csv") == ["cc"]
    (row,) = written(tmp_path / "up.csv")
    assert row["parent_id"] == "bb"


def test_a_child_with_the_answer_of_its_parent_takes_its_place_though_it_says_less(tmp_path: Path) -> None:
    answer = {"attributes": {"gen_ai.response.id": "r1"}}
    parent = otlp(tmp_path / "parent", span("aa", tokens=(2_000, 200), **answer))
    child = otlp(tmp_path / "child", span("bb", "aa", **answer))
    for number, files in enumerate(permutations((parent, child))):
        target = tmp_path / f"{number}.csv"
        for file in files:
            import_files(target, file)
        assert (ids(target), usd(target)) == (["bb"], CHILD_USD)


def test_a_failed_call_takes_nothing_from_a_parent_that_counts_tokens(tmp_path: Path, parent: Path) -> None:
    failed = span("bb", "aa", None, status={"code": 2}, attributes={"gen_ai.operation.name": "chat"})
    file = otlp(tmp_path / "failed", failed)
    for number, files in enumerate(permutations((parent, file))):
        target = tmp_path / f"{number}.csv"
        for each in files:
            import_files(target, each)
        assert (ids(target), usd(target)) == (["aa", "bb"], PARENT_USD)


def test_the_same_ids_in_another_trace_are_other_calls(tmp_path: Path, parent: Path) -> None:
    other = otlp(tmp_path / "other", span("bb", "aa", traceId="t2"))
    target = tmp_path / "calls.csv"
    import_files(target, parent)
    assert import_files(target, other).convergence.nested == Nested()
    assert ids(target) == ["aa", "bb"]


@pytest.mark.parametrize(
    ("start", "kept"), [("09:59:59", 2), ("10:00:00", 1), ("10:00:05", 1), ("10:00:06", 2)]
)
def test_without_a_trace_a_child_is_one_that_starts_within_its_parent(
    tmp_path: Path, start: str, kept: int
) -> None:
    mapping = build_mapping(
        [
            "call_id=id",
            "parent_id=above",
            "timestamp=at",
            "latency_ms=ms",
            "input_tokens=in",
            "output_tokens=out",
        ],
        ["provider=openai", "model=gpt-4o"],
    )
    head = "id,above,at,ms,in,out\n"
    around, inner = tmp_path / "around", tmp_path / "inner"
    around.write_text(head + "1,,2026-11-10T10:00:00Z,5000,2000,200\n")
    inner.write_text(head + f"2,1,2026-11-10T{start}Z,1000,1000,100\n")
    for number, files in enumerate(permutations((around, inner))):
        target = tmp_path / f"{number}.csv"
        for file in files:
            import_files(target, file, mapping=mapping)
        assert len(written(target)) == kept


def test_a_dry_run_tells_it_and_changes_nothing_and_the_console_says_the_money(
    tmp_path: Path, parent: Path, children: Path
) -> None:
    target = tmp_path / "calls.csv"
    import_files(target, parent)
    before = target.read_bytes()
    assert import_files(target, children, dry_run=True).convergence.nested.usd_removed == PARENT_USD
    assert target.read_bytes() == before
    said = run_script("import_usage.py", children, "--out", target).stdout
    assert (
        f"1 call taken out of the target, since calls nested in it came: 2,200 tokens and ${PARENT_USD:.9f}"
        in said
    )
    again = run_script("import_usage.py", parent, "--out", target)
    assert again.returncode == 0
    assert (
        f"1 record left out, since the target holds calls nested in it: 2,200 tokens and ${PARENT_USD:.9f}"
        in (again.stdout)
    )
