"""Rows C8 and C23 of the fault matrix: random damage to a file, and how little of it is lost."""

import random
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import run_all_analyzers
from calls.engine import open_calls
from calls.reading import vocabulary
from calls.reading.loading import load
from calls.rollups.shared import BESIDE_SUMS
from foundation.console import run
from foundation.outcome import ExitCode, NoUsableData
from reporting.manifest import load_manifest, verify
from tests.calls.call_files import row, text

pytestmark = pytest.mark.slow
ROWS = 2_000
SMALL = 60


def customer(number: int) -> str:
    """Plain, with a comma, with quotes, over two lines."""
    return ("a", "b, c", 'd "e"', "f\ng")[number % 4]


def clean_file(count: int, *, lines: bool = False) -> bytes:
    """Calls that each have a cost of their own, so that a sum tells which are missing."""
    kinds = 4 if lines else 3
    entries = [row(n, customer_id=customer(n % kinds), cost_usd=f"0.{n + 1:09d}") for n in range(count)]
    return text(entries).encode()


def kept_and_intact(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Calls that were accepted, and how many of them have the cost that their id had."""
    found = connection.execute(
        "select count(*), count(*) filter (where call_id like 'call\\_%' escape '\\' "
        "and try_cast(call_id[6:] as bigint) + 1 = cast(cost_usd as decimal(38,9)) * 1000000000) from accepted_calls"
    ).fetchall()[0]
    return int(found[0]), int(found[1])


@pytest.mark.parametrize("quarter", range(4))
def test_c23_a_thousand_random_changes_of_a_byte(tmp_path: Path, quarter: int) -> None:
    """A change touches two rows at most: a line end lost, or a quote that joins a row to the next."""
    generator = random.Random(quarter)
    clean = clean_file(ROWS)
    header = clean.index(b"\n")
    path = tmp_path / "x.csv"
    with duckdb.connect() as connection:
        for turn in range(250):
            place, value = generator.randrange(len(clean)), generator.randrange(256)
            path.write_bytes(clean[:place] + bytes([value]) + clean[place + 1 :])
            said = (turn, place, value)
            try:
                found = load(connection, path, frozenset(), allow_credits=False)
            except NoUsableData:
                assert place <= header, said
                continue
            kept, intact = kept_and_intact(connection)
            rejected = found.rejects.counts.total()
            assert kept == found.load_statistics.rows, said
            assert ROWS - 2 <= intact <= kept <= ROWS, (*said, found.rejects.counts)
            assert ROWS - 1 <= kept + rejected + found.torn_tail <= ROWS + 1, (*said, found.rejects.counts)


@pytest.mark.parametrize("half", range(2))
def test_c23_what_is_not_loaded_changes_nothing(
    tmp_path: Path, half: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Damage, stray quotes above all, costs the same records whichever columns a report asks for."""
    monkeypatch.setattr(vocabulary, "LEAST_BYTES", 0)
    generator = random.Random(half)
    clean = clean_file(200)
    header = clean.index(b"\n")
    path = tmp_path / "x.csv"
    sums = "select sum(cost_usd), count(distinct model), count(distinct customer_id) from accepted_calls"
    for turn in range(40):
        with duckdb.connect() as all_columns, duckdb.connect() as few_columns:
            damaged = bytearray(clean)
            for _ in range(generator.randrange(1, 4)):
                sign = generator.choice((34, 34, 34, 10, 44, generator.randrange(256)))
                damaged[generator.randrange(header + 1, len(damaged))] = sign
            path.write_bytes(damaged)
            whole = load(all_columns, path, frozenset(), allow_credits=False)
            part = load(few_columns, path, BESIDE_SUMS, allow_credits=False, use_enums=True)
            assert replace(part, excluded_columns=whole.excluded_columns, rejects=whole.rejects) == replace(
                whole, snapshot=part.snapshot
            ), (half, turn)
            assert part.rejects.counts == whole.rejects.counts, (half, turn)
            assert few_columns.execute(sums).fetchall() == all_columns.execute(sums).fetchall(), (half, turn)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_c08_a_stray_quote_anywhere_costs_one_record(tmp_path: Path, data: st.DataObject) -> None:
    """It is inserted into one record; a record over two lines may be joined to it."""
    lines = clean_file(SMALL, lines=True).splitlines(keepends=True)
    number = data.draw(st.integers(1, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[number]) - 1))
    lines[number] = lines[number][:place] + b'"' + lines[number][place:]
    path = tmp_path / "x.csv"
    path.write_bytes(b"".join(lines))
    with duckdb.connect() as connection:
        load(connection, path, frozenset(), allow_credits=False)
        kept, intact = kept_and_intact(connection)
    assert SMALL - 2 <= intact <= kept <= SMALL, lines[number]


@pytest.mark.parametrize("seed", range(40))
def test_c23_the_engine_opens_any_damaged_file_or_says_why_not(tmp_path: Path, seed: int) -> None:
    generator = random.Random(seed)
    clean = clean_file(SMALL)
    place = generator.randrange(len(clean))
    path = tmp_path / "x.csv"
    path.write_bytes(clean[:place] + bytes([generator.randrange(256)]) + clean[place + 1 :])
    try:
        with open_calls(path) as calls:
            source = calls.source
    except NoUsableData:
        assert place <= clean.index(b"\n")
        return
    assert source.accepted >= SMALL - 2
    assert source.accepted + source.rejected_total + source.duplicates == source.data_lines


@pytest.mark.parametrize("seed", range(8))
def test_c23_a_run_on_a_damaged_file_ends_with_0_or_3(tmp_path: Path, seed: int) -> None:
    """The whole run, with many changes at once, some of them in the header."""
    generator = random.Random(seed)
    content = bytearray(clean_file(SMALL))
    for _ in range(1 + seed * 4):
        content[generator.randrange(0 if seed % 2 else 300, len(content))] = generator.randrange(256)
    path = tmp_path / "x.csv"
    path.write_bytes(bytes(content))
    code = run(lambda: run_all_analyzers.main(["--data", str(path), "--out", str(tmp_path), "--quiet"]))
    assert code in {ExitCode.OK, ExitCode.NO_DATA}
    manifest = load_manifest(tmp_path)
    assert (manifest is not None) is (code == ExitCode.OK)
    assert manifest is None or verify(manifest, tmp_path) == ()
