"""Reads files of a folder that others can write to: regular ones only, no link followed, no more than expected."""

import errno
import os
import stat
from pathlib import Path


def read_regular(path: Path, limit: int) -> bytes:
    """The content of a file of at most `limit` bytes.

    Raises:
        OSError: it cannot be read, is a symbolic link or no regular file, or is longer.
    """
    # Without O_NONBLOCK, opening a FIFO would wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "no regular file", str(path))
        content = file.read(max(limit, 0) + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, "longer than it should be", str(path))
    return content
