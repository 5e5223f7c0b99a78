"""The cache of a large file, `<csv>.rollups/`: what was summed before and is not read again.

The folder holds parts, Parquet files that are never changed, and `state.json`, which says what they sum and is
replaced at once. Deleting it changes nothing but time. What it says is believed only as far as the file still
holds the same bytes: a file of the same size, inode and times of change (`ctime` cannot be set) is taken to be
the same; of any other, each byte that was summed is read again and its checksum compared.

A folder that is a symbolic link or another user's is left alone: what lies there is neither believed nor removed.
"""

import contextlib
import fcntl
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from calls.file.byte_signs import checksum_of
from calls.file.engine_paths import path_sql, reader_sql
from calls.file.locking import beside
from calls.file.regular_files import read_regular
from calls.file.snapshot import Snapshot
from calls.large_files.chunked_sums import Checked, Reading
from calls.reading.line_counts import LineCounts
from calls.reading.load_statistics import FUTURE
from calls.rollups.shared import ROLLUPS
from calls.source import RejectedLine

FORMAT = 2
STATE = "state.json"
READERS = "readers.lock"
"""Lock file that readers of parts hold, shared."""
MOST_PARTS = 12
"""Parts of a rollup beyond which they are added up into one."""
_STATE_BYTES = 64 << 20
_PART = re.compile(r"[0-9a-f]{32}\.parquet")
_STRAY = re.compile(rf"(tmp_)?{_PART.pattern}|{re.escape(STATE)}\.[0-9a-f]{{32}}")
"""What runs that were killed leave."""


@dataclass(frozen=True)
class Saved:
    """What `state.json` says: the parts by rollup, and what they sum."""

    line_counts: LineCounts
    chunks: tuple[Checked, ...]
    by_customer_hour: bool
    parts: Mapping[str, tuple[str, ...]]
    status: tuple[int, ...]

    @property
    def end(self) -> int:
        """The offset up to which the file was summed."""
        return self.chunks[-1].end


class RollupCache:
    """The folder beside a file of calls, for one way to read it."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self.folder = beside(path, ".rollups")
        self._reading = reading
        self._held: int | None = None

    def load(self, seen: Snapshot, *, verify: bool = False) -> Saved | None:
        """What is known of this file, None where nothing is or the file is another one.

        The parts stay until `release`. With `verify` every byte is compared, however unchanged the file looks.
        """
        state = self._state_held(seen)
        try:
            saved = _saved(state, self._key(seen)) if state else None
            return saved if saved and self._holds(saved, seen, verify=verify) else None
        except (ValueError, LookupError, TypeError, AttributeError):
            return None  # somebody else wrote the state

    def _holds(self, saved: Saved, seen: Snapshot, *, verify: bool) -> bool:
        """Whether the parts are there, and the file still is what they sum."""
        if not all(self.part(name).is_file() for names in saved.parts.values() for name in names):
            return False
        if saved.status == _status(seen) and not verify:
            return True
        return saved.end <= seen.size and _same_bytes(seen, saved.chunks)

    def part(self, name: str) -> Path:
        """Where a part lies."""
        return self.folder / name

    def save(
        self,
        connection: duckdb.DuckDBPyConnection,
        seen: Snapshot,
        tables: Mapping[str, str],
        known: Saved | None,
        summed: Saved,
    ) -> None:
        """Keeps what was summed; says nothing where that is not possible.

        Args:
            connection: where the tables are.
            seen: the file.
            tables: by rollup, the table of what was added to what was known.
            known: what was known before.
            summed: all of it, without parts.
        """
        if summed.line_counts.flagged.get(FUTURE):
            return  # what lies in the future today does not tomorrow
        with contextlib.suppress(OSError, duckdb.IOException), self._saving(seen):
            parts = {
                name: (*(known.parts[name] if known else ()), self._write(connection, table))
                for name, table in tables.items()
            }
            for name, files in parts.items():
                if len(files) > MOST_PARTS:
                    parts[name] = (self._joined(connection, name, files),)
            state = _state(summed, parts, self._key(seen), _status(seen))
            staged = self.folder / f"{STATE}.{uuid4().hex}"
            staged.write_text(json.dumps(state), encoding="utf-8")
            staged.replace(self.folder / STATE)

    def forget(self) -> None:
        """Gives up what is known: its parts cannot be read."""
        with contextlib.suppress(OSError):
            (self.folder / STATE).unlink()

    def release(self) -> None:
        """Lets others remove the parts that are no longer needed."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _key(self, seen: Snapshot) -> str:
        """What parts depend on beside the file: how it is read, and what is summed."""
        what = (
            FORMAT, duckdb.__version__, seen.header.names, sorted(self._reading.excluded_columns),
            self._reading.allow_credits, self._reading.timezone, self._reading.late_after_ms,
            [(name, rollup.sql) for name, rollup in ROLLUPS.items()],
        )  # fmt: skip
        return blake2b(repr(what).encode(), digest_size=16).hexdigest()

    def _state_held(self, seen: Snapshot) -> dict[str, Any] | None:
        """The state, None where there is none; its parts stay until `release` or the end of this process.

        Who comes while nobody else reads removes what the state does not name.
        """
        self.release()
        try:
            self._check_folder(seen)
            self._held = _lock_file(self.folder / READERS)
            if _locked(self._held, fcntl.LOCK_EX):
                self._tidy()
            fcntl.flock(self._held, fcntl.LOCK_SH)
            return self._state()
        except (OSError, ValueError):
            return None

    def _check_folder(self, seen: Snapshot) -> None:
        """Raises OSError where the folder is no folder, or somebody else's."""
        status = self.folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {os.geteuid(), seen.status.st_uid}:
            raise OSError(f"{self.folder} is not this user's folder")

    def _state(self) -> dict[str, Any]:
        """What `state.json` holds, its parts named as parts are.

        Raises:
            OSError: it cannot be read.
            ValueError: it is no state.
        """
        try:
            state = json.loads(read_regular(self.folder / STATE, _STATE_BYTES))
            parts = [part for listed in state["parts"].values() for part in listed]
            sound = all(_PART.fullmatch(part) for part in parts)
        except (RecursionError, KeyError, TypeError, AttributeError) as error:
            raise ValueError("it is no state") from error
        if not sound:
            raise ValueError("it names a file that is no part")
        return dict(state)

    def _tidy(self) -> None:
        """Removes parts that the state does not name; without a state nothing is known of them, so they stay."""
        try:
            used = {part for parts in self._state()["parts"].values() for part in parts}
        except (OSError, ValueError):
            return
        for path in self.folder.iterdir():
            if path.name not in used and _STRAY.fullmatch(path.name):
                path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _saving(self, seen: Snapshot) -> Iterator[None]:
        """One process saves at a time; who comes second does not wait.

        Raises:
            OSError: the folder cannot be written, or another process saves.
        """
        self.folder.mkdir(exist_ok=True)
        self._check_folder(seen)
        descriptor = _lock_file(self.folder / "save.lock", make=True)
        try:
            if not _locked(descriptor, fcntl.LOCK_EX):
                raise OSError("another process saves")
            self._share()
            yield
        finally:
            os.close(descriptor)

    def _share(self) -> None:
        """Holds the readers' lock, so that no other process removes the parts being written as strays."""
        if self._held is None:
            self._held = _lock_file(self.folder / READERS, make=True)
        fcntl.flock(self._held, fcntl.LOCK_SH)

    def _write(self, connection: duckdb.DuckDBPyConnection, relation: str) -> str:
        name = f"{uuid4().hex}.parquet"
        target = path_sql(self.part(name))
        connection.execute(f"copy (select * from {relation}) to {target} (format parquet, compression zstd)")
        return name

    def _joined(self, connection: duckdb.DuckDBPyConnection, name: str, files: tuple[str, ...]) -> str:
        parts = parquet_relation([self.part(file) for file in files])
        joined = f"({ROLLUPS[name].added_up(parts)})" if name in ROLLUPS else f"(select * from {parts})"
        return self._write(connection, f"{joined} as joined")


def _lock_file(path: Path, *, make: bool = False) -> int:
    """A descriptor to lock; no link is followed."""
    return os.open(path, os.O_RDWR | os.O_NOFOLLOW | (os.O_CREAT if make else 0), 0o644)


def _locked(descriptor: int, how: int) -> bool:
    """Takes a lock if that is possible at once."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def parquet_relation(paths: list[Path]) -> str:
    """The rows of some Parquet files, to stand in a FROM."""
    return reader_sql("read_parquet", paths)


def _status(seen: Snapshot) -> tuple[int, ...]:
    status = seen.status
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, seen.size


def _same_bytes(seen: Snapshot, chunks: tuple[Checked, ...]) -> bool:
    """Whether the file still holds the bytes that were summed."""
    descriptor = seen.file.fileno()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda part: checksum_of(descriptor, part.start, part.end) == part.checksum, chunks)
        return all(found)


def _state(
    summed: Saved, parts: Mapping[str, tuple[str, ...]], key: str, status: tuple[int, ...]
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "key": key,
        "status": status,
        "line_counts": asdict(summed.line_counts)
        | {"first": str(summed.line_counts.first or ""), "last": str(summed.line_counts.last or "")},
        "chunks": [asdict(chunk) for chunk in summed.chunks],
        "by_customer_hour": summed.by_customer_hour,
        "parts": parts,
    }


def _saved(state: Mapping[str, Any], key: str) -> Saved | None:
    if state["format"] != FORMAT or state["key"] != key or not state["chunks"]:
        return None
    line_counts = state["line_counts"]
    return Saved(
        LineCounts(
            **line_counts
            | {
                "first": datetime.fromisoformat(line_counts["first"]) if line_counts["first"] else None,
                "last": datetime.fromisoformat(line_counts["last"]) if line_counts["last"] else None,
                "lines": tuple(RejectedLine(**line) for line in line_counts["lines"]),
            }
        ),
        tuple(Checked(**chunk) for chunk in state["chunks"]),
        state["by_customer_hour"],
        {name: tuple(files) for name, files in state["parts"].items()},
        tuple(state["status"]),
    )
