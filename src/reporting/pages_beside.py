"""Pages that lie beside a set of reports and belong to none: a comparison of two files, a reconciliation with bills."""

from collections.abc import Iterator
from pathlib import Path

from calls.file.regular_files import read_regular

TITLES = {"comparison.html": "Scenario comparison", "reconciliation.html": "Calls against bills"}
"""What each is called, by the name of its file, which is the one that its script suggests."""
BYTES_LIMIT = 50_000_000


def beside(reports: Path) -> tuple[str, ...]:
    """The pages that are there, by the names of their files."""
    return tuple(name for name in TITLES if (reports / name).is_file() and not (reports / name).is_symlink())


def contents(reports: Path) -> Iterator[tuple[str, bytes]]:
    """The pages that can be read: regular files of a usual size."""
    for name in beside(reports):
        try:
            yield name, read_regular(reports / name, BYTES_LIMIT)
        except OSError:
            continue
