"""Every file of the showcase is explained, can be imported, and is run by a test of this folder."""

import ast
import importlib
import re
from pathlib import Path

import pytest

SHOWCASE = Path(__file__).resolve().parents[2] / "showcase"
FILES = sorted(path.relative_to(SHOWCASE) for path in SHOWCASE.rglob("*.py"))
SCRIPTS = [path for path in FILES if "__main__" in (SHOWCASE / path).read_text(encoding="utf-8")]
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_says_what_it_is_and_can_be_imported(path):
    document = ast.get_docstring(ast.parse((SHOWCASE / path).read_text(encoding="utf-8"))) or ""
    assert len(document) >= (30 if path.name == "__init__.py" else 60)
    assert document[0].isupper()
    name = ".".join(("showcase", *path.with_suffix("").parts)).removesuffix(".__init__")
    assert importlib.import_module(name).__doc__


@pytest.mark.parametrize("path", SCRIPTS, ids=str)
def test_a_script_is_run_by_a_test_and_listed_for_readers(path):
    called = path.stem.removeprefix("scenario_") if path.parts[0] == "scenarios" else path.name
    assert re.search(rf'["/]{re.escape(called)}["]', TESTS), f"no test runs {path}"
    assert (
        f"`{path}`" in (SHOWCASE / "README.md").read_text(encoding="utf-8")
        or path.name == "metering_server.py"
    )
