"""What holds for every format: the same calls in any order and in any parts, every record accounted for, no traceback.

`EXAMPLES_OF_A_FORMAT=50 pytest` draws more of them.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from foundation.outcome import UserError
from interchange.importers.detection import FORMATS
from interchange.importers.field_mapping import Format
from interchange.importers.reading.containers import Kind, as_lines, open_container
from tests.interchange.importers.format_samples import SOURCES, mapping_of
from tests.interchange.importers.importing import SAMPLES, assert_one_sentence, import_files, written

EVERY = {entry.name: entry for entry in FORMATS}
STREAMS = {"codex", "gemini-chats"}
"""Formats whose lines say what others are of: a part of a file is one that has grown since, or stands newest first."""
EXAMPLES = int(os.environ.get("EXAMPLES_OF_A_FORMAT", "2"))
QUICK = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


class _Piece:
    """A file as the lines that may stand in any order below its header."""

    def __init__(self, source: Path, folder: Path) -> None:
        container = open_container(str(source), folder)
        self.source = source
        self.head: list[str] = []
        self.lines: list[str] = []
        if container.kind is Kind.PARQUET:
            return
        if container.kind is not Kind.CSV:
            container = as_lines(container, folder)
        lines = container.path.read_text(encoding="utf-8-sig").splitlines()
        self.head, self.lines = (lines[:1], lines[1:]) if container.kind is Kind.CSV else ([], lines)

    def write(self, place: Path, lines: list[str]) -> Path:
        place.write_text("\n".join([*self.head, *lines]) + "\n")
        return place


def calls(target: Path) -> Counter[tuple[tuple[str, str], ...]]:
    """The calls of a file whatever their order, each by all that it says."""
    rows = written(target) if target.exists() else []
    return Counter(tuple(sorted((name, text) for name, text in row.items() if text)) for row in rows)


def refused(target: Path, entry: Format, *files: Path) -> str:
    """The sentence that refuses files; '' where they are imported and every record is accounted for."""
    try:
        accounted(target, entry, *files)
    except UserError as error:
        return str(error)
    return ""


def accounted(target: Path, entry: Format, *files: Path) -> None:
    report = import_files(target, *files, mapping=mapping_of(entry))
    moved = report.added + report.convergence.replaced.calls
    assert report.rows_read == moved + sum(report.skipped.values())


def test_every_format_has_a_source() -> None:
    assert EVERY.keys() == SOURCES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(EVERY))
@QUICK
@given(data=st.data())
def test_any_order_and_any_parts_give_the_same_calls(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    folder, entry = tmp_path_factory.mktemp("parts"), EVERY[name]
    sources = [SAMPLES / source for source in SOURCES[name]]
    accounted(folder / "whole.csv", entry, *sources)
    parts = []
    for number, source in enumerate(sources):
        (folder / str(number)).mkdir()
        piece = _Piece(source, folder / str(number))
        if not piece.lines:
            parts.append(source)
            continue
        cut = data.draw(st.integers(1, len(piece.lines)))
        if name in STREAMS:
            turned = data.draw(st.sampled_from([piece.lines, piece.lines[::-1]]))
            halves = [piece.lines[:cut], turned]
        else:
            lines = data.draw(st.permutations(piece.lines))
            # What is nested can be told only of a trace that is whole.
            halves = [lines] if entry.nested else [half for half in (lines[:cut], lines[cut:]) if half]
        parts += [piece.write(folder / f"{number}-{at}", half) for at, half in enumerate(halves)]
    order = data.draw(st.permutations(parts))
    together = data.draw(st.integers(1, len(order)))
    target = folder / "parts.csv"
    for group in (order[:together], *([part] for part in order[together:])):
        # A part may hold nothing by which its format is known.
        if "not of a known format" in (sentence := refused(target, entry, *group)):
            reject()
        assert not sentence
    assert calls(target) == calls(folder / "whole.csv")
    before = target.read_bytes()
    accounted(target, entry, *order)
    assert target.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(EVERY))
@QUICK
@given(data=st.data())
def test_a_damaged_export_is_imported_in_part_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    content = bytearray((SAMPLES / data.draw(st.sampled_from(SOURCES[name]))).read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(content)))
    (folder / "export").write_bytes(bytes(content[:cut] if data.draw(st.booleans()) else content))
    target = folder / "calls.csv"
    if sentence := refused(target, EVERY[name], folder / "export"):
        assert_one_sentence(sentence)
        assert not target.exists()
