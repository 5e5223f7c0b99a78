"""File names that mean something else to a shell or an engine: `python3 benchmarks/hostile_names.py [--names 500]`.

Gives every script that takes a file random names, each beside another file that the name means as a pattern. Prints how
many names each script took; 1 is returned where one read or wrote another file than the one that has the name.
"""

import argparse
import contextlib
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.faults import odd_names  # noqa: E402  the tests are beside this folder


def taken(script: Callable[[odd_names.Place], None], name: odd_names.Name) -> bool:
    """Whether a script takes the file that has a name; what it says is shown where it does not."""
    said = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace", write_through=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
                odd_names.run_in(Path(folder), script, name)
        except Exception as error:  # noqa: BLE001  whatever goes wrong is what is looked for
            said.seek(0)
            print(
                f"  {script.__name__} {name.text[:60]!r}: {type(error).__name__} {error} {said.read().strip()[-300:]}"
            )
            return False
    return True


def main() -> int:
    """Runs all scripts on all names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=500, help="names for each quick script (default: 500)")
    parser.add_argument(
        "--slow", type=int, default=50, help="names for each script that takes a second (default: 50)"
    )
    parser.add_argument("--seed", type=int, default=1, help="draws other names (default: 1)")
    options = parser.parse_args()
    failed = 0
    for scripts, count in ((odd_names.QUICK, options.names), (odd_names.SLOW, options.slow)):
        for script in scripts:
            good = sum(taken(script, name) for name in odd_names.names(options.seed, count))
            print(f"{script.__name__}: {good} of {count} names", flush=True)
            failed += count - good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
