"""The guide of workflows as blocks, and what the console says compared with them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

GUIDE = Path(__file__).with_name("workflow_guide.md")
_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{3,4} (?:Workflow: |Step \d: )?(?P<title>.*)$", re.MULTILINE)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
EXACT = ("Unique Customers", "Analyzed:", "Successful", "Failed", "port", "localhost", "Churned")
"""Lines whose numbers are a promise, not a sample."""


@dataclass(frozen=True)
class Block:
    """A fenced block: the workflow it belongs to, which one of it (from 1), and its text."""

    workflow: str
    place: int
    language: str
    text: str

    @property
    def key(self) -> tuple[str, int]:
        """Its name in tests and in docs/workflows.md."""
        return self.workflow, self.place


@cache
def blocks() -> dict[tuple[str, int], Block]:
    """All blocks of the guide, by workflow and place."""
    return {block.key: block for block in _parsed(GUIDE.read_text(encoding="utf-8"))}


def _parsed(text: str) -> Iterator[Block]:
    places: dict[str, int] = {}
    for match in _FENCE.finditer(text):
        workflow = [found["title"] for found in _HEADING.finditer(text, 0, match.start())][-1]
        places[workflow] = places.get(workflow, 0) + 1
        yield Block(workflow, places[workflow], match["language"], match["text"])


def text(workflow: str, place: int = 1) -> str:
    """The text of one block."""
    return blocks()[workflow, place].text


def missing_lines(shown: str, said: str) -> list[str]:
    """The lines of the guide's sample that the console does not say in their place, numbers aside.

    Between them the console may add indented lines of its own, and whole blocks where the guide says "..."; below
    the last one it may add anything. What else it says between them counts as missing, with a "+".
    """
    wanted = [_alike(line) for line in shown.splitlines()]
    elided, missing = False, []
    for line in map(_alike, said.splitlines()):
        if wanted and wanted[0].startswith("... "):
            elided = True
            del wanted[:2]  # the line after it is empty
        if not wanted:
            break
        if line == wanted[0]:
            del wanted[0]
            elided = False
        elif not elided and not line.startswith("   "):
            missing.append(f"+{line}")
    return missing + wanted


def _alike(line: str) -> str:
    line = line.rstrip()
    return line if any(word in line for word in EXACT) else _NUMBER.sub("#", line)
