"""The whole lines of one version of a file of calls, for code that reads them with SQL of its own."""

from collections.abc import Callable
from pathlib import Path

from calls.file.snapshot import Snapshot, copied, readable_name, snapshot
from foundation.outcome import UserError

ATTEMPTS = 8


def take_whole_lines(path: Path, take: Callable[[Snapshot, str], object]) -> Snapshot:
    """Has the whole lines of a file read, without a torn one at its end or rows of an append that died.

    Args:
        path: the file.
        take: gets what was seen and a name that the engine reads; called again where the file changed meanwhile.

    Returns:
        What was read; its file is closed.

    Raises:
        NoUsableData: the file is missing or empty, or its header cannot be used.
        UsageError: what stands there is no file that can be read.
        UserError: the file was rewritten again and again while it was read.
    """
    for _ in range(ATTEMPTS):
        with snapshot(path) as seen:
            if not seen.torn_tail:
                take(seen, readable_name(seen.file))
                if seen.unchanged():
                    return seen
            with copied(seen.file, seen.size) as copy:
                if seen.extended():
                    take(seen, readable_name(copy))
                    return seen
    raise UserError(f"{path} is being rewritten all the time; try again when its writer has ended.")
