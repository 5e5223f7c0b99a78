"""Files that nobody should import end in a sentence, and take little memory."""

import gzip
import json
from pathlib import Path

import pytest

import import_usage
from interchange.importers import staging
from interchange.importers.reading.csv_files import MOST_COLUMNS
from interchange.importers.reading.records import LINE_BYTES
from interchange.importers.reading.text_encodings import UNPACKED_BYTES
from tests.calls.call_files import ids
from tests.faults import hostile_files

HEADER = "timestamp,provider,model,input_tokens,output_tokens,customer_id\n"
ROW = "2026-03-01T10:00:00Z,openai,gpt-4o,10,5,acme\n"
FEW_MEGABYTES = 250
"""Of memory; an import of one row takes 110."""


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(hostile_files.KINDS)))
def test_c36_a_hostile_file_ends_with_a_sentence_and_little_memory(tmp_path: Path, number: int) -> None:
    path = hostile_files.make(tmp_path, 20, number, hostile_files.MEBIBYTE)
    outcome = hostile_files.imported(path, tmp_path / "calls.csv")
    assert outcome.trouble() == ""


@pytest.mark.slow
@pytest.mark.parametrize("line", ["x", '"', '"a', ",,,,,,,"])
def test_c36_rubbish_lines_are_counted_and_not_kept(tmp_path: Path, line: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(HEADER + ROW + f"{line}\n" * 200_000 + ROW.replace("acme", "globex"))
    outcome = hostile_files.imported(path, tmp_path / "calls.csv", "--max-bad-rows", "1")
    assert outcome.code == 0, outcome.said
    assert "200,000 records were left out" in outcome.said
    assert "globex" in (tmp_path / "calls.csv").read_text()
    assert outcome.megabytes < FEW_MEGABYTES


@pytest.mark.slow
@pytest.mark.parametrize("good", [ROW, ""])
def test_c36_a_giant_line_hides_no_record_around_it(tmp_path: Path, good: str) -> None:
    path = tmp_path / "export.csv"
    path.write_text(HEADER + good + "x" * 200_000 + "\n" + ROW.replace("acme", "globex"))
    assert (
        import_usage.main([str(path), f"--out={tmp_path / 'calls.csv'}", "--quiet", "--max-bad-rows=1"]) == 0
    )
    assert len(ids(tmp_path / "calls.csv")) == 1 + bool(good)


@pytest.mark.slow
@pytest.mark.parametrize("more", ["", "x\n"])
def test_c36_a_line_beyond_all_buffers_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: str
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(HEADER + ROW + "x" * (3 * LINE_BYTES) + "\n" + more + ROW.replace("acme", "globex"))
    assert (
        import_usage.main([str(path), f"--out={tmp_path / 'calls.csv'}", "--quiet", "--max-bad-rows=1"]) == 0
    )
    assert len(ids(tmp_path / "calls.csv")) == 2
    assert capsys.readouterr().err.count(f"{1 + bool(more)} record") == 1


@pytest.mark.slow
def test_c36_an_archive_that_unpacks_to_a_hundred_times_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.csv.gz"
    with gzip.open(path, "wb") as packed:
        packed.write((HEADER + ROW).encode())
        for _ in range(UNPACKED_BYTES >> 20):
            packed.write(b"\n" * (1 << 20))
    outcome = hostile_files.imported(path, tmp_path / "calls.csv")
    assert outcome.code == 2
    assert "gunzip" in outcome.said
    assert not (tmp_path / "calls.csv").exists()


@pytest.mark.slow
def test_c36_an_archive_below_the_bound_is_read_whatever_it_shrinks_to(tmp_path: Path) -> None:
    path = tmp_path / "export.csv.gz"
    path.write_bytes(gzip.compress((HEADER + ROW + "\n" * (1 << 20)).encode()))
    assert hostile_files.imported(path, tmp_path / "calls.csv").code == 0
    assert "acme" in (tmp_path / "calls.csv").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "code"), [(MOST_COLUMNS, 0), (MOST_COLUMNS + 1, 2)])
def test_c36_so_many_columns_and_no_more(tmp_path: Path, columns: int, code: int) -> None:
    more = columns - HEADER.count(",") - 1
    path = tmp_path / "export.csv"
    names = "".join(f",c{place}" for place in range(more))
    path.write_text(HEADER.strip() + names + "\n" + ROW.strip() + "," * more + "\n")
    outcome = hostile_files.imported(path, tmp_path / "calls.csv")
    assert outcome.code == code
    assert code == 0 or f"{columns:,} columns" in outcome.said


@pytest.mark.slow
def test_c36_good_records_are_read_by_one_thread_where_two_take_too_much_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that keep the order of rows hold many while one of them waits. Here the limit is what one needs."""
    export, target = tmp_path / "session.jsonl", tmp_path / "calls.csv"
    good = hostile_files.RECORDS["claude-code"]
    with export.open("w", encoding="utf-8") as lines:
        for number in range(30_000):
            call = {
                "uuid": f"u{number}",
                "requestId": f"r{number}",
                "message": good["message"] | {"id": f"m{number}"},
            }
            lines.write(json.dumps(good | call) + "\n")
    monkeypatch.setattr(staging, "MEMORY_LIMIT", "90MB")
    assert import_usage.main([str(export), f"--out={target}", "--quiet"]) == 0
    assert len(ids(target)) == 30_000
