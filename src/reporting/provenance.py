"""The data-quality box and the footer of a page: where its figures come from, what was rejected."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from calls.source import Source
from reporting.currency import DisplayCurrency


@dataclass(frozen=True)
class Provenance:
    """The file that was read, the tool and the settings that read it, and when.

    `settings_digest` is any stable digest of settings and prices; `generated_at` is an aware UTC time.
    """

    source: Source
    tool_version: str
    settings_digest: str
    generated_at: datetime
    total_usd: Decimal | None = None
    """The known cost of the used calls: the same grand total stands on every page."""
    credits_usd: Decimal | None = None
    """The part of it that is negative; None where no call has a negative cost."""
    settings_file: Path | None = None
    """The user's settings, None for the shipped ones."""
    pricing_file: Path | None = None
    """The user's prices, None for the shipped ones."""
    currency: DisplayCurrency | None = None
    """What amounts are shown in, None for US dollars."""

    @property
    def file_name(self) -> str:
        """The source file's name without its folder."""
        return Path(self.source.path).name

    @property
    def short_fingerprint(self) -> str:
        """The first characters of the fingerprint, enough to tell two files apart."""
        return self.source.fingerprint.removeprefix("sha256:")[:12]

    @property
    def file_time(self) -> datetime:
        """When the source file was last written, UTC."""
        return file_time(self.source.mtime_ns)


def file_time(mtime_ns: int) -> datetime:
    """A file's time, UTC; one beyond the years that a calendar can tell is the last or first of these."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    try:
        return datetime.fromtimestamp(mtime_ns / 1e9, UTC)
    except (ValueError, OverflowError, OSError):
        return last if mtime_ns > 0 else first


def generated_now() -> datetime:
    """The time that pages carry: SOURCE_DATE_EPOCH if it is set (reproducible pages), else now."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC).replace(microsecond=0)
