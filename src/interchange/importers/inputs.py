"""Which files an import means: a file, what a pattern matches, or every export in a folder."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from foundation.outcome import UsageError
from foundation.places import existing_file, is_pattern, matching


@dataclass(frozen=True)
class Input:
    """A file to import; one found in a folder may be something else, and is passed over then."""

    name: str
    is_found: bool = False


def meant(names: Iterable[str]) -> list[Input]:
    """The files behind names, each once and in the order of the names; those of a folder by path.

    Raises:
        UsageError: a pattern matches no file, or a folder holds none.
    """
    return list({_place(entry.name): entry for name in names for entry in _meant(name)}.values())


def _place(name: str) -> str:
    return name if name == "-" else str(existing_file(name).resolve())


def _meant(name: str) -> list[Input]:
    if name != "-" and Path(name).is_dir():
        return _within(Path(name))
    if name == "-" or not is_pattern(name):
        return [Input(name)]
    found = [
        entry
        for path in matching(name)[1]
        for entry in (_within(path) if path.is_dir() else [Input(str(path))])
    ]
    if not found:
        raise UsageError(
            f"{name} is not a file, and as a pattern it matches none; give the path of an export."
        )
    return found


def _within(folder: Path) -> list[Input]:
    found = [Input(str(path), is_found=True) for path in sorted(_files(folder))]
    if not found:
        raise UsageError(f"{folder} is a folder without files; give the path of an export.")
    return found


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder that hold something; links to other folders are not followed."""
    return (path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
