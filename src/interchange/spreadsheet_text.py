"""Texts that a spreadsheet would run as a formula, made harmless in exports, and back again.

A program that opens a CSV file runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a line end, also after
blanks and quotes and in their full-width forms. Such a text gets a `'` before it. Since a text that already
begins with `'` and would be dangerous without it gets one too, taking one `'` off gives each text back as it was.
"""

import unicodedata

_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
_DANGEROUS = r"^[\x01-\x20\x7f-\x{a0}\p{Z}\p{Cf}'']*[=+\-@\t\r\n＝＋－＠]"


def dangerous_sql(text: str) -> str:
    """SQL that is true where a spreadsheet might run the text that the expression gives."""
    return f"regexp_matches({text}, '{_DANGEROUS}')"


def guarded_sql(text: str) -> str:
    """SQL for the text as a spreadsheet can take it."""
    return f"case when {dangerous_sql(text)} then '''' || {text} else {text} end"


def unguarded_sql(text: str) -> str:
    """SQL for the text that `guarded_sql` was given."""
    rest = f"substr({text}, 2)"
    return f"case when {text} like '''%' and {dangerous_sql(rest)} then {rest} else {text} end"


def guarded(text: str) -> str:
    """The text as a spreadsheet can take it."""
    return f"'{text}" if _is_dangerous(text) else text


def _is_dangerous(text: str) -> bool:
    for sign in text:
        if sign in _SIGNS or sign in "\t\r\n":
            return True
        if not _is_skipped(sign):
            return False
    return False


def _is_skipped(sign: str) -> bool:
    """Whether a spreadsheet looks behind a sign."""
    code = ord(sign)
    hidden = unicodedata.category(sign) in ("Zs", "Zl", "Zp", "Cf")
    return sign == "'" or 1 <= code <= 0x20 or 0x7F <= code <= 0xA0 or hidden
