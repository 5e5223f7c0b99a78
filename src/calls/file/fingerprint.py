"""What a version of a file is known by, without reading all of it.

A fingerprint covers size, times of change, inode, the first and last 64 KiB and 63 blocks of 4 KiB between
them. An append, a rewrite, a replaced file and a restored older file all change it. What it cannot see is an
edit in the middle that keeps size, inode and both times of change, which no ordinary program can make: the
time of the last change of status (ctime) cannot be set.
"""

import hashlib
import os
import stat
from pathlib import Path

EDGE_BYTES = 65_536
BLOCK_BYTES = 4_096
BLOCKS = 63


def of_open_file(descriptor: int, status: os.stat_result | None = None) -> str:
    """The fingerprint of an open file as it is now, or at `status` taken before."""
    status = status or os.fstat(descriptor)
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)).encode())
    digest.update(sampled_content(descriptor, status.st_size))
    return digest.hexdigest()


def of_file(path: Path | str) -> str | None:
    """The fingerprint of a file, None if there is no such regular file.

    Who compares it learns whether to read again.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        return of_open_file(descriptor, status) if stat.S_ISREG(status.st_mode) else None
    finally:
        os.close(descriptor)


def sampled_content(descriptor: int, size: int) -> bytes:
    """A digest of the sampled blocks of the first `size` bytes."""
    digest = hashlib.blake2b(digest_size=16)
    for offset, length in _samples(size):
        digest.update(os.pread(descriptor, length, offset))
    return digest.digest()


def _samples(size: int) -> list[tuple[int, int]]:
    if size <= 2 * EDGE_BYTES + BLOCKS * BLOCK_BYTES:
        return [(0, size)]
    inner = size - 2 * EDGE_BYTES - BLOCK_BYTES
    blocks = [(EDGE_BYTES + inner * index // (BLOCKS - 1), BLOCK_BYTES) for index in range(BLOCKS)]
    return [(0, EDGE_BYTES), *blocks, (size - EDGE_BYTES, EDGE_BYTES)]
