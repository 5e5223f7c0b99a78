"""The pages of the documentation and the command blocks in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.checkout import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
KINDS = ("runnable", "serves", "elsewhere")
_FENCE = re.compile(
    r"^```(?P<language>[a-z]*)(?: (?P<kind>\w+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the mark after it, and the page and line on which it begins."""

    page: Path
    line: int
    language: str
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(page, line, match["language"], match["kind"] or "", match["text"])


def commands(kind: str) -> list[Block]:
    """The command blocks of all pages that are marked so."""
    return [
        block for page in PAGES for block in blocks(page) if block.language == "bash" and block.kind == kind
    ]
