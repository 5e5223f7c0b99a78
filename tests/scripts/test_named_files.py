"""Files that a flag names and that cannot be read: one sentence in plain words, with the next step."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from foundation.outcome import UsageError
from interchange.bills.reading import read_bill
from interchange.importers.mapping_text import read_mapping
from tests.running import run_script


def nothing(path: Path) -> None:
    """Leaves the path empty."""


def folder(path: Path) -> None:
    path.mkdir()


def latin(path: Path) -> None:
    path.write_bytes("date,cost_usd\n2026-03-01,5 \u20ac\n".encode("cp1252"))


def looping(path: Path) -> None:
    path.symlink_to(path)


BAD: list[tuple[Callable[[Path], None], str]] = [
    (nothing, "does not exist; check the path."),
    (folder, "is a folder; name a file in it."),
    (latin, "is not UTF-8 text; save it as UTF-8."),
    (looping, f"cannot be read: {os.strerror(40)}; copy it to a disk that works."),
]


@pytest.mark.parametrize(("make", "words"), BAD, ids=lambda thing: getattr(thing, "__name__", None))
@pytest.mark.parametrize("read", [read_bill, read_mapping])
def test_a_file_that_cannot_be_read_is_said_in_plain_words(
    tmp_path: Path, read: Callable[[str], object], make: Callable[[Path], None], words: str
) -> None:
    path = tmp_path / "named"
    make(path)
    with pytest.raises(UsageError) as refused:
        read(str(path))
    assert str(path) in str(refused.value)
    assert str(refused.value).endswith(words)
    assert "Errno" not in str(refused.value)


def test_scripts_say_it_with_the_flag_and_end_with_misuse(tmp_path: Path) -> None:
    missing, calls = tmp_path / "no.toml", tmp_path / "calls.csv"
    calls.write_text("a\n1\n")
    said = run_script(
        "import_usage.py", calls, "--mapping", missing, "--out", tmp_path / "o.csv", code=2
    ).stderr
    assert f"--mapping {missing} does not exist; check the path." in said
    said = run_script("reconcile.py", "--bill", missing, "--data", calls, code=2).stderr
    assert (
        f"--bill {missing} is no amount in dollars such as 1234.56, and as a file it does not exist" in said
    )


def test_a_mapping_that_is_no_toml_is_told_what_to_write(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text("[map\n")
    with pytest.raises(UsageError, match=r"is not valid TOML .* write tables \[map\] and \[set\]"):
        read_mapping(str(path))
