"""Makes the relation `calls` of Parquet files, on whichever engine: nothing is loaded ahead of a query.

Rows are typed already. Those that are no calls are left out and counted by reason; identical rows count once, as in a
CSV file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from calls import filters
from calls.parquet.files import ParquetFiles
from calls.parquet.rows import TYPED, check_columns, reason_sql, text_sql, typed_sql
from calls.reading import customers_file
from calls.reading.applied_filters import with_applied_filters
from calls.reading.load_statistics import dated_sql, flags
from calls.reading.rejects import Rejects
from calls.reading.relation import derived_sql
from calls.schema import COLUMN_BY_NAME, COLUMNS
from calls.source import Filters, Period, Source
from foundation.outcome import NoUsableData
from foundation.sql_text import identifier

CUSTOMERS = "listed_customers"
REJECTS_KEPT = 100_000
"""Rows that are no calls which are kept to be shown; all are counted."""
_GOOD, _ONCE, _FILLED = "good_rows", "single_rows", "filled_rows"
_NAMES = ", ".join(identifier(column.name) for column in COLUMNS)


class Backend(Protocol):
    """What an engine does for calls in Parquet."""

    files: ParquetFiles

    def types(self) -> Mapping[str, str]:
        """The columns of the relation `parquet_rows` and their types."""

    def make(self, name: str, sql: str, values: Mapping[str, Any] | None = None) -> None:
        """Makes a relation of a query; `$name` in it takes the value given for it."""

    def rows(self, sql: str) -> list[Any]:
        """The rows of a query, as tuples."""

    def make_customers(self, customers: Iterable[customers_file.Customer]) -> None:
        """Makes the relation `listed_customers`."""


def make_calls(backend: Backend, wanted: Filters, late_after_ms: int) -> tuple[Source, Rejects]:
    """Makes the relation `calls` of the rows that pass the filters, and says what was read.

    Beyond `late_after_ms` a call is late.

    Raises:
        NoUsableData: a required column is missing or of another type, or no call is left.
        UsageError: a filter or a customers file that cannot be understood.
    """
    conditions = filters.value_conditions(wanted.where)
    types = backend.types()
    check_columns(backend.files.shown, types)
    backend.make(TYPED, typed_sql(types))
    reason = reason_sql(allow_credits=wanted.allow_credits)
    backend.make(_GOOD, f"select {_NAMES} from {TYPED} where {reason} is null")
    everything = _source(backend, types, wanted)
    dated = dated_sql(everything.flagged, everything.accepted)
    source, kept = _without_repeated(backend, everything)
    rejects = Rejects()
    if source.rejected:
        source = replace(source, rejected_lines=_kept_aside(backend, reason, rejects))
    if wanted.customers:
        kept, filled = _filled(backend, kept, Path(wanted.customers))
        source = replace(source, columns=source.columns | filled)
    conditions += filters.period_conditions(wanted, source.period.last)
    _narrow(backend, kept, conditions, derived_sql(wanted.timezone, late_after_ms, dated))
    before = filters.period_before(wanted, source.period.first, source.period.last)
    return replace(with_applied_filters(backend.rows, source), period_before=before), rejects


def _source(backend: Backend, types: Mapping[str, str], wanted: Filters) -> Source:
    """The source of all good rows, before repeated ones are left out and filters looked."""
    reason = reason_sql(allow_credits=wanted.allow_credits)
    load_statistics = {
        name: f"coalesce(sum(case when {test} then 1 else 0 end), 0)" for name, test in flags().items()
    }
    counted = ", ".join(f"{sql} as flag_{place}" for place, sql in enumerate(load_statistics.values()))
    groups = backend.rows(
        f'select reason, count(*) as n, min("timestamp") as first_call, max("timestamp") as last_call, {counted} '
        f"from (select *, {reason} as reason from {TYPED}) as judged group by reason"
    )
    rejected = {row[0]: int(row[1]) for row in groups if row[0] is not None}
    good = next((row for row in groups if row[0] is None), None)
    files = backend.files
    if good is None:
        found = ", ".join(f"{name} {count:,}" for name, count in sorted(rejected.items())) or "there are none"
        raise NoUsableData(
            f"{files.shown}: not one row is a call ({found}); docs/data-schema.md says what one holds."
        )
    _, accepted, first, last, *counts = good
    flagged = {name: int(count) for name, count in sorted(zip(load_statistics, counts, strict=True)) if count}
    if dated := dated_sql(flagged, int(accepted)):
        first, last = backend.rows(
            f'select min("timestamp") as first_call, max("timestamp") as last_call from {_GOOD} where {dated}'
        )[0]
    return Source(
        path=files.shown,
        size_bytes=files.size_bytes,
        mtime_ns=files.mtime_ns,
        fingerprint=files.fingerprint,
        data_lines=int(accepted) + sum(rejected.values()),
        accepted=int(accepted),
        used=int(accepted),
        duplicates=0,
        period=Period(first, last, first.date(), last.date()),
        filters=wanted,
        columns=frozenset(types) & COLUMN_BY_NAME.keys(),
        rejected=dict(sorted(rejected.items())),
        flagged=flagged,
    )


def _without_repeated(backend: Backend, source: Source) -> tuple[Source, str]:
    """The source with identical rows counted once, and the relation of the calls that are left."""
    if backend.rows(f"select count(distinct call_id) as ids from {_GOOD}")[0][0] == source.accepted:
        return source, _GOOD
    backend.make(_ONCE, f"select distinct {_NAMES} from {_GOOD}")
    shared = f"select call_id, count(*) as n from {_ONCE} group by call_id"
    left, sharing = backend.rows(
        f"select sum(n) as calls, sum(case when n > 1 then n else 0 end) as sharing from ({shared}) as ids"
    )[0]
    flagged = source.flagged | ({"shared_call_id": int(sharing)} if sharing else {})
    left = int(left)
    return replace(
        source,
        accepted=left,
        used=left,
        duplicates=source.accepted - left,
        flagged=dict(sorted(flagged.items())),
    ), _ONCE


def _kept_aside(backend: Backend, reason: str, rejects: Rejects) -> Any:
    """Keeps rows that are no calls; they have no line of their own, so its number is 0."""
    rows = backend.rows(
        f"select reason, {text_sql()} as text from (select *, {reason} as reason from {TYPED}) as judged "
        f"where reason is not null limit {REJECTS_KEPT}"
    )
    for row in sorted(tuple(row) for row in rows):
        rejects.add(0, 0, row[0], str(row[1]).encode())
    return tuple(rejects.first)


def _filled(backend: Backend, kept: str, path: Path) -> tuple[str, frozenset[str]]:
    """The calls with plan, price and organization as the customers file has them, and the columns it fills."""
    customers = customers_file.read_customers(path)
    backend.make_customers(customers)
    if not backend.rows(customers_file.known_sql(kept, CUSTOMERS))[0][0]:
        raise customers_file.unknown_to_calls(path, len(customers))
    columns = ", ".join(
        f"{customers_file.FILLED.get(column.name, f'a.{identifier(column.name)}')} as {identifier(column.name)}"
        for column in COLUMNS
    )
    backend.make(_FILLED, f"select {columns} from {customers_file.joined(kept, CUSTOMERS)}")
    return _FILLED, customers_file.filled_by(customers)


def _narrow(backend: Backend, kept: str, conditions: list[filters.Condition], derived: str) -> None:
    """Makes `calls` of the calls that pass the filters."""
    passed = " and ".join(f"({condition.sql})" for condition in conditions) or "true"
    values = {name: value for condition in conditions for name, value in condition.values.items()}
    backend.make("calls", f"select {_NAMES}, {derived} from {kept} where {passed}", values)
