"""Batches of calls become lines of the CSV: DuckDB spells codes out and prints, `calls.store` puts them in place."""

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import count, islice
from pathlib import Path

import duckdb

from calls.schema import COLUMN_NAMES
from calls.store import append_staged, overwrite_staged
from simulator.batch import Batch
from simulator.models import ROSTER
from simulator.tally import Tallier, Tally
from simulator.workload import ENVIRONMENTS, FEATURES, REGIONS

Draw = Callable[[], Batch]
"""Draws one batch; batches may be drawn in any order and at the same time."""

TIMESTAMP_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
USER_AGENTS: dict[str, str] = {
    "support_desk": "support-desk/4.2 python-httpx/0.28",
    "document_hub": "document-hub/2.9 okhttp/4.12",
    "writing_studio": "writing-studio/7.0 node-fetch/3.3",
    "insight_lab": "insight-lab/1.8 python-httpx/0.28",
    "code_pilot": "code-pilot/3.5 vscode/1.106",
}
"""The client by product."""


@dataclass(frozen=True)
class Spelling:
    """How the codes of one pattern are written out: `plans` are (plan, monthly USD) by archetype code."""

    pattern: str
    customers: int
    organizations: int
    plans: tuple[tuple[str, Decimal], ...]


def write_calls(
    draws: Iterable[Draw],
    spelling: Spelling,
    path: Path,
    *,
    append: bool,
    advance: Callable[[int], None] | None = None,
) -> Tally:
    """Draws batches and writes them to a file: staged beside it, put in place when complete.

    `advance` is told how many calls each batch had.
    """
    tallier = Tallier(spelling.customers)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".simulate-", dir=path.parent) as folder:
        staged = Path(folder) / path.name
        for batch in _staged(draws, spelling, staged):
            tallier.add(batch)
            if advance:
                advance(batch.size)
        _put_in_place(path, staged, append=append)
    return tallier.tally


def _put_in_place(path: Path, staged: Path, *, append: bool) -> None:
    if append:
        append_staged(path, staged)
    else:
        overwrite_staged(path, staged)


def _staged(draws: Iterable[Draw], spelling: Spelling, staged: Path) -> Iterator[Batch]:
    """Writes a file with a header and all batches in their order; yields each when it is written."""
    printer = Printer(staged.parent, _query(spelling))
    workers = os.cpu_count() or 1
    with staged.open("wb", buffering=0) as target, ThreadPoolExecutor(workers) as pool:
        target.write((",".join(COLUMN_NAMES) + "\n").encode())
        for batch, piece in _in_order(pool, (partial(printer.drawn, draw) for draw in draws), workers):
            _append_file(target.fileno(), piece)
            piece.unlink()
            yield batch


def _in_order(
    pool: ThreadPoolExecutor, tasks: Iterator[Callable[[], tuple[Batch, Path]]], ahead: int
) -> Iterator[tuple[Batch, Path]]:
    """The results of tasks in their order, with no more than `ahead` tasks begun before they are asked for."""
    begun = deque(pool.submit(task) for task in islice(tasks, ahead))
    while begun:
        result = begun.popleft().result()
        begun.extend(pool.submit(task) for task in islice(tasks, 1))
        yield result


class Printer:
    """Prints batches into files of a folder, several at a time."""

    def __init__(self, folder: Path, query: str) -> None:
        self._folder, self._query = folder, query
        self._connection = duckdb.connect()
        self._numbers = count()

    def drawn(self, draw: Draw) -> tuple[Batch, Path]:
        """Draws a batch and prints its lines into a file of its own."""
        batch = draw()
        piece = self._folder / f"{next(self._numbers)}.piece"
        columns = dict(vars(batch))
        columns["time_us"] = batch.time_us.astype("datetime64[us]")
        with self._connection.cursor() as cursor:
            # DuckDB's own bar would land in our stdout.
            cursor.execute("SET enable_progress_bar = false")
            cursor.register("batch", columns)
            cursor.execute(f"COPY ({self._query}) TO '{_quoted(str(piece))}' (FORMAT csv, HEADER false)")
        return batch, piece


def _append_file(target: int, piece: Path) -> None:
    """Appends a file to an open one, within the kernel."""
    with piece.open("rb") as source:
        size, offset = os.fstat(source.fileno()).st_size, 0
        while offset < size:
            offset += os.sendfile(target, source.fileno(), offset, size - offset)


def _query(spelling: Spelling) -> str:
    columns = _columns(spelling)
    return "SELECT " + ", ".join(f'{columns[name]} AS "{name}"' for name in COLUMN_NAMES) + " FROM batch"


def _columns(spelling: Spelling) -> dict[str, str]:
    """The SQL expression behind each column of the CSV."""
    pattern = spelling.pattern
    organizations = [f"org-{pattern}-{number + 1:02d}" for number in range(spelling.organizations)]
    return {
        "timestamp": f"strftime(time_us, '{TIMESTAMP_FORMAT}')",
        "call_id": "'call_' || lower(hex(call_key))",
        "provider": _listed("model", [model.provider for model in ROSTER]),
        "model": _listed("model", [model.model for model in ROSTER]),
        "input_tokens": "input_tokens",
        "output_tokens": "output_tokens",
        "cost_usd": "cast(cost_nano_usd AS DECIMAL(18,0)) * cast('0.000000001' AS DECIMAL(9,9))",
        "latency_ms": "latency_ms",
        "customer_id": f"'{pattern}-' || (customer + {_customer_base(spelling.customers)})",
        "subscription_tier": _listed("archetype", [plan for plan, _ in spelling.plans]),
        "organization_id": _listed("organization", organizations),
        "product_id": _listed("feature", [feature.product for feature in FEATURES]),
        "feature_id": _listed("feature", [feature.name for feature in FEATURES]),
        "task_type": _listed("feature", [feature.task for feature in FEATURES]),
        "environment": _listed("environment", [name for name, _ in ENVIRONMENTS]),
        "request_id": "'req_' || lower(hex(request_key))",
        "trace_id": "lower(hex(trace_key) || hex(session_key))",
        "session_id": "'sess_' || lower(hex(session_key))",
        "user_agent": _listed("feature", [USER_AGENTS[feature.product] for feature in FEATURES]),
        "cached_input_tokens": "cached_tokens",
        "cache_write_tokens": "cache_write_tokens",
        "reasoning_tokens": "reasoning_tokens",
        "status": "CASE WHEN failed THEN 'error' ELSE 'success' END",
        "region": _listed("region", list(REGIONS)),
        "tier_price_usd": _listed("archetype", [f"{price:f}" for _, price in spelling.plans]),
        "cost_source": "'computed'",
        "time_to_first_token_ms": "nullif(first_token_ms, -1)",
    }


def _customer_base(customers: int) -> int:
    """Where customer numbers start, so that all have the same length: 1001, 1002, ..."""
    return int(max(1_000, 10 ** len(str(customers)))) + 1


def _listed(code: str, texts: list[str]) -> str:
    """A look-up in a list of texts, which DuckDB does much faster than a join or a CASE."""
    return f"[{', '.join(chr(39) + _quoted(text) + chr(39) for text in texts)}][{code} + 1]"


def _quoted(text: str) -> str:
    return text.replace("'", "''")
