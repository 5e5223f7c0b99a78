"""Reads files of a folder that others can write to: regular ones only, no link followed, no more than expected."""

import errno
import os
import stat
from pathlib import Path
from typing import IO


def read_regular(path: Path, limit: int) -> bytes:
    """The content of a file of at most `limit` bytes.

    Raises:
        OSError: it cannot be read, is a symbolic link or no regular file, or is longer.
    """
    with open_regular(path) as file:
        content = file.read(max(limit, 0) + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, "longer than it should be", str(path))
    return content


def open_regular(path: Path) -> IO[bytes]:
    """A file, open to be read.

    Raises:
        OSError: it cannot be read, or is a symbolic link or no regular file.
    """
    # Without O_NONBLOCK, opening a FIFO would wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "no regular file", str(path))
    return file
