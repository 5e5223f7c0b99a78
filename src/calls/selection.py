"""Which calls of a file are opened, and how they are judged: what the flags of every script say, as one value."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

LATE_AFTER_MS = 10_000
"""The latency beyond which a call is late, where nobody says another one."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which calls are opened; as it stands, all of a file.

    Attributes:
        since: Calls from here on: a date (midnight of the reporting zone), a time (of that zone, unless it
            has an offset) or a period back from the last call, such as 7d.
        until: Calls up to here: a date is let in whole, a time is the first instant left out.
        where: Column and value; the same column again means either, another column means both.
        customers: A customers file, which fills plan, price and organization before the filters look.
        timezone: IANA name of the reporting zone: where a day begins.
        late_after_ms: The latency beyond which a call is late: the service level.
        allow_credits: Keep calls of negative cost instead of rejecting them.
        max_bad_rows: The share of rejected lines (0 to 1) beyond which nothing is opened.
        excluded_columns: Columns that nobody will ask for; naming one in a query is an error. An engine may load
            them all the same.
        memory_limit: How much memory the engine may take before it goes to disk, such as 2GB.
    """

    since: str | None = None
    until: str | None = None
    where: Sequence[tuple[str, str]] = ()
    customers: Path | str | None = None
    timezone: str = "UTC"
    late_after_ms: int = LATE_AFTER_MS
    allow_credits: bool = False
    max_bad_rows: float | None = None
    excluded_columns: Collection[str] = ()
    memory_limit: str | None = None

    @property
    def narrows(self) -> bool:
        """Whether it takes less than all calls of a file, or changes what they say."""
        return bool(self.since or self.until or self.where or self.customers)

    def of_period(self, since: str, until: str) -> Self:
        """The same of another period of the same file, whose bad lines are known by now."""
        return replace(self, since=since, until=until, max_bad_rows=None)


ALL_CALLS = Selection()
