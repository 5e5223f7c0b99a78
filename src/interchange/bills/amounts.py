"""Amounts as bills write them: one number format for a column, declared or proven, and exact to the last digit.

A comma may be a decimal sign or part thousands; a point too. A number such as 1,200.00 or 0.5 proves which; one
such as 1,234 does not. So the column decides, and where it cannot, the user is asked. Nothing is guessed.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from foundation.outcome import UsageError
from interchange.bills.charges import BadLine

FLAG = "--bill-decimal"


class DecimalSign(StrEnum):
    """What stands before the decimals of a column."""

    POINT = "point"
    COMMA = "comma"


_SYMBOLS = {"US$": "USD", "$": "USD", "€": "EUR", "£": "GBP"}
_MARK = r"US\$|\$|€|£|[A-Z]{3}"
_SIGNS = str.maketrans({"−": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'"})
_WRITTEN = re.compile(
    rf"(?P<open>\()?\s*(?P<before>[-+]?)\s*(?P<mark>{_MARK})?\s*(?P<inner>[-+]?)"
    rf"(?P<body>[0-9.,][0-9.,' ]*(?:[eE][-+]?[0-9]{{1,2}})?)\s*(?P<after>-?)\s*(?P<tail>{_MARK})?\s*(?P<close>\))?"
)
_NUMBER = {
    DecimalSign.POINT: re.compile(
        r"(?:[0-9]+|[1-9][0-9]{0,2}(?:([,' ])[0-9]{3})(?:\1[0-9]{3})*)?(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,2})?"
    ),
    DecimalSign.COMMA: re.compile(
        r"(?:[0-9]+|[1-9][0-9]{0,2}(?:([.' ])[0-9]{3})(?:\1[0-9]{3})*)?(?:,[0-9]*)?"
    ),
}
_LIMIT = Decimal(10) ** 12


_SIGN_IN_TEXT = re.compile(r"US\$|[$€£]")


def mark_in(heading: str) -> str:
    """The currency whose sign stands in the heading of a column, such as "Cost (€)"; '' if none does."""
    found = _SIGN_IN_TEXT.search(heading)
    return _SYMBOLS[found[0]] if found else ""


class Written:
    """An amount split into its sign, its digits and its currency ('' where it carries no mark)."""

    def __init__(self, text: str) -> None:
        """Splits a cell.

        Raises:
            BadLine: it is no amount.
        """
        shown = text.strip()
        match = _WRITTEN.fullmatch(shown.translate(_SIGNS).strip())
        if not shown:
            raise BadLine("the amount is empty")
        if match is None or bool(match["open"]) != bool(match["close"]):
            raise BadLine(f"the amount {shown!r} cannot be read")
        marks = {mark for mark in (match["mark"], match["tail"]) if mark}
        signs = [part for part in (match["open"], match["before"], match["inner"], match["after"]) if part]
        self.readings = _readings(match["body"].strip())
        if len(marks) > 1 or len(signs) > 1 or not self.readings:
            raise BadLine(f"the amount {shown!r} cannot be read")
        self.text = shown
        self.negative = bool(signs) and signs[0] != "+"
        self.currency = next((_SYMBOLS.get(mark, mark) for mark in marks), "")

    @property
    def proves(self) -> DecimalSign | None:
        """The decimal sign of which alone the amount can be; None where both fit."""
        return next(iter(self.readings)) if len(self.readings) == 1 else None

    @property
    def is_ambiguous(self) -> bool:
        """Whether the amount depends on what the decimal sign is."""
        return len(set(self.readings.values())) > 1

    def value(self, sign: DecimalSign) -> Decimal:
        """The amount.

        Raises:
            BadLine: it is not written with this decimal sign, or is beyond a trillion.
        """
        if sign not in self.readings:
            raise BadLine(f"the amount {self.text!r} is not written with a decimal {sign}, as its column is")
        amount = self.readings[sign]
        if amount >= _LIMIT:
            raise BadLine(f"the amount {self.text!r} is beyond a trillion")
        return -amount if self.negative and amount else amount


def _readings(body: str) -> dict[DecimalSign, Decimal]:
    if not any(sign.isdigit() for sign in body):
        return {}
    found = {}
    for sign, rule in _NUMBER.items():
        if rule.fullmatch(body):
            decimal = "." if sign is DecimalSign.POINT else ","
            digits = "".join(part for part in body if part.isdigit() or part in f"{decimal}eE+-")
            found[sign] = Decimal(digits.replace(",", "."))
    return found


def settled(name: str, column: str, cells: Iterable[tuple[int, str]]) -> DecimalSign:
    """The decimal sign of a column, as its own cells, with their line numbers, prove it.

    Raises:
        UsageError: cells prove both, or none proves any and it matters.
    """
    proofs: dict[DecimalSign, tuple[int, str]] = {}
    open_: tuple[int, str] | None = None
    for number, text in cells:
        try:
            written = Written(text)
        except BadLine:
            continue
        if written.proves:
            proofs.setdefault(written.proves, (number, text))
        elif written.is_ambiguous:
            open_ = open_ or (number, text)
    where = f"{name}: column {column}"
    if len(proofs) > 1:
        point, comma = proofs[DecimalSign.POINT], proofs[DecimalSign.COMMA]
        raise UsageError(
            f"{where} is written in two ways: {point[1].strip()!r} in line {point[0]}, {comma[1].strip()!r} in line "
            f"{comma[0]}; write it in one, or say which holds with {FLAG} point or {FLAG} comma."
        )
    if not proofs and open_:
        raise UsageError(
            f"{where} does not tell whether {open_[1].strip()!r} in line {open_[0]} has decimals or thousands; "
            f"say {FLAG} point or {FLAG} comma."
        )
    return next(iter(proofs), DecimalSign.POINT)
