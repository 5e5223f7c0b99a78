"""What a plainly good line of a file of calls looks like: a regular expression that takes runs of them at once.

It takes less than the rules of `calls.values` do, and nothing that they refuse.
"""

import re

from calls.schema import CHARGE_CATEGORIES, Column, Kind
from calls.values import CATEGORY

_MONTH_DAY = rb"(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_CLEAN = {
    Kind.TIMESTAMP: rb"20[0-9]{2}-" + _MONTH_DAY + rb"[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    rb"(?:\.[0-9]{1,9})?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?",
    Kind.COUNT: rb"[0-9]{1,18}",
    Kind.DECIMAL: rb"[0-9]{1,9}(?:\.[0-9]{1,9})?",
}


def plain_runs(columns: list[Column]) -> dict[bool, re.Pattern[bytes]]:
    """The rule of a run of plainly good lines, for blocks in UTF-8 and for blocks that are not (ASCII lines only)."""
    return {True: _run_rule(columns, b""), False: _run_rule(columns, rb"\x80-\xff")}


def _run_rule(columns: list[Column], refused: bytes) -> re.Pattern[bytes]:
    """Only single characters are repeated possessively: of groups, Python before 3.11.5 takes half a one too much."""
    line = b",".join(_field_rule(column, refused) for column in columns)
    return re.compile(rb"(?:" + line + rb"(?:\r\n|\n|\r))*")


def _field_rule(column: Column, refused: bytes) -> bytes:
    if column.name == CATEGORY:
        return rb"(?>" + "|".join((*CHARGE_CATEGORIES, "")).encode() + rb")"
    if column.kind is Kind.TEXT:
        least = b"1" if column.needed else b"0"
        plain = rb'[^",\r\n\x00' + refused + rb"]{" + least + rb",8192}+"
        wrapped = rb'"(?:[^"\r\n\x00' + refused + rb']|""){' + least + rb',8192}"'
        return rb"(?>" + wrapped + rb"|" + plain + rb")"
    value = _CLEAN[column.kind]
    return rb'(?>"' + value + rb'"|' + value + (rb")" if column.needed else rb"|)")
