"""Why something could not be written, in words."""

import os
import re

_NUMBER = re.compile(r'"errno"\s*:\s*"?(\d+)')


def reason_of(error: Exception) -> str:
    """The system's words for what a full or failing disk raised, here or in the engine: "No space left on device"."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error)
    number = _NUMBER.search(text)
    if number:
        return os.strerror(int(number[1]))
    return next(iter(text.splitlines()), type(error).__name__)
