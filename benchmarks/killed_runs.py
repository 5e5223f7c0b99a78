"""Runs killed wherever they change a disk, then repeated: `python3 benchmarks/killed_runs.py [--script import]`.

Kills an import, one that replaces calls by fuller records, a re-pricing, an export and a run of all simulators at
each of their writes, flushes, cuts, links, renames and removals below their folder, looks at what is there, runs them
again and looks once more. Prints how many kills each script took; 1 is returned where something was lost, or there
twice. Needs strace.
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.faults import killed_runs  # noqa: E402  the tests are beside this folder


def main() -> int:
    """Kills each script at all its places."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--script", choices=[script.name for script in killed_runs.SCRIPTS], help="this one alone"
    )
    options = parser.parse_args()
    failed = 0
    for script in killed_runs.SCRIPTS:
        if options.script not in (None, script.name):
            continue
        with tempfile.TemporaryDirectory() as folder:
            places = killed_runs.places(script, Path(folder) / "counted")
            for number, place in enumerate(places):
                if wrong := killed_runs.trouble(script, Path(folder) / str(number), place):
                    print(f"  {script.name}: {wrong}", flush=True)
                    failed += 1
        print(f"{script.name}: {len(places)} kills", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
