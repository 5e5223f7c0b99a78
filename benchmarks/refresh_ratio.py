"""What a refresh costs after 1 % more calls were appended, against a full run and a bare typed scan of the same CSV.

    python benchmarks/refresh_ratio.py                   # 10,000,000 calls; takes about 3 GB of disk

In each round all eight reports are made without what was summed before, then once more after one per cent of the
file was appended, then with nothing new. `--verify` reads every byte again and compares.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import measured


def appended(path: Path, share: float) -> None:
    """Appends a share of the file's own lines to it, with ids that no other line has."""
    size = path.stat().st_size
    wanted = int(size * share)
    with path.open("rb") as source, path.open("ab") as target:
        source.readline()
        while wanted > 0 and (line := source.readline()):
            stamp, call_id, rest = line.split(b",", 2)
            target.write(b"%s,%s-%d,%s" % (stamp, call_id, size, rest))
            wanted -= len(line)


def main() -> int:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=10_000_000, help="about how many calls to generate")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    names = (
        "bare typed scan",
        "full run",
        "refresh after 1 % more",
        "refresh with nothing new",
        "with --verify",
    )
    taken: dict[str, list[measured.Process]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        path, out = measured.simulate(Path(folder) / "calls.csv", options.calls), Path(folder) / "out"
        reports = measured.reports(path, out)
        measured.run(reports)
        for _ in range(options.rounds):
            appended(path, 0.01)
            taken["refresh after 1 % more"].append(measured.run(reports))
            taken["refresh with nothing new"].append(measured.run(reports))
            taken["with --verify"].append(measured.run([*reports, "--verify"]))
            taken["full run"].append(measured.run(measured.reports(path, out, "--no-cache")))
            taken["bare typed scan"].append(measured.run(measured.bare_scan(path)))
        print(f"{path.stat().st_size / 1e6:,.0f} MB, {options.rounds} rounds; ratios are to the full run")
    for name, runs in taken.items():
        print(measured.row(name, runs, taken["full run"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
