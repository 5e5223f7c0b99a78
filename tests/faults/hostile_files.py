"""Files that nobody should import, made by a seed, and imports of them that are watched.

A file is drawn from its number alone: rubbish lines, one giant line, deep nesting, gzip bombs, other encodings, lines and
archives that break off, absurd numbers, millions of columns or keys, most of them behind a good record of one of the
formats, so that the importer of that format has to deal with the rest.
"""

import gzip
import json
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import duckdb

from tests.running import SRC

MEBIBYTE = 1 << 20
MEGABYTES_ALLOWED = 500
"""Of memory, for the import of any file."""
HARD_LIMIT = 3 << 30
"""Bytes that the process may ask for, so that a fault here does not take the machine with it."""
SECONDS_ALLOWED = 600
BLOCK = 1 << 18

RECORDS: dict[str, dict[str, Any]] = {
    "calls": {
        "timestamp": "2026-03-01T10:00:00Z", "provider": "openai", "model": "gpt-4o", "input_tokens": 10,
        "output_tokens": 5, "customer_id": "acme",
    },
    "claude-code": {
        "sessionId": "s", "uuid": "u", "type": "assistant", "timestamp": "2026-03-01T10:00:00Z", "requestId": "r",
        "message": {"id": "m", "model": "claude-sonnet-4-5", "usage": {"input_tokens": 10, "output_tokens": 5}},
    },
    "helicone": {
        "request_created_at": "2026-03-01T10:00:00Z", "response_status": 200, "request_id": "r", "provider": "OPENAI",
        "request_model": "gpt-4o", "prompt_tokens": 10, "completion_tokens": 5, "properties": {"app": "a"},
    },
    "langfuse": {
        "id": "o", "traceId": "t", "type": "GENERATION", "startTime": "2026-03-01T10:00:00Z", "model": "gpt-4o",
        "usageDetails": {"input": 10, "output": 5}, "metadata": {"app": "a"},
    },
    "litellm": {
        "request_id": "r", "call_type": "acompletion", "spend": 0.01, "startTime": "2026-03-01T10:00:00Z",
        "endTime": "2026-03-01T10:00:01Z", "model": "gpt-4o", "custom_llm_provider": "openai", "prompt_tokens": 10,
        "completion_tokens": 5, "request_tags": ["app:a"], "metadata": {"user": "u"}, "cache_hit": "False",
    },
    "openrouter": {
        "generation_id": "g", "model_permaslug": "openai/gpt-4o", "created_at": "2026-03-01T10:00:00Z",
        "provider_name": "OpenAI", "tokens_prompt": 10, "tokens_completion": 5, "cost_total": "0.01",
    },
    "revenium": {
        "transactionId": "t", "requestTime": "2026-03-01T10:00:00Z", "inputTokenCount": 10, "outputTokenCount": 5,
        "model": "gpt-4o", "provider": "openai", "subscriber": {"id": "s"},
    },
    "otel": {
        "resourceSpans": [{
            "resource": {"attributes": []},
            "scopeSpans": [{"scope": {"name": "s"}, "spans": [{
                "traceId": "t", "spanId": "s", "name": "chat", "kind": 3, "startTimeUnixNano": "1772359200000000000",
                "endTimeUnixNano": "1772359201000000000", "attributes": [
                    {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                    {"key": "gen_ai.provider.name", "value": {"stringValue": "openai"}},
                    {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}},
                    {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "10"}},
                    {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "5"}},
                ],
            }]}],
        }],
    },
}  # fmt: skip
"""A good record of each format."""
FLAT = [
    name for name, record in RECORDS.items() if not any(isinstance(v, dict | list) for v in record.values())
]

LINES = (
    '"',
    "x",
    ",",
    '""',
    '"a',
    "{",
    "[",
    "{}",
    "[]",
    "null",
    "1",
    "\0",
    "\\",
    ";",
    "\r",
    "",
    '{"',
    '{"a":',
    "'",
    "é",
)
"""Of which a million lines are no calls."""
SIGNS = ('"', "x", ",", "[", '{"a":', "1", "\0", " ", "\\", '"x",', "{}", "\t;", "\\u0000", "\udcff", "[1],")
"""Of which one line may be as long as the file."""
ODD_VALUES = (
    "9" * 400, "1e999999", "-1", "NaN", "Infinity", "-" + "9" * 18, "9" * 18, "0." + "0" * 400 + "1", "1_000", "\u0661\u0662",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-02-30", "=1+1", "\u202e", "\0", "[[[[", '{"a":',
)  # fmt: skip


@dataclass(frozen=True)
class Draw:
    """What a file is drawn with: its own chance, and about how many bytes it has, unpacked."""

    rng: random.Random
    size: int

    def record(self) -> dict[str, Any]:
        """A good record of some format."""
        return json.loads(json.dumps(RECORDS[self.rng.choice(list(RECORDS))]))  # type: ignore[no-any-return]

    def head(self, record: dict[str, Any]) -> str:
        """The beginning of a good file: a CSV with one row, a line of JSON, an open list, or nothing."""
        line = json.dumps(record)
        shapes = [line + "\n", "[" + line + ",\n", ""]
        if all(not isinstance(value, dict | list) for value in record.values()):
            shapes.append(",".join(record) + "\n" + ",".join(map(str, record.values())) + "\n")
        return self.rng.choice(shapes)


Maker = Callable[[Draw, IO[bytes]], None]
"""Writes a file."""


def repeated(out: IO[bytes], piece: str | bytes, size: int) -> None:
    """Writes a text again and again, up to about `size` bytes."""
    raw = piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape")
    block = raw * max(1, BLOCK // len(raw))
    for _ in range(max(1, size // len(block))):
        out.write(block)


def rubbish_lines(draw: Draw, out: IO[bytes]) -> None:
    """A good beginning, then short lines that are none."""
    out.write(draw.head(draw.record()).encode())
    repeated(out, draw.rng.choice(LINES) + draw.rng.choice(("\n", "\n", "\r\n", "\r")), draw.size // 16)


def giant_line(draw: Draw, out: IO[bytes]) -> None:
    """A good beginning, then a line without an end."""
    out.write(draw.head(draw.record()).encode())
    repeated(out, draw.rng.choice(SIGNS), draw.size)
    if draw.rng.random() < 0.5:
        out.write(b"\n")


def giant_value(draw: Draw, out: IO[bytes]) -> None:
    """A record of which one value is most of the file: a text, a number, a list or an object."""
    record = draw.record()
    before, after = json.dumps(record | {draw.rng.choice(list(record)): "@@"}).split('"@@"')
    opening, piece, closing = draw.rng.choice(
        (
            ('"', "x", '"'), ('"', "\\u0000", '"'), ("", "9", ""), ("[", "1,", "1]"), ('"', '\\"', '"'),
            ('[{"key":"k","value":{"stringValue":"v"}}', ',{"key":"k","value":{"stringValue":"v"}}', "]"),
        )
    )  # fmt: skip
    out.write((json.dumps(record) + "\n" + before + opening).encode())
    repeated(out, piece, draw.size)
    out.write((closing + after + "\n").encode())
    repeated(out, json.dumps(record) + "\n", 4096)


def giant_field(draw: Draw, out: IO[bytes]) -> None:
    """A CSV of which one field is most of the file, in quotes or not, with line ends in it or not."""
    record = RECORDS[draw.rng.choice(FLAT)]
    values = [str(value) for value in record.values()]
    place = draw.rng.randrange(len(values))
    quote = draw.rng.choice(('"', ""))
    out.write((",".join(record) + "\n" + ",".join(values) + "\n").encode())
    out.write((",".join(values[:place]) + "," * (place > 0) + quote).encode())
    repeated(out, draw.rng.choice(("x", "9", "\n", '""', "x\n")), draw.size)
    out.write((quote + "," + ",".join(values[place + 1 :]) + "\n" + ",".join(values) + "\n").encode())


def deep(draw: Draw, out: IO[bytes]) -> None:
    """Good records, and one in which a value is nested beyond all measure."""
    record = draw.record()
    before, after = json.dumps(record | {draw.rng.choice(list(record)): "@@"}).split('"@@"')
    opening, closing = draw.rng.choice((("[", "]"), ('{"a":', "}"), ('[{"a":', "}]"), ('{"metadata":', "}")))
    depth = draw.rng.choice((100, 500, 600, 980, 1_000, 5_000, 100_000, draw.size // 16))
    out.write(draw.head(record).encode())
    out.write(before.encode())
    repeated(out, opening, len(opening) * depth) if depth > BLOCK else out.write(opening.encode() * depth)
    out.write(b"1")
    repeated(out, closing, len(closing) * depth) if depth > BLOCK else out.write(closing.encode() * depth)
    out.write((after + "\n" + json.dumps(record) + "\n").encode())


def many_columns(draw: Draw, out: IO[bytes]) -> None:
    """A header of so many columns, of one name or of different ones, and rows below."""
    record = RECORDS[draw.rng.choice(FLAT)]
    count = draw.rng.choice((1_000, 20_000, draw.size // 64))
    name = draw.rng.choice(("c{}", "c", "", "timestamp", "C{}"))
    out.write(",".join([*record, *(name.format(place) for place in range(count))]).encode() + b"\n")
    row = (",".join(map(str, record.values())) + "," * count + "\n").encode()
    repeated(out, row, min(draw.size // 4, 200 * len(row)))


def many_keys(draw: Draw, out: IO[bytes]) -> None:
    """Records with ever other keys, or one with a million of them, or with one key again and again."""
    record = json.dumps(draw.record())
    out.write(record.encode() + b"\n" + record[:-1].encode())
    name, lines = draw.rng.choice(("k{}", "k", "timestamp", "metadata")), draw.rng.random() < 0.3
    for place in range(draw.size // 64):
        out.write(f", {json.dumps(name.format(place))}: {place}".encode())
        if lines:
            out.write(b"}\n" + record[:-1].encode())
    out.write(b"}\n")


def many_labels(draw: Draw, out: IO[bytes]) -> None:
    """Good calls, each with long texts of its own."""
    record = draw.record() | {"customer_id": "@@", "metadata": {"customer": "@@"}}
    line = json.dumps(record)
    for place in range(draw.size // 8192):
        out.write(line.replace("@@", f"{place:08d}" * 400).encode() + b"\n")


def odd_values(draw: Draw, out: IO[bytes]) -> None:
    """Records whose values are absurd, as texts and bare."""
    record = draw.record()
    for _ in range(min(20_000, draw.size // 512)):
        line = json.dumps(record | {draw.rng.choice(list(record)): "@@"})
        value = draw.rng.choice(ODD_VALUES)
        out.write(line.replace('"@@"', draw.rng.choice((json.dumps(value), value))).encode() + b"\n")


def other_encoding(draw: Draw, out: IO[bytes]) -> None:
    """A good CSV or JSON lines in an encoding that is not UTF-8."""
    record = RECORDS[draw.rng.choice(FLAT)]
    encoding = draw.rng.choice(
        ("utf-16", "utf-16-le", "utf-32", "cp1252", "cp037", "shift-jis", "utf-7", "utf-8-sig")
    )
    text = ",".join(record) + "\n" + (",".join(map(str, record.values())) + "é,\n") * 100
    repeated(out, text.encode(encoding, "replace"), draw.size // 4)


def noise(draw: Draw, out: IO[bytes]) -> None:
    """Bytes by chance behind the beginning of something."""
    signs = (
        b"",
        b"PAR1",
        b"\x1f\x8b\x08\x00",
        b"PK\x03\x04",
        b"[{",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"timestamp,model\n",
    )
    out.write(draw.rng.choice(signs))
    for _ in range(draw.size // 4 // BLOCK + 1):
        out.write(draw.rng.randbytes(BLOCK))


def bomb(draw: Draw, out: IO[bytes]) -> None:
    """A small archive of a file sixteen times as large as the others, or of such an archive."""
    inner = draw.rng.choice((*LINES, *SIGNS))
    end = draw.rng.choice(("\n", ""))
    with gzip.open(out, "wb", compresslevel=1) as packed:
        packed.write(draw.head(draw.record()).encode())
        repeated(packed, inner + end or "\n", max(16 * draw.size, 128 * MEBIBYTE))  # type: ignore[arg-type]


def broken_archive(draw: Draw, out: IO[bytes]) -> None:
    """An archive of good lines that breaks off, or has other bytes in its middle."""
    record = draw.record()
    packed = bytearray(gzip.compress((json.dumps(record) + "\n").encode() * max(1, draw.size // 4096), 1))
    middle = draw.rng.randrange(10, len(packed))
    if draw.rng.random() < 0.5:
        del packed[middle:]
    else:
        packed[middle : middle + 8] = draw.rng.randbytes(8)
    out.write(packed)


def parquet(draw: Draw, out: IO[bytes]) -> None:
    """A Parquet file of long texts or of many columns, whole, cut, or with other bytes somewhere."""
    many = draw.rng.random() < 0.5
    extra = (
        ", ".join(f"{place} as c{place}" for place in range(2_000)) if many else "repeat('x', 60000) as long"
    )
    rows = 50 if many else draw.size // 60_000
    path = Path(out.name + ".made")
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '200MB'")
        connection.execute(
            f"copy (select timestamp '2026-03-01' as timestamp, 'openai' as provider, 'gpt-4o' as model, "
            f"10 as input_tokens, 5 as output_tokens, {extra} from range({rows})) to '{path}' (format parquet)"
        )
    content = bytearray(path.read_bytes())
    path.unlink()
    damage = draw.rng.choice(("", "cut", "bytes", "footer"))
    if damage == "cut":
        del content[draw.rng.randrange(8, len(content)) :]
    elif damage:
        start = len(content) - 200 if damage == "footer" else 4
        middle = draw.rng.randrange(start, len(content) - 8)
        content[middle : middle + 6] = draw.rng.randbytes(6)
    out.write(content)


KINDS: tuple[Maker, ...] = (
    rubbish_lines, giant_line, giant_value, giant_field, deep, many_columns, many_keys, many_labels, odd_values,
    other_encoding, noise, bomb, broken_archive, parquet,
)  # fmt: skip


def make(folder: Path, seed: int, number: int, size: int) -> Path:
    """The file of a number: its kind goes in turns, what stands in it follows from seed and number."""
    maker = KINDS[number % len(KINDS)]
    draw = Draw(random.Random(f"{seed}-{number}"), size)
    path = folder / f"{number}-{maker.__name__.replace('_', '-')}"
    pack = maker not in (bomb, broken_archive, parquet) and draw.rng.random() < 0.25
    with path.open("wb") as out:
        if pack:
            with gzip.open(out, "wb", compresslevel=1) as packed:
                maker(draw, packed)  # type: ignore[arg-type]
        else:
            maker(draw, out)
    return path


@dataclass(frozen=True)
class Outcome:
    """How an import ended: exit code, what it said on stderr, and its peak of memory."""

    code: int
    said: str
    megabytes: float

    def trouble(self) -> str:
        """What is wrong with it, '' if nothing is."""
        if self.code not in (0, 1, 2, 3, 4):
            return f"ended with {self.code}: {self.said[-300:]}"
        if "Traceback" in self.said or (self.code and "❌" not in self.said):
            return f"no sentence: {self.said[-600:]}"
        if "Error: " in self.said or "memory" in self.said.lower():
            return f"the engine speaks: {self.said[-300:]}"
        return f"{self.megabytes:,.0f} MB" if self.megabytes >= MEGABYTES_ALLOWED else ""


PROGRAM = """
import atexit, re, runpy, sys
sys.argv = sys.argv[1:]
sys.path.insert(0, ".")
peak = re.compile(r"VmHWM:\\s+(\\d+)")
atexit.register(lambda: print("peak", peak.search(open("/proc/self/status").read())[1], file=sys.__stderr__))
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a script and says its peak of memory in KiB; what the system tells of a child begins with that of its parent."""


def imported(path: Path, target: Path, *flags: str) -> Outcome:
    """Imports a file in a process of its own, which may not ask for more than a limit."""
    capped = ("sh", "-c", f'ulimit -d {HARD_LIMIT >> 10}; exec "$0" "$@"', sys.executable, "-c", PROGRAM)
    command = [*capped, "import_usage.py", str(path), "--out", str(target), "--quiet", *flags]
    with subprocess.Popen(
        command, cwd=SRC, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        impatient = threading.Timer(SECONDS_ALLOWED, process.kill)
        impatient.start()
        said = process.communicate()[1].decode("utf-8", "replace")
        impatient.cancel()
    said, _, peak = said.rpartition("peak ")
    return Outcome(process.returncode, said, int(peak) / 1024 if peak.strip().isdigit() else 0.0)
