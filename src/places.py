"""Where things lie in a checkout, whatever folder a script is started from."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
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


def shown(path: Path) -> str:
    """A path as a reader wants it: relative to the checkout if it lies inside."""
    absolute = path.resolve()
    return str(absolute.relative_to(ROOT)) if absolute.is_relative_to(ROOT) else str(path)
