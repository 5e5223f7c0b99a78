"""Where things lie in a checkout, whatever folder a script is started from, and what lies at a path named by a user."""

from pathlib import Path

from foundation.outcome import Misuse

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the checkout."""
DATA = ROOT / "data"
DEFAULT_CSV = DATA / "simulated_calls.csv"
REPORTS = ROOT / "reports"


def existing_file(name: str) -> Path:
    """The file a user means: as named from here, else, for a bare file name, the one under data/."""
    path = Path(name)
    if not path.exists() and path.name == name and (DATA / name).exists():
        return DATA / name
    return path


def text_of(path: Path, name: str) -> str:
    """The text of a file in UTF-8, its line ends as they are; `name` begins the sentence where it cannot be read.

    Raises:
        Misuse: it cannot be read.
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
    raise Misuse(f"{name} {reason}.")


def shown(path: Path) -> str:
    """A path as a reader wants it: relative to the checkout if it lies inside."""
    absolute = path.resolve()
    return str(absolute.relative_to(ROOT)) if absolute.is_relative_to(ROOT) else str(path)
