"""What the bytes of a file tell that a typed scan does not: NUL, stray quotes, a checksum; found in one pass."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zlib import crc32

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class ByteSigns:
    """Whether a NUL is among some bytes, and how many double quotes."""

    nul: bool
    quotes: int


def byte_signs(
    descriptor: int, start: int, end: int, keep: Callable[[bytes], object] | None = None
) -> ByteSigns:
    """The signs of a chunk of an open file; `keep` gets each of its blocks, in order."""
    nul, quotes = False, 0
    for block in blocks(descriptor, start, end):
        if keep:
            keep(block)
        nul = nul or b"\0" in block
        quotes += block.count(b'"') if b'"' in block else 0
    return ByteSigns(nul, quotes)


def blocks(descriptor: int, start: int, end: int) -> Iterator[bytes]:
    """The bytes of a chunk of an open file, a block at a time."""
    while start < end and (block := os.pread(descriptor, min(_BLOCK_BYTES, end - start), start)):
        yield block
        start += len(block)


def checksum_of(descriptor: int, start: int, end: int) -> int:
    """The CRC-32 of a chunk of an open file."""
    found = 0
    for block in blocks(descriptor, start, end):
        found = crc32(block, found)
    return found
