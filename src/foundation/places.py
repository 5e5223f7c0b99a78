"""Where files lie, whatever folder a script is started from; what a path named by a user means, and how it is shown.

The commands that scripts suggest are made here too: typed where the user stands, they go on with what was just done.
"""

import glob
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from foundation.outcome import UsageError

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the checkout."""
DATA = ROOT / "data"
DEFAULT_CSV = DATA / "simulated_calls.csv"
REPORTS = ROOT / "reports"
ANALYZE = "src/run_all_analyzers.py"
VIEW = "viewer/serve.py"
_BY_DEFAULT = {"--data": DEFAULT_CSV, "--out": REPORTS}
_PATTERN = re.compile(r"[*?\[]")


def existing_file(name: str) -> Path:
    """The file a user means: as named from here, else, for a bare file name, the one under data/."""
    path = Path(name)
    if not path.exists() and path.name == name and (DATA / name).exists():
        return DATA / name
    return path


def is_pattern(name: str) -> bool:
    """Whether a name means what it matches: it has the signs of a pattern, and nothing has that very name."""
    return bool(_PATTERN.search(name)) and not existing_file(name).exists()


def matching(pattern: str) -> tuple[Path, list[Path]]:
    """The folder that a pattern names without any of its signs, and what it matches below, sorted.

    A folder that has the very name of a part of the pattern is that part.
    """
    parts = Path(pattern).parts
    plain = 0
    while plain < len(parts) and (not _PATTERN.search(parts[plain]) or Path(*parts[: plain + 1]).is_dir()):
        plain += 1
    base, rest = Path(*parts[:plain]), parts[plain:]
    if not rest:
        return base, [base] if base.exists() else []
    found = glob.glob(str(Path(*rest)), root_dir=base, recursive=True)  # noqa: PTH207  hidden files are none of it
    return base, sorted(base / each for each in found)


def text_of(path: Path, name: str) -> str:
    """The text of a file in UTF-8, its line ends as they are; `name` begins the sentence where it cannot be read.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            return source.read()
    except FileNotFoundError:
        reason = "does not exist; check the path"
    except IsADirectoryError:
        reason = "is a folder; name a file in it"
    except PermissionError:
        reason = "may not be read by this user; change its permissions"
    except UnicodeDecodeError:
        reason = "is not UTF-8 text; save it as UTF-8"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}; copy it to a disk that works"
    raise UsageError(f"{name} {reason}.")


def shown(path: Path) -> str:
    """A path as a reader wants it: relative to the checkout if it lies inside."""
    absolute = path.resolve()
    return str(absolute.relative_to(ROOT)) if absolute.is_relative_to(ROOT) else str(path)


def command(script: str, flags: Mapping[str, Path | str | None]) -> str:
    """A command line that starts a script of the checkout.

    Args:
        script: its path in the checkout.
        flags: files and folders by flag; those that the script takes anyway, and None, are left out.
    """
    here, folder = Path.cwd(), (ROOT / script).parent
    # In the folders that users work from, as the guide writes it.
    enters = here in {ROOT / "src", ROOT / "viewer"} and here != folder
    stand = folder if enters else here
    words = ["python3", _seen_from(stand, ROOT / script)]
    for flag, path in flags.items():
        if path is not None and Path(path).resolve() != _BY_DEFAULT.get(flag):
            words += [flag, _seen_from(stand, Path(path))]
    entering = f"cd {_seen_from(here, folder)} && " if enters else ""
    return entering + shlex.join(words)


def typed(script: str, words: Sequence[str]) -> str:
    """A command line that starts a script of the checkout from here, with words as a user typed them."""
    return shlex.join(["python3", _seen_from(Path.cwd(), ROOT / script), *words])


def _seen_from(folder: Path, path: Path) -> str:
    """A path as it is written in a folder: inside the checkout relative to it, elsewhere whole."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  links stay as the user wrote them
    within = absolute.is_relative_to(folder) or (
        absolute.is_relative_to(ROOT) and folder.is_relative_to(ROOT)
    )
    return os.path.relpath(absolute, folder) if within else str(absolute)
