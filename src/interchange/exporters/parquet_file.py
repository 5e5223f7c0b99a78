"""Export as Parquet: one file, or a folder partitioned by day as Spark, DuckDB and others read it.

Files hold the columns that the calls have, with the types of `calls.schema`: instants as TIMESTAMP (UTC, without zone),
money as DECIMAL(18,9), counts as BIGINT. A column that the source lacks is not made up as an empty one.
"""

import os
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

from calls.engine import Calls
from foundation.outcome import UsageError
from foundation.sql_text import identifier
from interchange.exporters.engine_copy import write_rows
from interchange.exporters.printed_columns import ORDER, columns_of

PARTITION = "day"
_DAY_FOLDER = re.compile(rf"{PARTITION}=\d{{4}}-\d{{2}}-\d{{2}}")
_FILE = "calls.parquet"
_DAY = 'coalesce(calls.local_day, cast(calls."timestamp" as date))'
"""A call whose time is not plausible has no day in reports; a copy files it under the day it says."""


def write_parquet(calls: Calls, path: Path, condition: str = "true") -> None:
    """Writes the calls that meet a condition, in the order of time, to one file."""
    columns = ", ".join(f"calls.{identifier(column.name)}" for column in columns_of(calls))
    query = f"select {columns} from calls where {condition} {ORDER}"
    write_rows(calls, query, path, "format parquet, compression zstd")


def write_days(calls: Calls, folder: Path) -> int:
    """Writes `day=YYYY-MM-DD/calls.parquet` for each day of the reporting time zone that has calls.

    One file a day, so that a day can be replaced, and so that no engine opens many small ones.

    Returns:
        The number of days.
    """
    days = [row.day for row in calls.sql(f"select distinct {_DAY} as day from calls order by day")]
    for day in days:
        place = folder / f"{PARTITION}={day}"
        place.mkdir()
        write_parquet(calls, place / _FILE, _on(day))
    return len(days)


def keep_other_days(old: Path, new: Path) -> None:
    """Takes over the days of an earlier export that the new one does not have; their files are shared, not copied."""
    for place in sorted(old.iterdir()) if old.exists() else ():
        if not (new / place.name).exists():
            shutil.copytree(place, new / place.name, copy_function=_linked)


def refuse_other_content(folder: Path) -> None:
    """Refuses to replace a folder that holds anything but an earlier export.

    Raises:
        UsageError: naming what else is there.
    """
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not (place.is_dir() and _DAY_FOLDER.fullmatch(place.name)):
            raise UsageError(
                f"{folder} holds {place.name}, which is no day of an earlier export; name another folder with --out."
            )


def _on(day: date) -> str:
    """A condition that the engine can check against a whole block of rows: local days begin within a day of UTC's."""
    around = f"calls.\"timestamp\" >= timestamp '{day - timedelta(days=1)}'"
    around += f" and calls.\"timestamp\" < timestamp '{day + timedelta(days=2)}'"
    return f"{around} and {_DAY} = date '{day}'"


def _linked(source: str, target: str) -> None:
    """A second name for the same file where the disk allows it, else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
