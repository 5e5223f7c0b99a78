"""Writes what the documentation takes from the code, so that it cannot drift: `make docs`.

A page holds blocks between `<!-- generated: NAME [ARGUMENT] -->` and `<!-- end -->`; each is replaced by what
`BLOCKS` makes of it. JSON Schemas of the manifest and the JSON reports go to docs/schema/. With `--check` nothing is
written, and 1 is returned where something would change.
"""

import argparse
import ast
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from analyzers.comparison.page import ID as COMPARISON
from analyzers.comparison.result import Comparison
from analyzers.instances import analyzers
from calls.schema import OPTIONAL_COLUMNS, REQUIRED_COLUMNS, RUN_COLUMNS, TERM_COLUMNS, Column
from foundation.outcome import ExitCode
from interchange.importers.detection import PLAIN, sources
from interchange.importers.formats import table as table_format
from reporting.json_schema import json_report_schema, manifest_schema, quality_schema
from settings import model
from settings.constraints import Key, Means, OneOf, Within

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
_BLOCK = re.compile(
    r"(<!-- generated: (?P<name>\w+)(?: (?P<argument>\S+))? -->\n).*?(<!-- end -->)", re.DOTALL
)


def pages() -> list[Path]:
    """The pages that may hold generated blocks."""
    return [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


def generated() -> dict[Path, str]:
    """Every generated file with the content it should have."""
    files = {page: _BLOCK.sub(_filled, page.read_text(encoding="utf-8")) for page in pages()}
    return files | {DOCS / "schema" / f"{name}.schema.json": text for name, text in schemas().items()}


def schemas() -> dict[str, str]:
    """The JSON Schemas by the name of the file that they describe."""
    described = {
        "manifest": manifest_schema(),
        "data_quality": quality_schema(),
        COMPARISON: json_report_schema(COMPARISON, Comparison),
    }
    described |= {entry.id: json_report_schema(entry.id, result_of(entry)) for entry in analyzers()}
    return {name: json.dumps(schema, indent=1) + "\n" for name, schema in described.items()}


def result_of(analyzer: Any) -> type:
    """The dataclass that an analyzer returns."""
    kind: type = get_type_hints(type(analyzer).analyze)["return"]
    return kind


def _filled(match: re.Match[str]) -> str:
    argument = (match["argument"],) if match["argument"] else ()
    text = BLOCKS[match["name"]](*argument)
    return f"{match[1]}{text}\n{match[4]}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells may not hold a line break."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def help_text(script: str) -> str:
    """What `SCRIPT --help` prints, 80 columns wide."""
    command = [str(ROOT / script)] if script.endswith(".sh") else [sys.executable, str(ROOT / script)]
    done = subprocess.run(
        [*command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "PYTHON_COLORS": "0"},
    )
    return f"```text\n{done.stdout.rstrip()}\n```"


def columns(which: str) -> str:
    """The columns that every file has, those that a file may have, those of runs, or those of the terms of a price."""
    chosen = {
        "required": REQUIRED_COLUMNS,
        "optional": OPTIONAL_COLUMNS,
        "runs": RUN_COLUMNS,
        "terms": TERM_COLUMNS,
    }[which]
    return table(("column", "type", "unit", "plausible range", "meaning"), map(_column, chosen))


def _column(column: Column) -> tuple[str, ...]:
    bounds = "" if column.low is None else f"{column.low:,} to {column.high:,}"
    needed = "; **must be there**" if column.needed else ""
    return f"`{column.name}`", column.kind.value, column.unit, bounds, column.meaning + needed


def exit_codes() -> str:
    """What an exit status means."""
    source = inspect.getsource(ExitCode)
    said = dict(re.findall(r'^    (\w+) = \d+\n    """(.*?)"""', source, re.MULTILINE | re.DOTALL))
    return table(("code", "meaning"), ((str(code.value), said[code.name].rstrip(".")) for code in ExitCode))


def reports() -> str:
    """The reports there are, with the question that each answers."""
    rows = (
        (str(entry.order), f"`{entry.filename}`", entry.question, entry.description, f"`{_script(entry)}`")
        for entry in analyzers()
    )
    return table(("", "page", "question", "what it shows", "script"), rows)


def _script(analyzer: Any) -> str:
    return "src/" + type(analyzer).__module__.replace(".", "/") + ".py"


def settings() -> str:
    """Every key of settings.toml with its bounds, by section."""
    parts = []
    for name, kind in get_type_hints(model.Sections).items():
        listed = not inspect.isclass(kind) or kind.__module__ != model.__name__
        section = get_args(kind)[0] if listed else kind
        head = f"### `[[{name}]]`" if listed else f"### `[{name}]`"
        hints = get_type_hints(section, include_extras=True)
        parts.append(
            f"{head}\n\n" + table(("key", "type", "allowed", "meaning"), map(_setting, hints.items()))
        )
    return "\n\n".join(parts)


def _setting(item: tuple[str, Any]) -> tuple[str, ...]:
    name, annotation = item
    kind, *notes = get_args(annotation)
    means = next(note.text for note in notes if isinstance(note, Means))
    allowed = next((_allowed(note) for note in notes if isinstance(note, Within | OneOf)), "")
    key = next((note.name for note in notes if isinstance(note, Key)), name)
    return f"`{key}`", _type_words(kind), allowed, means


def _type_words(kind: Any) -> str:
    """A type as somebody who writes TOML thinks of it."""
    plain = {int: "whole number", Decimal: "number", str: "text", date: "date"}
    if kind in plain:
        return plain[kind]
    inner = get_args(kind)
    if NoneType in inner:
        return f"{plain[inner[0]]}, if any"
    return f"table of {plain[inner[1]]}s" if get_origin(kind) is dict else f"list of {plain[inner[0]]}s"


def _allowed(note: Within | OneOf) -> str:
    if isinstance(note, OneOf):
        return ", ".join(f"`{value}`" for value in note.allowed)
    return f"{note.low:,} to {note.high:,}"


def modules() -> str:
    """Every file of src/, viewer/ and showcase/ by folder, with the first sentence of what it says it is for."""
    folders = (folder for top in ("src", "viewer", "showcase") for folder in _packages(top))
    return "\n\n".join(filter(None, map(_folder, folders)))


def _packages(top: str) -> list[Path]:
    """The folders of code below one, itself included."""
    found = {path.parent for path in (ROOT / top).rglob("*") if path.suffix in (".py", *OPENINGS, ".j2")}
    return sorted(path for path in found if not {"reports", "data"} & {*path.relative_to(ROOT).parts})


def _folder(folder: Path) -> str:
    """A folder as a heading, what it is for, and a line a file; templates, which only names tell apart, on one line."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name != "__init__.py"]
    lines = [f"- `{path.name}`: {said}" for path in files if (said := _purpose(path))]
    if templates := [f"`{path.name}`" for path in files if path.suffix == ".j2"]:
        lines.append(f"- {', '.join(templates)}: the HTML of each")
    package = folder / "__init__.py"
    about = [_purpose(package)] if package.exists() else []
    return "\n\n".join([f"### `{folder.relative_to(ROOT)}/`", *about, "\n".join(lines)]) if lines else ""


OPENINGS = {".js": "//", ".css": "/*", ".sh": "#", ".toml": "#", ".csv": "#", ".sql": "--"}
"""The mark of the comment with which a file that is no Python says what it is for."""


def _purpose(path: Path) -> str:
    """The first sentence of the docstring of a module, or of the comment that another file begins with."""
    if path.suffix == ".py":
        return _docstring(path)
    if path.suffix not in OPENINGS:
        return ""
    mark, lines = OPENINGS[path.suffix], path.read_text(encoding="utf-8").splitlines()
    opening = takewhile(lambda line: line.startswith((mark, "   ")), lines[lines[0][:2] == "#!" :])
    said = " ".join(line.strip("/*#- ") for line in opening)
    return said.split(". ")[0].split(" shellcheck ")[0].rstrip(".")


def patterns() -> str:
    """The traffic patterns with the first line of their docstrings."""
    names = ["simulator.core", *(f"simulator.scenarios.{path.stem}" for path in
             sorted((ROOT / "src" / "simulator" / "scenarios").glob("[!_]*.py")))]  # fmt: skip
    rows = ((f"`src/{name.replace('.', '/')}.py`", _first_line(name)) for name in names)
    return table(("script", "pattern"), rows)


def importers() -> str:
    """The source formats with the first sentence of their docstrings, files of no tool last."""
    rows = []
    for source in sorted(sources(), key=lambda entry: entry is table_format):
        names = PLAIN if source is table_format else [source.FORMATS[0].name]
        rows.append((", ".join(f"`{name}`" for name in names), _first_line(source.__name__)))
    return table(("format", "what it reads"), rows)


def _first_line(module: str) -> str:
    """The first sentence of a module's docstring, read without importing it."""
    parts = module.split(".")
    root = ROOT if parts[0] in {"viewer", "showcase"} else ROOT / "src"
    path = root.joinpath(*parts)
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return _docstring(source)


def _docstring(source: Path) -> str:
    text = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return text.split("\n\n", maxsplit=1)[0].replace("\n", " ").rstrip(".")


def dependencies(extra: str = "") -> str:
    """What pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return ", ".join(f"`{name}`" for name in wanted)


def schema_files() -> str:
    """The JSON Schemas with what they describe."""
    folders = {"manifest": "html/manifest.json", COMPARISON: f"{COMPARISON}.json"}
    rows = (
        (
            f"[`schema/{name}.schema.json`](schema/{name}.schema.json)",
            f"`reports/{folders.get(name, f'json/{name}.json')}`",
        )
        for name in sorted(schemas())
    )
    return table(("schema", "of"), rows)


BLOCKS: dict[str, Callable[..., str]] = {
    "help": help_text,
    "columns": columns,
    "exit_codes": exit_codes,
    "reports": reports,
    "settings": settings,
    "modules": modules,
    "patterns": patterns,
    "importers": importers,
    "dependencies": dependencies,
    "schema_files": schema_files,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the files that differ, or names them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, exit with 1 where something differs"
    )
    options = parser.parse_args(argv)
    stale = {path: text for path, text in generated().items() if not _holds(path, text)}
    for path, text in stale.items():
        print(f"{'differs' if options.check else 'written'}: {path.relative_to(ROOT)}")
        if not options.check:
            path.write_text(text, encoding="utf-8")
    return int(bool(stale) and options.check)


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
