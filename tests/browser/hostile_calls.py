"""A file of calls in which every column holds every kind of text that could break out of a page."""

import csv
from pathlib import Path

from calls.schema import COLUMN_BY_NAME, REQUIRED_NAMES, Kind
from tests.calls.call_files import row

PAYLOADS = (
    "<script>window.PWNED=1</script>",
    '"><img src=x onerror=window.PWNED=1>',
    "</script><script>window.PWNED=1</script>",
    "</style></textarea><svg onload=window.PWNED=1>",
    "<!--<script>",
    "{{7*7}}${7*7}{%if 1%}",
    "javascript:window.PWNED=1",
    "' onx=window.PWNED=1 x='",
    "a\u2028b\u2029c",
    "abc\u202edef",
    "<!--/notice--><!--/menu-->",
    "&lt;b&gt;&amp;\\u003cb\\u003e",
    "long" * 1_250,
)
TEXTS = tuple(name for name in REQUIRED_NAMES if COLUMN_BY_NAME[name].kind is Kind.TEXT and name != "call_id")
NUMBERS = tuple(name for name in REQUIRED_NAMES if COLUMN_BY_NAME[name].kind is not Kind.TEXT)
NAMED_ON_PAGES = ("provider", "model", "customer_id", "organization_id", "feature_id", "task_type")
"""The columns whose values the reports name; the others are counted and grouped by, and seldom spelled out."""
FILE_NAME = "calls <script>window.PWNED=1<\u2215script> '\"><img src=x onerror=window.PWNED=1>.csv"
"""All that a file name can hold: no slash, hence another sign that looks like one."""


def marked(payload: str, column: str) -> str:
    """The payload as it stands in one column, so that it can be told from that of another."""
    return f"{payload} in {column}"


def hostile_rows() -> list[dict[str, str]]:
    """For each payload and text column three costly calls, for each payload and number column one line to be rejected."""
    made = [row(number, customer_id=f"plain{number % 7}", model=f"m{number % 3}") for number in range(300)]
    for payload in PAYLOADS:
        for column in TEXTS:
            for cost in ("7.25", "11.5", "3"):
                changes = {column: marked(payload, column), "cost_usd": cost}
                made.append(row(len(made), **changes))
        made += [
            row(len(made) + place, **{column: marked(payload, column)})
            for place, column in enumerate(NUMBERS)
        ]
        made.append(row(len(made), call_id=marked(payload, "call_id")))
    return made


def write_hostile(folder: Path) -> Path:
    """The file, under a hostile name."""
    path = folder / FILE_NAME
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, REQUIRED_NAMES, lineterminator="\n")
        writer.writeheader()
        writer.writerows(hostile_rows())
    return path
