"""Who may write a CSV: a lock on `<csv>.lock` that works between processes.

The lock is BSD `flock`, so that it dies with its process and a shell script can take it too
(`flock data/simulated_calls.csv.lock -c '... >> data/simulated_calls.csv'`). Writers hold it exclusively
while they append; readers share it only while they look at the size of the file.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.outcome import UserError

WAIT_SECONDS = 120.0
"""How long a writer waits for its turn before it gives up."""
NAME_BYTES = 255
"""How long a name in a folder can be."""
_POLL_SECONDS = 0.01


def beside(path: Path, suffix: str) -> Path:
    """The companion of a file: the same folder and name, and a suffix.

    That of a symbolic link is its target's, so that who writes by either name meets the other. Where the name is so
    long that no suffix fits, a digest of it follows its beginning.
    """
    real = Path(os.path.realpath(path))
    return real.with_name(fitting(real.name, suffix))


def fitting(name: str, suffix: str) -> str:
    """A name of a file and a suffix, shortened to what a folder takes."""
    if len(os.fsencode(name + suffix)) <= NAME_BYTES:
        return name + suffix
    suffix = f"~{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}{suffix}"
    while len(os.fsencode(name + suffix)) > NAME_BYTES:
        name = name[:-1]
    return name + suffix


@contextmanager
def exclusive(path: Path, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Holds the lock of a CSV file for writing.

    Raises:
        UserError: somebody else held it for `wait` seconds.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415  45 ms that readers need not pay

    lock = FileLock(beside(path, ".lock"), timeout=wait, poll_interval=_POLL_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise UserError(
            f"{path}: another process has been writing for {wait:.0f} s; try again when it has ended."
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def shared(path: Path, wait: float = WAIT_SECONDS) -> Iterator[bool]:
    """Keeps writers out while looking at a CSV file; yields whether there was a lock to take.

    Makes no lock file: where there is none, or it may not be read, no writer of ours is at work here.

    Raises:
        UserError: a writer held the lock for `wait` seconds.
    """
    try:
        descriptor = os.open(beside(path, ".lock"), os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        yield False
        return
    try:
        _wait_for_share(descriptor, path, wait)
        yield True
    finally:
        os.close(descriptor)


def _wait_for_share(descriptor: int, path: Path, wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise UserError(
                    f"{path}: a writer has held its lock for {wait:.0f} s; try again later."
                ) from error
            time.sleep(_POLL_SECONDS)
        else:
            return
