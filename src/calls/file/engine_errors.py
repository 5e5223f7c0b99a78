"""Why something could not be read or written, in words."""

import os
import re

_NUMBER = re.compile(r'"errno"\s*:\s*"?(\d+)')
_KIND = re.compile(r"^[A-Z][A-Za-z ]+ Error: ")
"""What the engine writes before the reason."""


def reason_of(error: Exception) -> str:
    """The words of the system where the disk is full or fails, here or in the engine, else those of the engine."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error)
    number = _NUMBER.search(text)
    if number:
        return os.strerror(int(number[1]))
    return _KIND.sub("", next(iter(text.splitlines()), "")) or type(error).__name__
