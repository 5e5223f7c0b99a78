"""One generation of reports: pages that were made together, read whole and checked against their manifest."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
LANDING = "index.html"


class NotPublishedError(Exception):
    """There is no set of reports, or what is there does not match its manifest; the message says what."""


@dataclass(frozen=True)
class Generation:
    """Reports as one run published them.

    `files` maps the path of an address ("/index.html", "/json/finops_understanding.json") to bytes.
    `failures` are analyzers whose page is an older one, in words.
    """

    run_id: str
    generated_at: datetime
    last_call: datetime | None
    fingerprint: str
    failures: tuple[str, ...]
    files: Mapping[str, bytes]


def load_generation(reports: Path) -> Generation:
    """Reads the reports under `reports` and checks every file against the manifest.

    Raises:
        NotPublishedError: there is no manifest, it cannot be read, or a file differs from it.
    """
    raw = _read(reports / "html" / MANIFEST)
    manifest = _parsed(raw)
    try:
        files = dict(_files(reports, manifest))
        return Generation(
            run_id=str(manifest["run_id"]),
            generated_at=datetime.fromisoformat(manifest["generated_at"]),
            last_call=_last_call(manifest),
            fingerprint=str(manifest["source"]["fingerprint"]),
            failures=tuple(_failures(manifest)),
            files={f"/{MANIFEST}": raw, **files},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotPublishedError(f"{MANIFEST} is not one of this version ({error})") from error


def signature(reports: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What a look at the folders tells about the reports on disk: changes whenever a file does."""
    entries = []
    for folder in (reports / "html", reports / "json"):
        for path in sorted(folder.glob("*.*")):
            try:
                stat = path.stat()
            except OSError:
                continue
            entries.append((path.name, stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return tuple(entries)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotPublishedError(f"{path.name} cannot be read: {error.strerror}") from error


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(raw)
    except ValueError as error:
        raise NotPublishedError(f"{MANIFEST} is not valid JSON") from error
    if not isinstance(manifest, dict):
        raise NotPublishedError(f"{MANIFEST} is not one of this version")
    return manifest


def _files(reports: Path, manifest: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The pages and their twins by address."""
    for page in manifest["pages"]:
        if Path(page["filename"]).name != page["filename"]:
            raise NotPublishedError(f"{MANIFEST} lists a page outside its folder")
        yield f"/{page['filename']}", _checked(reports / "html" / page["filename"], page["sha256"])


def _checked(path: Path, sha256: str) -> bytes:
    """The bytes of a file, if they are what the manifest says.

    A symbolic link is never followed: nothing from outside the reports is served.
    """
    if path.is_symlink():
        raise NotPublishedError(f"{path.name} is not a file of its own")
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise NotPublishedError(f"{path.name} does not match {MANIFEST}")
    return content


def _last_call(manifest: dict[str, Any]) -> datetime | None:
    last = (manifest["source"].get("period") or {}).get("last")
    return datetime.fromisoformat(last) if last else None


def _failures(manifest: dict[str, Any]) -> Iterator[str]:
    for page in manifest["pages"]:
        if page.get("stale"):
            yield f"{page['title']}: {page.get('reason', 'the analyzer failed')}"
