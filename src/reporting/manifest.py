"""The list of pages that belong together: what they are, what they were made from, and their digests.

`reports/html/manifest.json`, one object:

    format            2; another number means: make everything anew
    tool_version      version of the tool that published
    settings_digest   digest of settings and prices
    run_id            names the run that published last
    generated_at      when, ISO 8601 UTC
    source            what was read: path, size_bytes, mtime_ns, fingerprint, data_lines, used, rejected,
                      duplicates, unpriced_calls, first, last, first_day, last_day, timezone, since, until,
                      where, allow_credits, customers, customers_digest, total_usd
    dimensions        what pages can be filtered by: first_day, last_day, providers, organizations
    entities          names in the order of their colours
    highlights        headline figures of the landing page (as pages[].headline)
    pages             in order: id, title, category, order, filename, description, status, reason, failed_at,
                      generated_at, fingerprint, attempted, run_id, headline, finding, attention, in_brief,
                      alerts, file, twin
    index             the landing page: sha256 and size_bytes
    quality           json/data_quality.json: sha256 and size_bytes

`file` and `twin` are {"sha256", "size_bytes"}; pages lie under html/, twins under json/. `status` is "ok", "stale"
(an earlier page is kept) or "failed" (there is no earlier page; the file only says so). `fingerprint` is of
the data that the page shows, `attempted` of the data that the last attempt to make it read.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from calls.regular_files import read_regular
from calls.source import Filters
from reporting.document import Category
from reporting.json_records import record

FORMAT = 2
HTML = "html"
JSON = "json"
NAME = "manifest.json"
INDEX = "index.html"
QUALITY = "data_quality.json"
MANIFEST_BYTES_LIMIT = 64 << 20
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}", re.ASCII)


class Status(StrEnum):
    """What a page shows."""

    OK = "ok"
    STALE = "stale"
    FAILED = "failed"


@dataclass(frozen=True)
class FileDigest:
    """A file's content: sha256 in hex, and its size."""

    sha256: str
    size_bytes: int

    @classmethod
    def of(cls, content: bytes) -> "FileDigest":
        """The digest of these bytes."""
        return cls(hashlib.sha256(content).hexdigest(), len(content))

    def content(self, path: Path) -> bytes | None:
        """The bytes of the file at `path` if it has this content, else None; links are not followed."""
        try:
            content = read_regular(path, self.size_bytes)
        except OSError:
            return None
        return content if FileDigest.of(content) == self else None

    def matches(self, path: Path) -> bool:
        """Whether the file at `path` has this content; a missing one has not."""
        return self.content(path) is not None


@dataclass(frozen=True)
class Headline:
    """A headline figure, formatted: what the landing page shows of a page it does not open."""

    label: str
    text: str
    value: str
    unit: str
    title: str = ""
    reason: str = ""
    note: str = ""
    change_text: str = ""
    change_against: str = ""
    change_tone: str = ""
    change_word: str = ""
    spark: str = ""
    spark_label: str = ""


@dataclass(frozen=True)
class Attention:
    """Something of a page that wants attention: a recommendation or an alert, with its dollars."""

    kind: str
    """"recommendation" or the level of an alert."""
    title: str
    text: str
    usd: str
    """Plain dollars, "" if they cannot be told."""
    usd_text: str
    target: str
    """Id on the page."""
    topic: str
    """What it is about; of the items of one topic the landing page shows one."""


@dataclass(frozen=True)
class BriefEntry:
    """A line of the ten-line summary; its figures are exact: decimals as text, None where not known."""

    label: str
    text: str
    figures: dict[str, str | int | float | None]


@dataclass(frozen=True)
class AlertEntry:
    """An alert of a page; `usd` is plain dollars, "" if they cannot be told."""

    level: str
    title: str
    text: str
    usd: str


@dataclass(frozen=True)
class PageEntry:
    """One page of the manifest."""

    id: str
    title: str
    category: str
    order: int
    filename: str
    description: str
    status: Status
    reason: str
    failed_at: str
    generated_at: str
    fingerprint: str
    attempted: str
    run_id: str
    finding: str
    headline: Headline | None
    attention: tuple[Attention, ...]
    in_brief: tuple[BriefEntry, ...]
    alerts: tuple[AlertEntry, ...]
    file: FileDigest
    twin: FileDigest | None

    @property
    def twin_name(self) -> str:
        """The file name of its JSON twin."""
        return f"{self.id}.json"


@dataclass(frozen=True)
class SourceEntry:
    """What was read."""

    path: str
    size_bytes: int
    mtime_ns: int
    fingerprint: str
    data_lines: int
    used: int
    rejected: int
    duplicates: int
    unpriced_calls: int
    first: str
    last: str
    first_day: str
    last_day: str
    timezone: str
    since: str | None
    until: str | None
    where: tuple[tuple[str, str], ...]
    allow_credits: bool
    customers: str | None
    customers_digest: str | None
    total_usd: str | None

    @property
    def filters(self) -> Filters:
        """What narrowed the calls."""
        return Filters(
            self.since,
            self.until,
            self.where,
            self.timezone,
            self.allow_credits,
            self.customers,
            self.customers_digest,
        )


@dataclass(frozen=True)
class DimensionsEntry:
    """What pages can be filtered by."""

    first_day: str
    last_day: str
    providers: tuple[str, ...]
    organizations: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """All of manifest.json. `index` and `quality` are None only while a run is being put together."""

    tool_version: str
    settings_digest: str
    run_id: str
    generated_at: str
    source: SourceEntry
    dimensions: DimensionsEntry
    entities: tuple[str, ...]
    highlights: tuple[Headline, ...]
    pages: tuple[PageEntry, ...]
    index: FileDigest | None = None
    quality: FileDigest | None = None
    format: int = FORMAT

    def page(self, identity: str) -> PageEntry | None:
        """The entry of a page, None if it is not listed."""
        return next((entry for entry in self.pages if entry.id == identity), None)

    def files(self) -> dict[str, FileDigest]:
        """Every file of the set but the manifest itself, by its path under the reports folder."""
        listed = {f"{HTML}/{entry.filename}": entry.file for entry in self.pages}
        listed |= {f"{JSON}/{entry.twin_name}": entry.twin for entry in self.pages if entry.twin}
        if self.index:
            listed[f"{HTML}/{INDEX}"] = self.index
        if self.quality:
            listed[f"{JSON}/{QUALITY}"] = self.quality
        return listed

    def as_json(self) -> dict[str, Any]:
        """The manifest as JSON data."""
        return {
            "format": self.format,
            **{key: value for key, value in asdict(self).items() if key != "format"},
        }


def load_manifest(reports: Path) -> Manifest | None:
    """The manifest under a reports folder; None if missing, malformed or of another format: make anew."""
    try:
        return parsed(read_regular(reports / HTML / NAME, MANIFEST_BYTES_LIMIT))
    except (OSError, ValueError):
        return None


def parsed(content: bytes) -> Manifest:
    """The manifest with this content.

    Raises:
        ValueError: it is no manifest of this format, or names a file outside its folders.
    """
    try:
        raw = json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    manifest = record(Manifest, raw)
    if manifest.format != FORMAT or manifest.index is None or manifest.quality is None:
        raise ValueError(f"it is not whole, or its format is not {FORMAT}")
    _check_time(manifest.generated_at)
    for entry in manifest.pages:
        _check(entry)
    return manifest


def _check(entry: PageEntry) -> None:
    """Refuses names that lead out of the folders, times that are none, and groups that no menu has."""
    for name in (entry.filename, entry.twin_name):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no file name of a report")
    _check_time(entry.generated_at)
    if entry.failed_at:
        _check_time(entry.failed_at)
    Category(entry.category)


def _check_time(text: str) -> None:
    try:
        datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text} is no time") from error


def verify(manifest: Manifest, reports: Path) -> tuple[str, ...]:
    """The files that are missing or differ from the manifest, by path under `reports`; empty if none."""
    return tuple(name for name, digest in manifest.files().items() if not digest.matches(reports / name))


def is_fresh(
    manifest: Manifest,
    fingerprint: str,
    settings_digest: str,
    tool_version: str,
    filters: Filters | None = None,
) -> bool:
    """Whether running the analyzers again would change nothing.

    True if every page was last attempted on data of this `fingerprint`, narrowed alike, with these settings
    and this tool. A page that failed on the same data does not make the set unfresh: retrying is the caller's choice.
    """
    return (
        manifest.settings_digest == settings_digest
        and manifest.tool_version == tool_version
        and (filters is None or manifest.source.filters == filters)
        and manifest.source.fingerprint == fingerprint
        and all(entry.attempted == fingerprint for entry in manifest.pages)
    )
