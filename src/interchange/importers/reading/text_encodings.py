"""The bytes of a file: packed or not, in UTF-8 or in that of `--encoding`."""

import codecs
import gzip
import io
import shutil
import zlib
from pathlib import Path
from typing import IO, cast

from foundation.outcome import UsageError

UTF_8 = "utf-8"
UNPACKED_BYTES = 64 << 20
UNPACKED_RATIO = 100
"""An archive may unpack to `UNPACKED_BYTES`, or to so many times its own size: exports of calls shrink to a tenth."""
_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20


def is_gzip(path: Path) -> bool:
    """Whether a file is packed by gzip."""
    with path.open("rb") as source:
        return source.read(2) == _GZIP


def unpacked(path: Path, compressed: bool) -> IO[bytes]:
    """The bytes of a file, unpacked if it is compressed."""
    return cast("IO[bytes]", gzip.open(path, "rb")) if compressed else path.open("rb")


def is_archive(name: str, path: Path) -> bool:
    """Whether a file is packed by gzip.

    Raises:
        UsageError: it unpacks to far more than an export of calls does, or cannot be unpacked.
    """
    if not is_gzip(path):
        return False
    _refuse_bomb(name, path)
    return True


def _refuse_bomb(name: str, path: Path) -> None:
    packed = path.stat().st_size
    allowed = max(UNPACKED_BYTES, UNPACKED_RATIO * packed)
    size = 0
    try:
        with unpacked(path, compressed=True) as source:
            while size <= allowed and (chunk := source.read(_CHUNK)):
                size += len(chunk)
    except (EOFError, OSError, zlib.error) as error:
        raise UsageError(f"{name} cannot be read ({error}); export or download it again.") from None
    if size > allowed:
        raise UsageError(
            f"{name} unpacks to more than {allowed >> 20:,} MB, over {allowed // packed:,} times its size, as no "
            "export of calls does; if you know what it is, unpack it with gunzip and import that file."
        )


def means_utf8(encoding: str) -> bool:
    """Whether an encoding of that name is UTF-8.

    Raises:
        UsageError: no text encoding has that name.
    """
    try:
        return codecs.lookup(encoding).name == UTF_8
    except (LookupError, ValueError) as error:
        raise UsageError(
            f"--encoding {encoding!r} is unknown; give a name such as windows-1252, latin-1 or utf-16."
        ) from error


def in_utf8(name: str, path: Path, workdir: Path, encoding: str) -> Path:
    """A copy of a file in UTF-8, unpacked.

    Raises:
        UsageError: the file is not in that encoding.
    """
    target = workdir / "in-utf-8"
    try:
        with (
            io.TextIOWrapper(unpacked(path, is_gzip(path)), encoding, newline="") as source,
            target.open("w", encoding=UTF_8, newline="") as out,
        ):
            shutil.copyfileobj(source, out, _CHUNK)
    except (UnicodeError, LookupError) as error:
        raise UsageError(f"{name} is not in --encoding {encoding} ({error}); name another one.") from error
    return target


def is_utf8(path: Path, compressed: bool) -> bool:
    """Whether a file is UTF-8 throughout."""
    decoder = codecs.getincrementaldecoder(UTF_8)()
    with unpacked(path, compressed) as source:
        try:
            while chunk := source.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
