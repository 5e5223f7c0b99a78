"""What the scripts of the showcase print: titles, paragraphs and aligned tables."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from decimal import Decimal

from foundation.console import printable

WIDTH = 100


def introduce(title: str, explanation: str) -> None:
    """What a script is about."""
    print(f"{title}\n{'═' * len(title)}\n{explanation.strip()}")


def heading(text: str) -> None:
    """A step of a demonstration, or a question."""
    print(f"\n{text}\n{'─' * len(text)}")


def say(text: str) -> None:
    """A paragraph."""
    print(textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows under their headings: numbers to the right, texts to the left."""
    cells = [[_shown(value) for value in row] for row in rows]
    numeric = [bool(cells) and all(_is_number(row[place]) for row in cells) for place in range(len(headings))]
    widths = [max(len(line[place]) for line in [list(headings), *cells]) for place in range(len(headings))]

    def line(parts: Sequence[str]) -> str:
        aligned = zip(parts, widths, numeric, strict=True)
        return "  ".join(
            part.rjust(width) if right else part.ljust(width) for part, width, right in aligned
        ).rstrip()

    return "\n".join([line(headings), line(["-" * width for width in widths]), *map(line, cells)])


def usd(amount: Decimal | None) -> str:
    """Dollars for the eye; "unknown" is said, never shown as 0."""
    return "unknown" if amount is None else f"{amount:,.2f}"


def share(part: Decimal | None, whole: Decimal | None) -> str:
    """A share in percent, or "n/a" where there is nothing to share."""
    return f"{100 * part / whole:.1f}%" if part is not None and whole else "n/a"


def _shown(value: object) -> str:
    """A value on one line of a terminal, whatever signs are in it."""
    return printable(_text(value)).replace("\n", "\\n")


def _text(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def _is_number(text: str) -> bool:
    return re.sub(r"[,.%$]", "", text).lstrip("-−+").isdigit() or text in {
        "unknown",
        "n/a",
    }
