"""How long the main job takes on the quick start's calls, as whole processes, and what importing alone takes.

python benchmarks/quick_start.py
"""

import argparse
import sys
import tempfile
from pathlib import Path

import measured


def main() -> int:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "calls.csv", Path(folder) / "out"
        measured.run([sys.executable, "run_all_simulators.py", "--out", path, "--quiet"])
        kinds = {
            "bare typed scan": measured.bare_scan(path),
            "python alone": [sys.executable, "-c", ""],
            "run_all_analyzers.py --help": [sys.executable, "run_all_analyzers.py", "--help"],
            "run_all_simulators.py --help": [sys.executable, "run_all_simulators.py", "--help"],
            "run_all_analyzers.py": measured.reports(path, out),
        }
        print(f"{path.stat().st_size / 1e6:,.0f} MB, {options.rounds} rounds; ratios are to the scan")
        measured.compare(kinds, options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
