"""Archives of evaluation logs (.eval of Inspect): the samples of a ZIP as JSON lines."""

import json
import zipfile
import zlib
from pathlib import Path

from foundation.outcome import UsageError
from interchange.importers.reading.json_documents import cleaned

HEADERS = ("header.json", "_journal/start.json")
SAMPLES = "samples/"
SAMPLE_BYTES = 256 << 20
"""An archive with a sample of more bytes is refused."""
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, TypeError, NotImplementedError, RuntimeError,
)  # fmt: skip


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP with a header and samples."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    return bool(names & set(HEADERS)) and any(name.startswith(SAMPLES) for name in names)


def write_lines(name: str, path: Path, target: Path) -> None:
    """Writes each sample of an archive as a line, with the evaluation that it belongs to.

    Raises:
        UsageError: the archive is broken, packed otherwise, or has a sample that is too large.
    """
    try:
        with zipfile.ZipFile(path) as archive, target.open("w", encoding="utf-8") as out:
            header = json.loads(archive.read(next(h for h in HEADERS if h in archive.namelist())))
            for entry in archive.infolist():
                if entry.filename.startswith(SAMPLES):
                    if entry.file_size > SAMPLE_BYTES:
                        raise ValueError(f"{entry.filename} is larger than {SAMPLE_BYTES >> 20} MiB")
                    sample = json.loads(archive.read(entry))
                    out.write(
                        json.dumps(cleaned({"eval": header.get("eval"), **sample}), ensure_ascii=False) + "\n"
                    )
    except _UNREADABLE as error:
        raise UsageError(
            f"{name} is an archive that cannot be unpacked ({error}); write it as JSON with "
            "`inspect log dump FILE > log.json` and import that."
        ) from None
