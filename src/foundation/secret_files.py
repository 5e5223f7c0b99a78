"""Passwords, keys and addresses of webhooks read from files (`--notify-file`): command lines are seen by all users."""

import stat
from pathlib import Path

from foundation.console import Console
from foundation.places import text_of


def secret_lines(path: Path, flag: str) -> list[str]:
    """The lines of a file of secrets, without blanks around them and without empty ones.

    A byte order mark, which some editors write, is no part of a secret. Warns where others can read the file.

    Raises:
        UsageError: the file cannot be read.
    """
    text = text_of(path, f"{flag} {path}")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and path.stat().st_mode & stat.S_IROTH:
        Console().warning(f"{path} can be read by every user of this machine: `chmod 600 {path}`.")
    return lines
