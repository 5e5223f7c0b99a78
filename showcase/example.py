"""The calls that queries and scenarios are asked of: a file that the reader names, or the simulated ones.

Where nothing has been simulated yet, the base pattern is simulated into a folder that goes away again, so that
each script can be tried right after the installation.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.places import DEFAULT_CSV, existing_file
from simulator.core import AICallSimulator


def add_calls_argument(parser: argparse.ArgumentParser) -> None:
    """Adds `--data`."""
    parser.add_argument(
        "--data",
        metavar="FILE",
        help="CSV of calls; a bare name is also looked for under data/ (default: data/simulated_calls.csv, "
        "or calls simulated for the moment where there is no such file)",
    )


@contextmanager
def calls_file(given: str | None, pattern: type[AICallSimulator] = AICallSimulator) -> Iterator[Path]:
    """The file of calls to ask: the given one, else the simulated ones, else an example of `pattern`."""
    if given is not None or DEFAULT_CSV.exists():
        yield existing_file(given) if given is not None else DEFAULT_CSV
        return
    with tempfile.TemporaryDirectory(prefix="showcase-") as folder:
        path = Path(folder) / "example_calls.csv"
        simulator = pattern()
        print(
            f"No data/simulated_calls.csv yet: simulating an example ({simulator.title}, "
            f"{simulator.num_customers} customers, {simulator.num_days} days) for the moment.",
            file=sys.stderr,
        )
        simulator.write(path)
        yield path
