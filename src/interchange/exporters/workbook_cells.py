"""How a cell of a workbook is written: by its unit, with the number format of that unit, and never as a formula.

Texts are written as texts whatever they begin with. One that Excel would run after a user edits the cell gets
the quote prefix besides, so that it stays a text.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from reporting.document import Cell, Unit, Value
from reporting.number_format import NOT_AVAILABLE, TEXT_UNITS

TEXT_LIMIT = 32_767
"""Characters (of UTF-16) that a cell can hold."""
NUMBER_FORMATS: Mapping[Unit, str] = {
    Unit.USD: "$#,##0.00;[Red]-$#,##0.00",
    Unit.USD_RATE: "$#,##0.000000;[Red]-$#,##0.000000",
    Unit.SHARE: "0.0%;[Red]-0.0%",
    Unit.COUNT: "#,##0",
    Unit.TOKENS: "#,##0",
    Unit.MILLISECONDS: "#,##0",
    Unit.TOKENS_PER_SECOND: "#,##0.0",
    Unit.DAYS: "#,##0.0",
    Unit.RATIO: "#,##0.00",
    Unit.DATE: "yyyy-mm-dd",
    Unit.HOUR: "yyyy-mm-dd hh:mm",
    Unit.TEXT: "General",
}
AT_LEAST, AT_MOST = '"≥ "', '"≤ "'
_BEGINS_DANGEROUS = frozenset("=+-@\t\r\n＝＋－＠'")
_NOT_IN_XML = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})
_RICH = ("<r>", "</r>")
"""The library takes a text with these ends for XML of its own."""


class Cells:
    """Writes cells of one workbook.

    `cut` counts the texts that were too long for a cell, `rounded` the numbers of calls with too many digits.
    """

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._styles: dict[tuple[tuple[str, object], ...], Any] = {}
        self.cut = 0
        self.rounded = 0

    def style(self, **properties: object) -> Any:
        """The format with these properties; each is made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            self._styles[key] = self._workbook.add_format(properties)
        return self._styles[key]

    def number_style(self, unit: Unit, *, bold: bool = False, bound: str = "") -> Any:
        """The format of a number of a unit, behind its bound if it has one."""
        return self.style(num_format=f"{bound}{NUMBER_FORMATS[unit]}", bold=bold)

    def value_style(self, value: Value, *, bold: bool = False) -> Any:
        """The format of a number with its unit and its bound."""
        bound = AT_LEAST if value.at_least else AT_MOST if value.at_most else ""
        return self.number_style(value.unit, bold=bold, bound=bound)

    def header(self, sheet: Any, row: int, column: int, text: str, unit: Unit = Unit.TEXT) -> None:
        """Writes a cell of a header row, aligned as the cells below it."""
        align = "left" if unit in TEXT_UNITS else "right"
        self.text(
            sheet, row, column, text,
            bold=True, text_wrap=True, valign="top", align=align, bg_color="#E8ECF6", bottom=1,
        )  # fmt: skip

    def text(self, sheet: Any, row: int, column: int, text: str, **properties: object) -> None:
        """Writes a text as a text."""
        if not properties and text[:1].isalnum() and text.isascii() and len(text) <= TEXT_LIMIT:
            sheet.write_string(row, column, text)  # most texts of most calls: nothing of what follows matters
            return
        shown = self._fitting(text)
        if shown[:1] in _BEGINS_DANGEROUS or shown[:1].isspace():
            properties["quote_prefix"] = True
        style = self.style(**properties) if properties else None
        if shown.startswith(_RICH[0]) and shown.endswith(_RICH[1]):
            sheet.write_rich_string(
                row, column, shown[:1], self.style(), shown[1:], *([style] if style else [])
            )
        else:
            sheet.write_string(row, column, shown, style)

    def cell(self, sheet: Any, row: int, column: int, cell: Cell, unit: Unit, *, bold: bool = False) -> None:
        """Writes a cell of a report's table; what is not known is "n/a", with the reason as a comment."""
        value = cell if isinstance(cell, Value) else Value(cell, unit)
        amount = value.amount
        if amount is None:
            align = {} if unit in TEXT_UNITS else {"align": "right"}
            self.text(sheet, row, column, NOT_AVAILABLE, **align)
            if value.reason:
                sheet.write_comment(row, column, value.reason)
        elif isinstance(amount, str):
            self.text(sheet, row, column, amount, **({"bold": True} if bold else {}))
        elif isinstance(amount, date):
            unit = Unit.HOUR if value.unit is Unit.HOUR else Unit.DATE
            sheet.write_datetime(row, column, as_instant(amount), self.number_style(unit, bold=bold))
        else:
            sheet.write_number(row, column, as_number(amount), self.value_style(value, bold=bold))

    def _fitting(self, text: str) -> str:
        """The text as a cell can hold it."""
        text = text.translate(_NOT_IN_XML)
        if 2 * len(text) <= TEXT_LIMIT or len(text.encode("utf-16-le")) <= 2 * TEXT_LIMIT:
            return text
        self.cut += 1
        return text.encode("utf-16-le")[: 2 * (TEXT_LIMIT - 1)].decode("utf-16-le", "ignore") + "…"


def as_number(amount: Decimal | float) -> float | int:
    """A number as Excel holds it, to fifteen digits."""
    return amount if isinstance(amount, int) else float(amount)


def as_instant(when: date) -> datetime:
    """A date or an instant as Excel holds it: without zone."""
    return when.replace(tzinfo=None) if isinstance(when, datetime) else datetime.combine(when, time())
