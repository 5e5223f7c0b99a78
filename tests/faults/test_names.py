"""Row C25 of the fault matrix: a name means the one file that has it, whatever signs stand in it."""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from calls.engine_choice import open_any
from calls.file.engine_paths import engine_path, reader_sql
from foundation.places import matching
from tests.calls.call_files import rows, write
from tests.faults import odd_names
from tests.running import SRC

SEED = 20
SAMPLE, SLOW_SAMPLE = 8, 2
READERS = re.compile(
    r"\b(?:read_(?:csv|csv_auto|json|json_auto|json_objects|ndjson|ndjson_objects|parquet|blob)|parquet_scan)\s*\("
)


@pytest.mark.slow
@pytest.mark.parametrize("script", odd_names.QUICK, ids=lambda script: script.__name__)
def test_c25_a_script_takes_the_file_that_has_the_name(
    tmp_path: Path, script: Callable[[odd_names.Place], None]
) -> None:
    for name in odd_names.names(SEED, SAMPLE):
        odd_names.run_in(tmp_path, script, name)


@pytest.mark.parametrize("script", odd_names.SLOW, ids=lambda script: script.__name__)
def test_c25_a_report_shows_the_file_that_has_the_name(
    tmp_path: Path, script: Callable[[odd_names.Place], None]
) -> None:
    for name in odd_names.names(SEED, SLOW_SAMPLE):
        odd_names.run_in(tmp_path, script, name)


def test_c25_the_engine_is_told_of_files_in_one_place() -> None:
    """Whoever calls a reader of the engine by himself forgets what a name can hold."""
    root = SRC.parent
    found = [
        str(path.relative_to(root))
        for folder in (SRC, root / "viewer", root / "showcase")
        for path in folder.rglob("*.py")
        if READERS.search(path.read_text(encoding="utf-8"))
        or "literal(str(" in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_c25_a_folder_named_like_a_value_gives_no_column(tmp_path: Path) -> None:
    """The engine takes `customer_id=acme/` for a column of that value, in the place of the file's own."""
    folder = tmp_path / "customer_id=acme"
    folder.mkdir()
    odd_names.write_json_lines(folder / "x.jsonl", 3, "own")
    odd_names.ok(
        odd_names.import_usage.main([f"--out={tmp_path / 'x.csv'}", "--quiet", str(folder / "x.jsonl")])
    )
    assert (tmp_path / "x.csv").read_text().count(",own,") == 3


def test_c25_what_exists_is_no_pattern_and_the_rest_is_one(tmp_path: Path) -> None:
    for folder in ("d[1]", "d1"):
        (tmp_path / folder).mkdir()
        for name in ("a.csv", "b.csv", ".hidden.csv"):
            write(tmp_path / folder / name, rows(1))
    base, found = matching(str(tmp_path / "d[1]" / "*.csv"))
    assert base == tmp_path / "d[1]"
    assert found == [tmp_path / "d[1]" / "a.csv", tmp_path / "d[1]" / "b.csv"]
    assert matching(str(tmp_path / "d?" / "a.csv"))[1] == [tmp_path / "d1" / "a.csv"]


def test_c25_an_import_takes_a_pattern(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / f"part{number}.csv", [odd_names.rows(3)[number]])
    target = tmp_path / "all.csv"
    odd_names.ok(odd_names.import_usage.main([f"--out={target}", "--quiet", str(tmp_path / "part[0-1].csv")]))
    assert odd_names.count(target) == 2


@pytest.mark.parametrize("signs", ["a\\[b", "\udcff[", "plain[1]"])
def test_c25_a_temporary_folder_with_a_sign_is_none_for_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signs: str
) -> None:
    from calls.file import engine_paths

    odd = tmp_path / signs
    odd.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(odd))
    engine_paths._made_folder.cache_clear()
    write(tmp_path / "x[1].csv", rows(3))
    assert engine_paths.is_plain(engine_path(tmp_path / "x[1].csv"))
    assert "hive_partitioning=false" in reader_sql("read_csv", [tmp_path / "x[1].csv"])
    engine_paths._made_folder.cache_clear()


def test_c25_names_of_the_longest_kind_have_companions(tmp_path: Path) -> None:
    """A lock, a note and what is moved aside are named after a file of 250 signs, which leaves no room for that."""
    path = tmp_path / ("é" * 124 + "12")
    write(path, rows(3))
    with path.open("ab") as file:
        file.write(b"torn")
    odd_names.appended(path, rows(4)[3:])
    with open_any(path) as calls:
        assert calls.source.used == 4
    assert [each.read_bytes() for each in tmp_path.iterdir() if ".torn-" in each.name] == [b"torn"]
