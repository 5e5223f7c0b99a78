"""JSON lines put in the order of their times, for files whose lines say what holds for those after them."""

import re
from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from interchange.importers.reading.containers import Container
from interchange.importers.reading.text_encodings import unpacked

if TYPE_CHECKING:
    import numpy as np

_TIME = re.compile(rb'"timestamp" *: *"([^"]{1,40})"')
_HEAD_BYTES = 4_096


def in_time(container: Container, workdir: Path) -> Container:
    """The same lines in a temporary file, the oldest first; a line without a time stays behind the one before it.

    Lines of one time keep their order, or are turned round in a file that begins with its newest line.
    """
    import numpy as np  # noqa: PLC0415  slow to import, and few files need it

    plain, target = workdir / "lines.jsonl", workdir / "in-time.jsonl"
    ends, times = array("q", [0]), []
    with unpacked(container.path, container.compressed) as source, plain.open("wb") as copy:
        last = b""
        for line in source:
            copy.write(line if line.endswith(b"\n") else line + b"\n")
            ends.append(copy.tell())
            said = _TIME.search(line[:_HEAD_BYTES])
            last = said[1] if said else last
            times.append(last)
    order = _order(np.array(times))
    with plain.open("rb") as source, target.open("wb") as out:
        for place in order:
            source.seek(ends[place])
            out.write(source.read(ends[place + 1] - ends[place]))
    plain.unlink()
    return replace(container, path=target, compressed=False)


def _order(times: "np.ndarray") -> Iterator[int]:
    """The places of lines by their time."""
    if len(times) and times[0] > times[-1]:
        yield from (len(times) - 1 - place for place in times[::-1].argsort(kind="stable"))
    else:
        yield from times.argsort(kind="stable")
