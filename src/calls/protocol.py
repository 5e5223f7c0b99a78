"""How calls are asked, whichever engine answers: one relation, `calls`, and two verbs."""

from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from calls.source import Source
from foundation.outcome import NoUsableData

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Calls(Protocol):
    """Calls as an SQL relation.

    The relation `calls` has every column of `calls.schema` (a column the file lacks is NULL if a number, ''
    if a text; an empty text is '', never NULL) and three more: `local_hour` (TIMESTAMP, the hour) and
    `local_day` (DATE) in the reporting time zone, and `is_late` (1 beyond the latency that counts as late, else
    0; NULL where the latency is unknown). Where clocks go back, two hours share one `local_hour`. A call whose
    time is not plausible (`calls.reading.load_statistics`) has neither hour nor day: it counts in sums, and in no
    series. The relations of `calls.rollups.shared` stand beside it.
    """

    @property
    def source(self) -> Source:
        """What was read, and what became of it."""

    @property
    def late_after_ms(self) -> int:
        """The latency beyond which a call is late."""

    @property
    def before(self) -> "Calls | None":
        """The calls of the equal period before, by the same filters, or None; closed together with this."""

    def sql(self, query: str, **values: Any) -> list[Any]:
        """The rows of `query` as named tuples. `$name` in the query takes the value given for it."""

    def columns(self, query: str, **values: Any) -> "dict[str, NDArray[Any]]":
        """The columns of `query` by name, for sums with too many rows for a loop over them.

        Numbers are float64, NULL is NaN; anything else is an object. Ask for no exact amounts and no dates.
        """

    def divide_threads(self, askers: int) -> None:
        """Divides the processors among so many threads that ask at the same time."""

    def build(self, *names: str) -> None:
        """Builds rollups, and those that they are made of, before a query names them."""

    def interrupt(self) -> None:
        """Breaks off what other threads are asking."""

    def write_parquet(self, path: Path | str, *, derived: bool = False) -> None:
        """Writes the calls, as filtered, to Parquet: the columns of the schema, in its order.

        With `derived` the other columns of `calls` follow, so that another engine has the same relation.
        """

    def write_rejects(self, path: Path | str) -> None:
        """Writes every rejected line to a CSV file: line, byte_offset, reason, text."""

    def close(self) -> None:
        """Interrupts running queries, then frees memory and temporary files; `source` stays."""

    def __enter__(self) -> Self:
        """The calls themselves."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes."""


Reopen = Callable[[str, str], Calls]
"""Opens the same file for a period: its first instant and the one after its last, both in ISO 8601."""


def opened_before(source: Source, reopen: Reopen) -> Calls | None:
    """What `calls.before` gives of a source: None where there is no such period, or no call in it."""
    if source.period_before is None:
        return None
    since, until = (moment.replace(tzinfo=UTC).isoformat() for moment in source.period_before)
    try:
        return reopen(since, until)
    except NoUsableData:
        return None
