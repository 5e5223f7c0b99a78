"""Texts that a spreadsheet would run as a formula, made harmless, and back again.

A program that opens a CSV file runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a line end, also after
blanks and quotes and in their full-width forms. Such a text gets a `'` before it. Since a text that already
begins with `'` and would be dangerous without it gets one too, taking one `'` off gives each text back as it was.
"""

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
