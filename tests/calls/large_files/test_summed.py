"""A large file summed chunk by chunk, and what was summed before: the same as a file loaded at once."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analyzers.instances import analyzers
from calls.duckdb_calls import DuckDBCalls
from calls.engine import Calls, open_calls
from calls.engine_choice import EngineChoice, open_on
from calls.file.snapshot import snapshot
from calls.large_files import summed
from calls.large_files.chunked_sums import CHUNK_BYTES, Reading, chunks
from calls.large_files.rollup_cache import MOST_PARTS, RollupCache
from calls.large_files.summed import SummedCalls, open_summed
from calls.reading import vocabulary
from calls.rollups.shared import ROLLUPS
from calls.selection import Selection
from foundation.outcome import NoUsableData, TooManyBadRows
from reporting.json_report import plain_data
from settings.loader import load_settings
from simulator.core import AICallSimulator
from simulator.scenarios.burst_traffic import BurstTraffic
from tests.calls.call_files import row, rows, write

LAST_DAY = date(2026, 4, 10)
SMALL = 500_000
"""Bytes of a chunk: about 1,500 lines."""
LEFT_OUT = frozenset({"request_id", "trace_id", "user_agent"})


def reading(**changes: Any) -> Reading:
    return replace(Reading(LEFT_OUT, allow_credits=False, timezone="UTC", late_after_ms=10_000), **changes)


def opened(path: Path, *, chunk_bytes: int = SMALL, how: Reading | None = None, **options: Any) -> Calls:
    """The file in chunks; a file that cannot be summed so is an error here."""

    def whole() -> Calls:
        raise AssertionError("the file was loaded at once")

    return open_summed(path, how or reading(), whole=whole, chunk_bytes=chunk_bytes, **options)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two patterns, one after the other in the file and at the same time in their calls."""
    path = tmp_path_factory.mktemp("simulated") / "calls.csv"
    AICallSimulator(num_customers=4, num_days=20, seed=5, end_date=LAST_DAY).write(path)
    BurstTraffic(num_customers=3, num_days=20, seed=5, end_date=LAST_DAY).write(path, append=True)
    return path


@pytest.fixture
def file(simulated: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "calls.csv"
    shutil.copy2(simulated, copy)
    return copy


def answers(calls: Calls) -> dict[str, Any]:
    """What the eight reports say of some calls, as their JSON reports have it, and what was read."""
    settings = load_settings()
    said = {entry.id: plain_data(entry.analyze(calls, settings)) for entry in analyzers()}
    source = plain_data(calls.source)
    return said | {"source": {name: source[name] for name in source if name not in ("fingerprint", "path")}}


def assert_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    for name, said in one.items():
        assert different(said, other[name]) == [], name


def different(one: Any, other: Any, place: str = "") -> list[str]:
    """Where two JSON reports differ; doubles may by 1e-9 of their size."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [entry for name in one for entry in different(one[name], other[name], f"{place}.{name}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [entry for at, pair in pairs for entry in different(*pair, f"{place}[{at}]")]
    if isinstance(one, float) and isinstance(other, float):
        return [] if one == pytest.approx(other, rel=1e-9, abs=1e-9) else [f"{place}: {one} {other}"]
    return [] if type(one) is type(other) and one == other else [f"{place}: {one} {other}"]


@pytest.mark.slow
def test_chunks_say_what_the_whole_says(simulated: Path) -> None:
    with open_calls(simulated) as whole, opened(simulated, cached=False) as chunks:
        assert_same(answers(whole), answers(chunks))


def test_an_imported_trace_says_the_same_at_once_in_chunks_and_from_the_cache(
    traced: Path, tmp_path: Path
) -> None:
    file = Path(shutil.copy2(traced, tmp_path / "calls.csv"))
    with open_calls(file) as whole:
        expected = answers(whole)
    for _ in range(2):  # the second time from what the first kept
        with opened(file) as chunks:
            assert_same(expected, answers(chunks))


def test_every_rollup_of_chunks_adds_up_to_that_of_the_whole(simulated: Path) -> None:
    with open_calls(simulated, Selection(timezone="Europe/Berlin")) as whole:
        how = reading(timezone="Europe/Berlin")
        with opened(simulated, how=how, cached=False) as chunks:
            for name, rollup in ROLLUPS.items():
                if name != "extreme_calls":  # of chunks it may hold more calls than are asked for
                    query = rollup.added_up(name)
                    found, expected = (sorted(map(repr, calls.sql(query))) for calls in (chunks, whole))
                    assert found == expected, name


def test_a_query_of_single_calls_loads_the_whole_file(simulated: Path) -> None:
    engine = EngineChoice(cached=False, summed_bytes=0)
    calls = open_on(engine, simulated, Selection(excluded_columns=LEFT_OUT))
    assert isinstance(calls, SummedCalls)
    assert calls.sql("select count(*) as n from calls")[0].n == calls.source.used
    calls.close()


def test_small_and_narrowed_files_are_loaded_at_once(simulated: Path) -> None:
    assert type(open_on(EngineChoice(), simulated)) is DuckDBCalls
    narrowed = open_on(EngineChoice(summed_bytes=0), simulated, Selection(where=(("provider", "openai"),)))
    assert type(narrowed) is DuckDBCalls


@pytest.mark.slow
def test_what_was_summed_is_not_read_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(file) as first:
        expected = answers(first)
    with monkeypatch.context() as patched:
        patched.setattr(summed, "add_chunks", nothing_but_the_end)
        with opened(file) as again:
            assert_same(expected, answers(again))


def nothing_but_the_end(connection: Any, seen: Any, chunks: Iterator[Any], *rest: Any) -> None:
    assert list(chunks) == []


@pytest.mark.slow
def test_an_append_reads_only_what_is_new(file: Path) -> None:
    opened(file).close()
    before = file.stat().st_size
    BurstTraffic(num_customers=3, num_days=20, seed=9, end_date=LAST_DAY).write(file, append=True)
    with watched() as read, opened(file) as calls:
        assert read[0][0] == before
        with open_calls(file) as whole:
            assert_same(answers(whole), answers(calls))


@contextmanager
def watched() -> Iterator[list[tuple[int, int]]]:
    """The chunks of the file that are read and summed."""
    read: list[tuple[int, int]] = []
    original = chunks

    def listen(*arguments: Any) -> Iterator[tuple[int, int]]:
        for chunk in original(*arguments):
            read.append(chunk)
            yield chunk

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(summed, "chunks", listen)
        yield read


@pytest.mark.slow
def test_many_appends_are_joined(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", rows(10))
    for number in range(1, MOST_PARTS + 4):
        opened(path).close()
        append(path, [row(1_000 + number)])
    with opened(path) as calls:
        assert (
            calls.sql("select sum(calls) as n from hourly_use")[0].n
            == calls.source.used
            == 10 + MOST_PARTS + 3
        )
    assert len(list((tmp_path / "x.csv.rollups").glob("*.parquet"))) < 20 * MOST_PARTS


def append(path: Path, entries: list[dict[str, str]]) -> None:
    with path.open("a", encoding="utf-8", newline="") as target:
        target.writelines(",".join(entry.values()) + "\n" for entry in entries)


def edit(path: Path, at: float) -> None:
    """Makes one call, about there, some dollars more expensive, and nothing of the file's size or inode."""
    data = path.read_bytes()
    cost = re.compile(rb",[0-9]\.[0-9]{9},").search(data, int(len(data) * at))
    assert cost is not None
    with path.open("r+b") as target:
        target.seek(cost.start() + 1)
        target.write(b"9")


def rewritten(path: Path) -> None:
    copy = path.with_suffix(".new")
    copy.write_bytes(path.read_bytes())
    edit(copy, 0.4)
    copy.replace(path)


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: data.rfind(b"\n", 0, len(data) // 2) + 1])


def swap_columns(path: Path) -> None:
    lines = path.read_text().splitlines()
    names = lines[0].split(",")
    first, second = names.index("input_tokens"), names.index("output_tokens")
    swapped = []
    for line in lines:
        fields = line.split(",")
        fields[first], fields[second] = fields[second], fields[first]
        swapped.append(",".join(fields))
    path.write_text("\n".join(swapped) + "\n")


def torn(path: Path) -> None:
    with path.open("a") as target:
        target.write("2026-04-10T23:59:59.000000Z,call_torn,open")


def cache_of(path: Path) -> Path:
    return path.with_name(path.name + ".rollups")


def restated(path: Path, **changes: Any) -> None:
    state = cache_of(path) / "state.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | changes))


def state_as_pipe(path: Path) -> None:
    (cache_of(path) / "state.json").unlink()
    os.mkfifo(cache_of(path) / "state.json")


CHANGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "touched": os.utime,
    "appended": lambda path: append(path, [row(9_000 + random.randrange(10**6))]),
    "bad line appended": lambda path: append(path, [{"": "not", " ": "a call"}]),
    "a digit changed": lambda path: edit(path, 0.3),
    "changed and appended": lambda path: (
        edit(path, 0.6),
        append(path, [row(9_000 + random.randrange(10**6))]),
    ),
    "rewritten by another file": rewritten,
    "cut": cut,
    "torn": torn,
    "cache deleted": lambda path: shutil.rmtree(cache_of(path)),
    "cache damaged": lambda path: (cache_of(path) / "state.json").write_text("{}"),
    "a part missing": lambda path: next(cache_of(path).glob("*.parquet")).unlink(),
}


DAMAGE: dict[str, Callable[[Path], object]] = {
    "state nested deeply": lambda path: (cache_of(path) / "state.json").write_text("[" * 200_000),
    "state without parts": lambda path: restated(path, parts={}),
    "state without chunks": lambda path: restated(path, chunks=[]),
    "state of other types": lambda path: restated(path, parts=5, line_counts="x"),
    "state of other files": lambda path: restated(path, parts={"hourly_use": ["../../x.parquet"]}),
    "state is a pipe": state_as_pipe,
    "a part damaged": lambda path: next(cache_of(path).glob("*.parquet")).write_bytes(b"PAR1" + bytes(9)),
    "a part cut": lambda path: os.truncate(next(cache_of(path).glob("*.parquet")), 4),
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_no_change_of_the_file_is_overlooked(tmp_path: Path, seed: int) -> None:
    random.seed(seed)
    path = write(tmp_path / "x.csv", [row(n, cost_usd=f"0.{n:09d}") for n in range(400)])
    names = list(CHANGES) * 2
    random.shuffle(names)
    opened(path, chunk_bytes=9_000).close()
    for name in names:
        CHANGES[name](path)
        with (
            opened(path, chunk_bytes=9_000) as calls,
            open_calls(path, Selection(excluded_columns=LEFT_OUT)) as whole,
        ):
            assert figures(calls) == figures(whole), name


@pytest.mark.parametrize("name", DAMAGE)
def test_damaged_sums_are_made_anew(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "x.csv", [row(n, cost_usd=f"0.{n:09d}") for n in range(40)])
    opened(path).close()
    DAMAGE[name](path)
    for _ in range(2):
        with opened(path) as calls, open_calls(path, Selection(excluded_columns=LEFT_OUT)) as whole:
            assert figures(calls) == figures(whole)
    assert json.loads((cache_of(path) / "state.json").read_text())["parts"]


def figures(calls: Calls) -> tuple[Any, ...]:
    sums = "select sum(calls) as n, sum(known_cost) as cost, sum(input_total) as tokens, max(local_hour) from hourly_use"
    source = calls.source
    return (
        tuple(calls.sql(sums)[0]), source.data_lines, source.accepted, source.rejected, source.rejected_lines,
        source.period, source.torn_tail, source.flagged, source.unpriced,
    )  # fmt: skip


@pytest.mark.slow
def test_another_order_of_columns_is_another_file(file: Path) -> None:
    opened(file).close()
    swap_columns(file)
    with opened(file) as calls, open_calls(file) as whole:
        assert figures(calls) == figures(whole)


@pytest.mark.slow
def test_other_settings_of_the_reading_are_kept_apart(file: Path) -> None:
    with opened(file) as utc, opened(file, how=reading(timezone="Asia/Tokyo")) as tokyo:
        hours = "select min(local_hour) as first from hourly_use"
        assert utc.sql(hours) != tokyo.sql(hours)
    with opened(file, how=reading(late_after_ms=1)) as strict:
        assert strict.sql("select sum(late) as n, sum(timed) as m from hourly_use")[0].n > 0


@pytest.mark.slow
def test_an_edit_that_hides_its_time_is_found_by_verify(file: Path) -> None:
    with opened(file) as calls:
        before = figures(calls)
    cache = RollupCache(file, reading())
    status = file.stat()
    edit(file, 0.5)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    with opened(file, verify=True) as verified, open_calls(file) as whole:
        assert figures(verified) == figures(whole) != before
    assert cache.folder.exists()


def test_ids_on_both_sides_of_a_cut_are_counted_once(tmp_path: Path) -> None:
    entries = [*rows(200), row(3), row(5, cost_usd="9")]
    path = write(tmp_path / "x.csv", entries)
    calls = open_summed(
        path,
        reading(),
        whole=lambda: open_calls(path, Selection(excluded_columns=LEFT_OUT)),
        chunk_bytes=5_000,
        cached=True,
    )
    assert type(calls) is DuckDBCalls
    assert (calls.source.duplicates, calls.source.flagged["shared_call_id"]) == (1, 2)


def test_a_quoted_line_end_across_a_cut_keeps_its_call(tmp_path: Path) -> None:
    entries = [row(n, feature_id="a\nb" * 30) for n in range(100)]
    path = write(tmp_path / "x.csv", entries)
    calls = open_summed(path, reading(), whole=lambda: open_calls(path), chunk_bytes=3_001, cached=True)
    assert calls.source.accepted == 100


def test_a_repeat_of_per_call_that_failed_in_a_later_chunk_is_counted(tmp_path: Path) -> None:
    names = (*row(0), "status")
    later = [row(n, status="success") for n in range(300)]
    later[10] |= {"timestamp": "2026-03-01T12:00:30.000000", "session_id": "x"}
    later.append(row(900, status="error", timestamp="2026-03-01T12:00:00.000000", session_id="x"))
    path = write(tmp_path / "x.csv", later, names)
    calls = open_summed(path, reading(), whole=lambda: open_calls(path), chunk_bytes=5_000, cached=False)
    assert calls.sql("select sum(calls) as n from retried_calls")[0].n == 1


def test_values_unknown_to_the_sample_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summed, "SAMPLED_BYTES", 0)
    monkeypatch.setattr(vocabulary, "LEAST_BYTES", 0)
    monkeypatch.setattr(vocabulary, "CHUNKS", 3)
    monkeypatch.setattr(vocabulary, "CHUNK_BYTES", 6_000)
    entries = [row(n, model=f"m{n % 7}", feature_id="it's" if n == 70 else "f") for n in range(150)]
    path = write(tmp_path / "x.csv", entries)
    with opened(path, cached=False) as calls:
        found = calls.sql("select model, sum(calls) as n from hourly_use group by model order by model")
        assert [tuple(entry) for entry in found] == [(f"m{n}", 22 if n < 3 else 21) for n in range(7)]
        assert calls.sql("select sum(calls) as n from hourly_features where feature_id = 'it''s'")[0].n == 1


@pytest.mark.slow
def test_bad_lines_keep_their_place_and_are_not_forgotten(tmp_path: Path) -> None:
    entries = [row(n) if n % 40 else row(n, cost_usd="abc") for n in range(400)]
    path = write(tmp_path / "x.csv", entries)
    with open_calls(path) as whole:
        for _ in range(2):
            with opened(path, chunk_bytes=4_000) as calls:
                assert calls.source.rejected_lines == whole.source.rejected_lines
                assert calls.source.rejected == {"bad_number": 10}
    with pytest.raises(TooManyBadRows):
        opened(path, max_bad_rows=0.001)
    with pytest.raises(NoUsableData, match="bad_number 5"):
        opened(write(tmp_path / "y.csv", [row(n, cost_usd="abc") for n in range(5)]))


def test_a_file_with_calls_of_the_future_is_read_whole_each_time(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [row(0), row(1, timestamp="2099-01-01T00:00:00.000000")])
    with pytest.raises(AssertionError, match="the file was loaded at once"):
        opened(path)
    with open_calls(path) as calls:
        assert calls.source.flagged == {"future_timestamp": 1}
    assert not (tmp_path / "x.csv.rollups" / "state.json").exists()


def test_more_customers_than_are_judged_by_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calls.large_files.chunked_sums.HOURLY_CUSTOMERS", 20)
    path = write(tmp_path / "x.csv", [row(n, customer_id=f"c{n % 21}") for n in range(300)])
    for _ in range(2):
        with opened(path, chunk_bytes=5_000) as calls:
            assert calls.sql("select count(*) as n from hourly_customers")[0].n == 0
            assert calls.sql("select count(distinct customer_id) as n from daily_customers")[0].n == 21


def test_a_folder_that_cannot_be_written_is_no_obstacle(file: Path) -> None:
    file.with_name("calls.csv.rollups").write_text("a file in the way")
    with opened(file) as calls:
        assert calls.sql("select sum(calls) as n from hourly_use")[0].n == calls.source.used


@pytest.mark.slow
def test_a_link_in_the_place_of_the_folder_leads_nowhere(file: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "letter.txt").write_text("mine")
    cache_of(file).symlink_to(home)
    for _ in range(3):
        with opened(file) as calls:
            assert calls.sql("select sum(calls) as n from hourly_use")[0].n == calls.source.used
        edit(file, 0.3)
    assert [path.name for path in home.iterdir()] == ["letter.txt"]


def test_strays_go_and_files_of_others_stay(file: Path) -> None:
    opened(file).close()
    strays = [cache_of(file) / name for name in (f"{'0' * 32}.parquet", f"state.json.{'f' * 32}")]
    others = [cache_of(file) / name for name in ("notes.txt", "mine.parquet", ".gitignore")]
    for path in (*strays, *others):
        path.write_text("x")
    opened(file).close()
    assert [path.exists() for path in strays] == [False, False]
    assert all(path.exists() for path in others)


def test_sums_that_another_user_left_are_not_believed(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(file).close()
    before = (cache_of(file) / "state.json").read_bytes()
    stranger = os.stat_result((*file.stat()[:4], os.geteuid() + 1, *file.stat()[5:]))
    monkeypatch.setattr(Path, "lstat", lambda _: os.stat_result((0o40755, *stranger[1:])))
    cache = RollupCache(file, reading())
    with snapshot(file) as seen:
        assert cache.load(seen) is None
    monkeypatch.undo()
    with snapshot(file) as seen:
        assert cache.load(seen) is not None
    cache.release()
    assert (cache_of(file) / "state.json").read_bytes() == before


def test_readers_keep_their_parts_while_others_replace_them(file: Path) -> None:
    opened(file).close()
    with opened(file) as reader:
        edit(file, 0.2)
        opened(file).close()
        assert reader.sql("select sum(calls) as n from hourly_use")[0].n == reader.source.used


SUM_IT = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from calls.engine_choice import EngineChoice, open_on
with open_on(EngineChoice(summed_bytes=0), Path(sys.argv[1])) as calls:
    print(calls.sql("select sum(calls) as n, sum(known_cost) as cost from hourly_use")[0])
"""


def start_summing(file: Path) -> subprocess.Popen[str]:
    source = Path(summed.__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", SUM_IT, str(file), str(source)], stdout=subprocess.PIPE, text=True
    )


def test_two_at_once_say_the_same(file: Path) -> None:
    running = [start_summing(file) for _ in range(3)]
    said = {process.communicate()[0] for process in running}
    with open_calls(file) as whole:
        expected = whole.sql("select sum(calls) as n, sum(known_cost) as cost from hourly_use")[0]
    assert said == {f"{expected}\n"}


@pytest.mark.parametrize("after", [0.35, 0.5, 0.65, 0.8])
def test_a_killed_run_leaves_nothing_that_misleads(file: Path, after: float) -> None:
    process = start_summing(file)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    how = reading(excluded_columns=frozenset())
    with opened(file, chunk_bytes=CHUNK_BYTES, how=how) as calls, open_calls(file) as whole:
        assert figures(calls) == figures(whole)


@pytest.mark.slow
def test_money_of_many_chunks_is_exact(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [row(n, cost_usd="0.000000001") for n in range(1_000)])
    with opened(path, chunk_bytes=4_000) as calls:
        total = calls.sql("select sum(known_cost) as cost from hourly_use")[0].cost
    assert total == Decimal("0.000001000")
