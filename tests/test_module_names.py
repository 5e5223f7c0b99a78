"""A script's folder stands first on Python's path: what lies there must not hide a module of the standard library."""

import subprocess
import sys
from pathlib import Path

from tests.checkout import ROOT


def test_no_module_or_folder_of_ours_is_named_like_one_of_the_standard_library():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.py"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    paths = [Path(name) for name in listed.split("\0") if name]
    assert len(paths) > 300
    hiding = [
        path for path in paths for name in path.with_suffix("").parts if name in sys.stdlib_module_names
    ]
    assert not hiding
