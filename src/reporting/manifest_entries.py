"""What the manifest says of a page (figure, alerts, summary lines), of a file and of what was read."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from calls.file.regular_files import read_regular
from calls.source import Filters


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


QUESTION = "question"
STAKE = "stake"


@dataclass(frozen=True)
class Attention:
    """What the landing page leads to on a page: a recommendation or an alert, with its dollars, or an answer."""

    kind: str
    """"recommendation", "stake" (one that saves nothing by itself), the level of an alert, or "question": what a reader
    asks, answered at the target."""
    title: str
    text: str
    usd: str
    """Plain dollars, "" if they cannot be told."""
    usd_text: str
    target: str
    """Id on the page."""
    dedup_key: str
    """What it is about; of the items of one key the landing page shows one."""
    confidence: str
    """How sure a recommendation is; "" of an alert."""


@dataclass(frozen=True)
class SummaryLineEntry:
    """A line of the ten-line summary; its figures are exact: decimals as text, None where not known."""

    label: str
    text: str
    figures: dict[str, str | int | float | None]


@dataclass(frozen=True)
class AlertEntry:
    """An alert of a page; `usd` is plain dollars, "" if they cannot be told.

    `dedup_key` says what it is about, "" where no other report says the same.
    """

    level: str
    title: str
    text: str
    usd: str
    dedup_key: str


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
    summary_lines: tuple[SummaryLineEntry, ...]
    alerts: tuple[AlertEntry, ...]
    file: FileDigest
    json_report: FileDigest | None

    @property
    def json_report_name(self) -> str:
        """The file name of its JSON report."""
        return f"{self.id}.json"


@dataclass(frozen=True)
class GapEntry:
    """Calls whose cost lacks something, see `calls.cost_gaps.Gap`; `known_cost_usd` is a decimal in digits."""

    gap: str
    is_partial: bool
    calls: int
    known_cost_usd: str


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
    torn_tail: bool
    gaps: tuple[GapEntry, ...]

    @property
    def filters(self) -> Filters:
        """What narrowed the calls."""
        return Filters(
            since=self.since,
            until=self.until,
            where=self.where,
            timezone=self.timezone,
            allow_credits=self.allow_credits,
            customers=self.customers,
            customers_digest=self.customers_digest,
        )


@dataclass(frozen=True)
class CurrencyEntry:
    """The currency in which the pages show amounts, see `reporting.currency.DisplayCurrency`."""

    code: str
    usd_for_one: str
    rate_day: str
    last_day: str
    rates_file: str


@dataclass(frozen=True)
class DimensionsEntry:
    """What pages can be filtered by."""

    first_day: str
    last_day: str
    providers: tuple[str, ...]
    organizations: tuple[str, ...]
    models: tuple[str, ...]
    features: tuple[str, ...]
