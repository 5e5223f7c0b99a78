"""The ids of a page's parts: each one of its own, and such as pages and addresses can hold."""

import re
from dataclasses import replace
from hashlib import sha256
from typing import Any

from reporting.document import Document

_UNSOUND = re.compile(r"[^A-Za-z0-9_.-]+")
_ID_LENGTH = 64
_PAGE_IDS = frozenset(
    (
        "main", "summary", "figures", "alerts", "recommendations", "methods", "data-quality", "filters", "help",
        "help-open", "help-title", "shortcuts-on", "announcer", "page-data", "stale-notice",
    )
)  # fmt: skip


def distinct(document: Document) -> Document:
    """The document with an id of its own for every section and block: blocks keep theirs, sections give way.

    What an id may not hold (names of customers come with blanks and signs) is replaced.
    """
    taken = set(_PAGE_IDS)
    blocks = [[_renamed(block, taken) for block in section.blocks] for section in document.sections]
    sections = tuple(
        replace(_renamed(section, taken), blocks=tuple(held))
        for section, held in zip(document.sections, blocks, strict=True)
    )
    cards = tuple(_renamed(card, taken, "card-") for card in document.cards)
    advice = tuple(_renamed(item, taken, "recommendation-") for item in document.recommendations)
    return replace(document, sections=sections, cards=cards, recommendations=advice)


def _renamed(part: Any, taken: set[str], prefix: str = "") -> Any:
    if not hasattr(part, "id"):
        return part
    first = sound_id(part.id)
    name, number = first, 2
    while f"{prefix}{name}" in taken:
        name, number = f"{first}-{number}", number + 1
    taken.add(f"{prefix}{name}")
    return replace(part, id=name)


def sound_id(text: str) -> str:
    """An id as pages and addresses can hold it: short, no blanks, no signs. Ids may be made of the calls' values."""
    plain = _UNSOUND.sub("-", text)[:_ID_LENGTH]
    return text if plain == text else f"{plain}-{sha256(text.encode()).hexdigest()[:8]}"
