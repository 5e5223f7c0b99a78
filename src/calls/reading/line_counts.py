"""What became of the lines of a file, or of a chunk of it: counts that add up."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from calls.file.snapshot import Snapshot
from calls.reading.loading import Loaded
from calls.reading.rejects import KEPT_LINES
from calls.source import Filters, Period, RejectedLine, Source
from foundation.outcome import NoUsableData


@dataclass(frozen=True)
class LineCounts:
    """Lines by what became of them.

    `rows` are the good lines, `duplicates` those of them that say again what another one says; `flagged` counts
    what is kept and looks wrong, `rejected` what is not kept, by reason, and `lines` are the first of those.
    """

    rows: int
    duplicates: int
    first: datetime | None
    last: datetime | None
    flagged: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    lines: tuple[RejectedLine, ...] = ()

    def __add__(self, other: "LineCounts") -> "LineCounts":
        return LineCounts(
            rows=self.rows + other.rows,
            duplicates=self.duplicates + other.duplicates,
            first=min(filter(None, (self.first, other.first)), default=None),
            last=max(filter(None, (self.last, other.last)), default=None),
            flagged=dict(Counter(self.flagged) + Counter(other.flagged)),
            rejected=dict(Counter(self.rejected) + Counter(other.rejected)),
            lines=(self.lines + other.lines)[:KEPT_LINES],
        )

    @property
    def accepted(self) -> int:
        """Calls: good lines, each counted once."""
        return self.rows - self.duplicates

    def source(self, seen: Snapshot, filters: Filters, *, torn_tail: bool) -> Source:
        """The source of a file of these lines, before filters; the period is that of all its calls.

        Raises:
            NoUsableData: there is not one call.
        """
        if self.first is None or self.last is None:
            raise NoUsableData(self._nothing_usable(seen))
        rejected = dict(sorted(self.rejected.items()))
        return Source(
            path=str(seen.path),
            size_bytes=seen.status.st_size,
            mtime_ns=seen.status.st_mtime_ns,
            fingerprint=seen.fingerprint,
            data_lines=self.rows + sum(rejected.values()),
            accepted=self.accepted,
            used=self.accepted,
            duplicates=self.duplicates,
            period=Period(self.first, self.last, self.first.date(), self.last.date()),
            filters=filters,
            columns=seen.header.columns,
            rejected=rejected,
            flagged={name: count for name, count in sorted(self.flagged.items()) if count},
            rejected_lines=self.lines,
            torn_tail=torn_tail,
        )

    def _nothing_usable(self, seen: Snapshot) -> str:
        if not self.rejected:
            return f"{seen.path} has a header and no calls: run a simulator or an import first."
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(self.rejected.items()))
        return (
            f"{seen.path}: not one of {sum(self.rejected.values()):,} lines can be used ({reasons}); "
            "docs/data-schema.md says what a line holds."
        )


def line_counts_of(loaded: Loaded) -> LineCounts:
    """The line counts of what was loaded."""
    found = loaded.load_statistics
    return LineCounts(
        rows=found.rows + loaded.duplicates,
        duplicates=loaded.duplicates,
        first=found.first,
        last=found.last,
        flagged={**found.flagged, "cost_rounded": loaded.rounded, "shared_call_id": loaded.shared_ids},
        rejected=dict(loaded.rejects.counts),
        lines=tuple(loaded.rejects.first),
    )
