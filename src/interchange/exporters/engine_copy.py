"""The engine writes the file of an export; Ctrl-C and a full disk end it at once, in the system's words.

The engine writes beside the query that asks it to; on a full disk it may wait for ever, and then hears no signal. So it
works in a thread of its own, and this one waits.
"""

import errno
import os
import threading
import time
from concurrent.futures import Future
from pathlib import Path

from calls.engine import Calls
from calls.file.engine_paths import path_sql

LOOK_SECONDS = 0.5
STALLED_SECONDS = 30.0
"""How long a disk has no room at all before the engine is given up."""
GRACE_SECONDS = 5.0
"""How long the engine has to end once it is told to."""


def write_rows(calls: Calls, query: str, path: Path, options: str) -> None:
    """Writes the rows of a query to a file.

    Raises:
        OSError: the disk is full.
        duckdb.Error: the engine could not write for another reason.
    """
    copy = f"copy ({query}) to {path_sql(path)} ({options})"
    ended: Future[None] = Future()
    threading.Thread(target=_run, args=(calls, copy, ended), daemon=True).start()
    full_since = None
    while True:
        try:
            return ended.result(LOOK_SECONDS)
        except TimeoutError:
            full_since = (full_since or time.monotonic()) if _is_full(path.parent) else None
            if full_since and time.monotonic() - full_since >= STALLED_SECONDS:
                _break_off(calls, ended)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from None
        except KeyboardInterrupt:
            _break_off(calls, ended)
            raise


def _run(calls: Calls, copy: str, ended: "Future[None]") -> None:
    try:
        calls.sql(copy)
    except BaseException as error:  # noqa: BLE001  who waits gets it
        ended.set_exception(error)
    else:
        ended.set_result(None)


def _break_off(calls: Calls, ended: "Future[None]") -> None:
    calls.interrupt()
    try:
        ended.exception(GRACE_SECONDS)
    except TimeoutError:
        return


def _is_full(folder: Path) -> bool:
    """Whether a filesystem has not one block left for this user."""
    room = os.statvfs(folder)
    return (room.f_bfree if os.geteuid() == 0 else room.f_bavail) == 0
