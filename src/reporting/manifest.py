"""The manifest: the pages that belong together, what they were made from, their digests, its format number.

`reports/html/manifest.json`, one object:

    format            5; another number means: make everything anew
    tool_version      version of the tool that published
    settings_digest   digest of settings and prices
    settings_file     whose settings, null for the shipped ones
    pricing_file      whose prices, null for the shipped ones
    currency          what pages show amounts in: code, usd_for_one, rate_day, last_day, rates_file; null for US dollars
    run_id            names the run that published last
    generated_at      when, ISO 8601 UTC
    source            what was read: path, size_bytes, mtime_ns, fingerprint, data_lines, used, rejected,
                      duplicates, unpriced_calls, first, last, first_day, last_day, timezone, since, until,
                      where, allow_credits, customers, customers_digest, total_usd, torn_tail, gaps
    dimensions        what pages can be filtered by: first_day, last_day, providers, organizations, models, features
    entities          names in the order of their colours
    highlights        headline figures of the landing page (as pages[].headline)
    pages             in order: id, title, category, order, filename, description, status, reason, failed_at,
                      generated_at, fingerprint, attempted, run_id, headline, finding, attention, summary_lines,
                      alerts, file, json_report
    index             the landing page: sha256 and size_bytes
    quality           json/data_quality.json: sha256 and size_bytes

`file` and `json_report` are {"sha256", "size_bytes"}; pages lie under html/, JSON reports under json/. `status` is
"ok", "stale" (an earlier page is kept) or "failed" (there is no earlier page; the file only says so). `fingerprint`
is of the data that the page shows, `attempted` of the data that the last attempt to make it read.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from calls.file.regular_files import read_regular
from calls.source import Filters
from reporting.document import Category
from reporting.json_records import record
from reporting.manifest_entries import (
    CurrencyEntry,
    DimensionsEntry,
    FileDigest,
    Headline,
    PageEntry,
    SourceEntry,
)

FORMAT = 5
HTML = "html"
JSON = "json"
NAME = "manifest.json"
INDEX = "index.html"
QUALITY = "data_quality.json"
MANIFEST_BYTES_LIMIT = 64 << 20
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}", re.ASCII)


@dataclass(frozen=True)
class Manifest:
    """All of manifest.json. `index` and `quality` are None only while a run is being put together."""

    tool_version: str
    settings_digest: str
    settings_file: str | None
    pricing_file: str | None
    currency: CurrencyEntry | None
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
        listed |= {
            f"{JSON}/{entry.json_report_name}": entry.json_report for entry in self.pages if entry.json_report
        }
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


def why_none(reports: Path, again: str) -> str:
    """A sentence for where `load_manifest` gives None: what is there, and what helps; `again` makes the reports."""
    made = _format(reports)
    if not (reports / HTML / NAME).exists():
        return f"There is no manifest: run `{again}` first."
    if made is None or made == FORMAT:
        return f"{HTML}/{NAME} is damaged: run `{again}` to make the reports again."
    if made > FORMAT:
        return f"The reports are of a newer version of this tool (format {made}, here {FORMAT}): update this one."
    return f"The reports are of an older version (format {made}, now {FORMAT}): run `{again}` to make them again."


def _format(reports: Path) -> int | None:
    """The number that a manifest of any version says it is written by."""
    try:
        found = json.loads(read_regular(reports / HTML / NAME, MANIFEST_BYTES_LIMIT))["format"]
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return None
    return found if isinstance(found, int) else None


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
    """Refuses names that lead out of the folders, texts that are not times, and groups that no menu has."""
    for name in (entry.filename, entry.json_report_name):
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


def strays(manifest: Manifest, reports: Path) -> tuple[str, ...]:
    """Files among the pages and JSON reports that are not of the set, by path under `reports`; not hidden ones."""
    listed = manifest.files().keys() | {f"{HTML}/{NAME}"}
    found = (
        f"{folder}/{path.name}"
        for folder in (HTML, JSON)
        for path in sorted((reports / folder).glob("[!.]*"))
    )
    return tuple(name for name in found if name not in listed)


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
