"""Who may import whom: each room knows those it stands on, and no import runs in a circle.

Every import counts, wherever it stands: in a function, under TYPE_CHECKING, or as `import_module("a.name")`. One for
type checking alone costs nothing at run time, but its module cannot be read without the other either.
"""

import ast
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from analyzers.registry import REPORTS
from tests.checkout import ROOT

MAY_KNOW: dict[str, str] = {
    "foundation": "",
    "calls": "foundation",
    "settings": "foundation",
    "methods": "foundation",
    "reporting": "foundation calls",
    "analyzers": "foundation calls settings methods reporting",
    "analysis": "foundation calls settings reporting analyzers delivery",
    "analyzers.finops": "foundation calls settings methods reporting analyzers analysis",
    "analyzers.ubr": "foundation calls settings methods reporting analyzers analysis",
    "delivery": "foundation reporting",
    "interchange": "foundation calls settings reporting",
    "simulator": "foundation calls settings",
    "viewer": "foundation calls settings reporting",
    "scripts": "foundation calls settings reporting analyzers analysis delivery interchange simulator",
    "showcase": "foundation calls settings methods analyzers analyzers.finops analyzers.ubr interchange simulator scripts",
}
"""The rooms that a room may know besides itself. `scripts` are those at the top of src/; the reports are scripts too."""

FOLDERS = tuple(f"analyzers.{where.partition(':')[0].rpartition('.')[2]}" for where in REPORTS.values())
"""What belongs to one report: the folder named as its script."""

LAYERS: tuple[str, ...] = (
    "calls.schema calls.selection calls.dimensions",
    "calls.cost_gaps",
    "calls.source",
    "calls.values calls.protocol",
    "calls.file",
    "calls.reading calls.writing calls.rollups",
    "calls.filters calls.duckdb_calls",
    "calls.arguments calls.engine",
    "calls.large_files calls.parquet",
    "calls.spark",
    "calls.engine_choice",
    "analyzers.registry",
    "analyzers.base analyzers.usage",
    "analyzers.ledger",
    "analyzers.instances analyzers.words analyzers.revenue",
    "analyzers.budgets",
    "analyzers.advice",
    " ".join(("analyzers.comparison", *FOLDERS)),
)
"""Parts of `calls` and of `analyzers`, the lowest first: a part may know those below it, and none in its own row.

So no report knows another: what two need is moved to a room below.
"""

Graph = Mapping[str, Iterable[str]]
LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names.split()}


def room_of(module: str) -> str:
    """The room of a module: the longest name in `MAY_KNOW` that fits, else the scripts."""
    return _longest(module, MAY_KNOW) or "scripts"


def part_of(module: str) -> str:
    """The part of a room that a module belongs to; "" for the package that only leads to its parts."""
    return _longest(module, LEVELS)


def _longest(module: str, names: Container[str]) -> str:
    parts = module.split(".")
    fitting = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((name for name in fitting if name in names), "")


def broken(imports: Graph) -> list[str]:
    """Each import that breaks a rule, as a sentence."""
    return [
        told for module, others in imports.items() for other in others if (told := _broken(module, other))
    ]


def _broken(module: str, other: str) -> str:
    mine, its = room_of(module), room_of(other)
    if mine != its and its not in MAY_KNOW[mine].split():
        return f"{module} imports {other}: {mine} may not know {its}"
    part, others = part_of(module), part_of(other)
    if mine == its and part and others and part != others and LEVELS[part] <= LEVELS[others]:
        return f"{module} imports {other}: {part} does not stand above {others}"
    return ""


def circle(imports: Graph) -> list[str]:
    """Modules that import each other in a circle; none if there is no circle."""
    try:
        TopologicalSorter({module: set(others) - {module} for module, others in imports.items()}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@cache
def modules() -> dict[str, Path]:
    """The file of each module that can be imported."""
    found = {}
    for root, top in ((ROOT / "src", "**"), (ROOT, "viewer/**"), (ROOT, "showcase/**")):
        for path in root.glob(f"{top}/*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def graph() -> dict[str, frozenset[str]]:
    """What each module imports of the others."""
    return {
        name: frozenset(imported(ast.parse(path.read_text(encoding="utf-8"))))
        for name, path in modules().items()
    }


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that a module names."""
    for node in ast.walk(tree):
        names: list[str] = []
        match node:
            case ast.Import(names=aliases):
                names = [alias.name for alias in aliases]
            case ast.ImportFrom(module=str(base), names=aliases):
                under = [f"{base}.{alias.name}" for alias in aliases]
                names = [name if name in modules() else base for name in under]
            case ast.Call(func=ast.Name(id="import_module"), args=[ast.Constant(value=str(name))]):
                names = [name]
        yield from (name for name in names if name in modules())


def test_imports_run_downward():
    assert broken(graph()) == []


def test_nothing_is_imported_in_a_circle():
    assert circle(graph()) == []


def test_every_module_has_a_room_and_every_room_a_module():
    tops = {path.stem for path in (ROOT / "src").glob("*.py")}
    assert {name for name in modules() if room_of(name) == "scripts"} == tops
    assert MAY_KNOW.keys() == {room_of(name) for name in modules()}
    assert LEVELS.keys() == {part_of(name) for name in modules()} - {""}
    leading = {"calls", "analyzers"}
    assert {name for name in modules() if room_of(name) in leading and not part_of(name)} == leading


def test_the_rules_themselves_hold_no_circle():
    assert circle({room: known.split() for room, known in MAY_KNOW.items()}) == []


@pytest.mark.parametrize(
    ("module", "other"),
    [
        ("calls.engine", "settings.model"),
        ("calls.reading.loading", "calls.engine"),
        ("methods.anomaly", "calls.engine"),
        ("settings.model", "reporting.document"),
        ("reporting.manifest", "analyzers.registry"),
        ("analyzers.usage.sums", "simulator.core"),
        ("analyzers.realtime.page", "analyzers.understanding.change"),
        ("analyzers.usage.sums", "analysis.run"),
        ("simulator.core", "analyzers.registry"),
        ("viewer.server", "analyzers.registry"),
        ("analysis.run", "run_all_analyzers"),
    ],
)
def test_a_rule_that_is_broken_is_told(module: str, other: str):
    assert {module, other} <= modules().keys()
    (told,) = broken({module: [other]})
    assert told.startswith(f"{module} imports {other}: ")


def test_a_circle_is_told():
    assert set(circle({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]})) == {"a", "b", "c"}


def test_imports_are_found_wherever_they_stand():
    source = """
import calls.engine
from calls.file import header
from settings.model import Settings
if TYPE_CHECKING:
    from reporting.document import Document
def later():
    from methods import slo
    import_module("analysis.stages")
"""
    assert set(imported(ast.parse(source))) == {
        "calls.engine", "calls.file.header", "settings.model", "reporting.document", "methods.slo",
        "analysis.stages",
    }  # fmt: skip
