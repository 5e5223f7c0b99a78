"""Names of files as the engine takes them: a name means that one file, whatever characters it holds.

The engine takes `*`, `?` and `[` for a pattern, some names for addresses, opens only names in UTF-8, and reads columns
out of folders that are called `column=value`. Names that it takes as they stand go to it absolute; any other goes by
way of a symbolic link with a plain name, in a folder that is gone with this process.
"""

import atexit
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from threading import Lock

from calls.file.scratch import scratch_folder
from foundation.outcome import UserError
from foundation.sql_text import literal

_SIGNS = re.compile(r"[*?\[\\]")
_PREFIX = "calls-names-"
_PLAIN_FOLDER = "/tmp"  # noqa: S108  a folder of our own is made in it
_making = Lock()


def reader_sql(reader: str, paths: Iterable[Path | str], options: str = "") -> str:
    """The rows of files, to stand in a FROM.

    Args:
        reader: `read_csv`, `read_json`, `read_json_objects` or `read_parquet`.
        paths: the files.
        options: further arguments of the reader, as SQL.

    Raises:
        UserError: a name can only be read through a link, and there is no folder for it.
    """
    listed = ", ".join(path_sql(path) for path in paths)
    return f"{reader}([{listed}], hive_partitioning=false{options and f', {options}'})"


def path_sql(path: Path | str) -> str:
    """The name of a file as SQL, to read or to write; one that is to be written has a plain last part.

    Raises:
        UserError: as in `reader_sql`.
    """
    return literal(engine_path(path))


def engine_path(path: Path | str) -> str:
    """A name under which the engine finds a file or a folder.

    Raises:
        UserError: as in `reader_sql`.
    """
    whole = Path(path).absolute()
    if is_plain(str(whole)):
        return str(whole)
    if is_plain(whole.name):
        return str(_link(whole.parent) / whole.name)
    return str(_link(whole))


def is_plain(name: str) -> bool:
    """Whether the engine takes a name as it stands."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return not _SIGNS.search(name)


def _link(path: Path) -> Path:
    """A link to a path; the same one each time."""
    link = _folder(os.getpid()) / hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
    with suppress(FileExistsError):
        link.symlink_to(path)
    return link


def _folder(process: int) -> Path:
    with _making:
        return _made_folder(process)


@cache
def _made_folder(_: int) -> Path:
    """The folder of links of one process; a child that was forked makes its own."""
    usual = tempfile.gettempdir()
    stack = ExitStack()
    try:
        folder = stack.enter_context(
            scratch_folder(Path(usual if is_plain(usual) else _PLAIN_FOLDER), _PREFIX)
        )
    except OSError as error:
        raise UserError(
            f"No temporary folder could be made ({error.strerror}); name one that can be written with TMPDIR."
        ) from error
    atexit.register(stack.close)
    return folder
