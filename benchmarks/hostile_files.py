"""Imports of files that nobody should import: `python3 benchmarks/hostile_files.py [--files 100] [--megabytes 64]`.

Makes files of all kinds of `tests/faults/hostile_files.py`, the bombs among them of a GB unpacked, and imports each
in a process of its own. Prints exit code, seconds and peak of memory of each; 1 is returned where one ended without a
sentence or took 500 MB.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.faults import hostile_files  # noqa: E402  the tests are beside this folder


def main() -> int:
    """Imports all files, one at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100, help="how many files (default: 100)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one (default: 0)")
    parser.add_argument(
        "--megabytes", type=int, default=64, help="about how large a file is, unpacked (default: 64)"
    )
    parser.add_argument("--seed", type=int, default=1, help="draws other files (default: 1)")
    options = parser.parse_args()
    failed, worst, slowest = 0, 0.0, 0.0
    for number in range(options.first, options.first + options.files):
        with tempfile.TemporaryDirectory() as folder:
            path = hostile_files.make(
                Path(folder), options.seed, number, options.megabytes * hostile_files.MEBIBYTE
            )
            start = perf_counter()
            outcome = hostile_files.imported(path, Path(folder) / "calls.csv")
            seconds, size = perf_counter() - start, path.stat().st_size / 1e6
        wrong = outcome.trouble()
        failed += bool(wrong)
        worst, slowest = max(worst, outcome.megabytes), max(slowest, seconds)
        print(
            f"{path.name:<22} {size:8.1f} MB  exit {outcome.code:>3}  {seconds:6.1f} s  "
            f"{outcome.megabytes:6,.0f} MB of memory  {wrong or outcome.said.strip()[:150]}",
            flush=True,
        )
    print(f"{options.files} files: {failed} with trouble; at most {worst:,.0f} MB of memory, {slowest:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
