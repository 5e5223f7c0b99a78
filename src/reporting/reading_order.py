"""Sentences that hold names read in order: a name may hold signs that reverse what follows it, to the end of the line.

A cell of a table is set apart by the page and keeps its name as it is; filters and files need it so.
"""

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from reporting.document import Row

T = TypeVar("T")

CONTROLS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Embeddings, overrides and isolates of the bidirectional algorithm (UAX 9): they last until they are closed."""
_SENTENCES = frozenset(
    ("title", "text", "note", "summary", "finding", "answers", "why", "action", "subject", "intro", "against")
)


def ordered(sentence: str) -> str:
    """The sentence without signs that set the direction of what follows; letters keep their own direction."""
    return sentence.translate(CONTROLS)


def in_reading_order(part: T) -> T:
    """A document, or a part of one, all of whose sentences read in order; rows of tables stay as they are."""
    if not is_dataclass(part) or isinstance(part, type | Enum | Row):
        return part
    held = {entry.name: getattr(part, entry.name) for entry in fields(part)}
    read = {name: _read(value, sentence=name in _SENTENCES) for name, value in held.items()}
    changed = {name: value for name, value in read.items() if value is not held[name]}
    return replace(part, **changed) if changed else part


def _read(value: Any, *, sentence: bool) -> Any:
    """What a field holds, the very same where nothing changes."""
    if isinstance(value, str):
        return ordered(value) if sentence and value.translate(CONTROLS) != value else value
    if isinstance(value, tuple):
        found = tuple(_read(each, sentence=sentence) for each in value)
        return found if any(one is not other for one, other in zip(found, value, strict=True)) else value
    return in_reading_order(value)
