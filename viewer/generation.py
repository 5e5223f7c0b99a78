"""One generation of reports: files that were published together, read whole and checked by their manifest."""

import errno
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from calls.file.regular_files import read_regular
from reporting.manifest import HTML, JSON, MANIFEST_BYTES_LIMIT, NAME, Manifest, parsed
from reporting.manifest_entries import FileDigest, Status
from reporting.pages_beside import beside, contents
from reporting.provenance import file_time

LANDING = "/index.html"


class NotPublishedError(Exception):
    """There is no set of reports, or what is there does not match its manifest; the message says what."""


@dataclass(frozen=True)
class Generation:
    """Reports as one run published them.

    `files` maps the path of an address ("/index.html", "/json/finops_understanding.json") to bytes.
    """

    manifest: Manifest
    files: Mapping[str, bytes]

    @cached_property
    def generated_at(self) -> datetime:
        """When the run published, UTC."""
        return datetime.fromisoformat(self.manifest.generated_at).astimezone(UTC)

    @cached_property
    def data_written_at(self) -> datetime:
        """When the file of the calls was last written before it was read, UTC."""
        return file_time(self.manifest.source.mtime_ns)

    @cached_property
    def failures(self) -> tuple[str, ...]:
        """The reports that failed, with their reasons; their pages say so themselves."""
        troubled = (page for page in self.manifest.pages if page.status is not Status.OK)
        return tuple(f"{page.title}: {page.reason}" for page in troubled)


def load_generation(reports: Path) -> Generation:
    """Reads the reports under `reports` and checks every file against the manifest.

    Raises:
        NotPublishedError: there is no manifest, it is not of this version, or a file differs from it.
    """
    raw = _read(reports / HTML / NAME, MANIFEST_BYTES_LIMIT)
    try:
        manifest = parsed(raw)
    except ValueError as error:
        raise NotPublishedError(f"{NAME} is not one of this version") from error
    files = dict(_files(reports, manifest))
    if _read(reports / HTML / NAME, MANIFEST_BYTES_LIMIT) != raw:
        raise NotPublishedError(f"{NAME} changed while the reports were read")
    others = {f"/{name}": content for name, content in contents(reports)}
    return Generation(manifest, {f"/{NAME}": raw, **others, **files})


def signature(reports: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What a look at the folders tells about the reports on disk: changes whenever a file does."""
    return tuple(_signatures(reports))


def _signatures(reports: Path) -> Iterator[tuple[str, int, int, int]]:
    listed = [path for folder in (HTML, JSON) for path in sorted((reports / folder).glob("*.*"))]
    for path in (*listed, *(reports / name for name in beside(reports))):
        try:
            stat = path.stat()
        except OSError:
            continue
        yield f"{path.parent.name}/{path.name}", stat.st_ino, stat.st_size, stat.st_ctime_ns


def _files(reports: Path, manifest: Manifest) -> Iterator[tuple[str, bytes]]:
    """The listed files by address: pages at the top, their JSON reports under /json/."""
    for name, digest in manifest.files().items():
        folder, _, file = name.partition("/")
        yield (f"/{file}" if folder == HTML else f"/{name}"), _checked(reports / name, digest)


def _checked(path: Path, digest: FileDigest) -> bytes:
    """The bytes of a file, if they are what the manifest says."""
    content = _read(path, digest.size_bytes)
    if FileDigest.of(content) != digest:
        raise NotPublishedError(f"{path.name} does not match {NAME}")
    return content


def _read(path: Path, limit: int) -> bytes:
    """The bytes of a regular file; a symbolic link is not followed, so nothing from outside the reports is served."""
    try:
        return read_regular(path, limit)
    except OSError as error:
        raise NotPublishedError(f"{path.name} cannot be read: {_why(error)}") from error


def _why(error: OSError) -> str:
    return "it is a symbolic link" if error.errno == errno.ELOOP else str(error.strerror)
