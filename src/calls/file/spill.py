"""Engines whose data beyond memory go to disk, into a folder that only its owner can read.

What is put there is the data: it must not lie in a folder that others share, under names that can be guessed.
"""

import atexit
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from calls.file.scratch import scratch_folder
from foundation.engine_interrupt import broken_off

if TYPE_CHECKING:
    import duckdb

PREFIX = "finops-spill-"


def private_engine(threads: int | None = None) -> "duckdb.DuckDBPyConnection":
    """A database in memory, with so many threads if given; Ctrl-C interrupts the queries of its connection."""
    import duckdb  # noqa: PLC0415  a tenth of a second that `--help` need not wait

    config: dict[str, str | bool | int | float | list[str]] = {"temp_directory": str(_folder())}
    connection = duckdb.connect(config=config if threads is None else config | {"threads": threads})
    broken_off(connection)
    return connection


@cache
def _folder() -> Path:
    """The folder of this process; gone when it ends, or with the next one if it was killed."""
    stack = ExitStack()
    folder = stack.enter_context(scratch_folder(Path(tempfile.gettempdir()), PREFIX))
    atexit.register(stack.close)
    return folder
