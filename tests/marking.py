"""Marks each test by what it reaches, so that no list of slow or heavy tests is kept by hand.

`make quick` leaves out every marker named here; what each means stands in pyproject.toml.
"""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

TESTS = Path(__file__).parent
REACHED = {
    "script": {"subprocess"},
    "browser": {"sync_playwright"},
    "spark": {"Spark", "SparkCalls", "pyspark"},
    "reference": {"scipy", "statsmodels"},
    "sdk": {"revenium_middleware"},
    "imports": {"run_import", "import_usage"},
}
"""A test gets a marker when it, a function of the tests that it calls or a fixture of it uses one of the names."""

STARTERS = ("script", "browser", "spark")
"""The markers of tests that may start a process."""


def mark(item: pytest.Function) -> None:
    """Adds to a test the markers that follow from the names that it reaches."""
    names = set().union(*(names_reached(function) for function in functions_of(item)))
    for marker, telling in REACHED.items():
        if names & telling:
            item.add_marker(marker)


def sort(items: list[pytest.Item]) -> None:
    """Puts what takes longest first, file by file: else one worker may end long after the others."""
    weights: dict[Path, tuple[float, ...]] = {}
    for item in items:
        weights[item.path] = max(weights.get(item.path, ()), weight(item))
    items.sort(key=lambda item: weights[item.path], reverse=True)


def weight(item: pytest.Item) -> tuple[float, ...]:
    """How long a test may take, as far as its markers say: a time limit of its own, slow, a process."""
    limit = item.get_closest_marker("timeout")
    names = {marker.name for marker in item.iter_markers()}
    return limit.args[0] if limit else 0, "slow" in names, len(names.intersection(STARTERS))


_running: list[pytest.Item] = []


@contextmanager
def running(item: pytest.Item) -> Iterator[None]:
    """Says that a test, its fixtures included, runs now."""
    _running.append(item)
    try:
        yield
    finally:
        _running.remove(item)


def refuse_unmarked_processes(event: str, _details: object) -> None:
    """Fails a test that starts a process but has no marker that says so (an audit hook, which stays)."""
    if event == "subprocess.Popen" and not all(
        any(item.get_closest_marker(name) for name in STARTERS) for item in _running
    ):
        raise AssertionError("a test that starts a process needs a marker: @pytest.mark.script")


def functions_of(item: pytest.Function) -> Iterator[Callable[..., Any]]:
    """The test's own function (Hypothesis wraps it), those of all its fixtures and the methods beside it."""
    wrapper = getattr(item.function, "hypothesis", None)
    yield wrapper.inner_test if wrapper else item.function
    for definitions in item._fixtureinfo.name2fixturedefs.values():
        yield from (definition.func for definition in definitions)
    for name, member in vars(item.cls or object).items():
        if isinstance(member, FunctionType | staticmethod) and not name.startswith("test"):
            yield member


@cache
def names_reached(function: Callable[..., Any]) -> frozenset[str]:
    """Every name that a function uses, itself or through functions of the tests."""
    names: set[str] = set()
    known: set[FunctionType] = set()
    waiting = list(functions_in(function))
    while waiting:
        one = waiting.pop()
        if one not in known and Path(one.__code__.co_filename).is_relative_to(TESTS):
            known.add(one)
            used = names_in(one.__code__)
            names |= used
            waiting += [found for name in used for found in functions_in(one.__globals__.get(name), used)]
    return frozenset(names)


def functions_in(value: object, used: frozenset[str] = frozenset()) -> Iterator[FunctionType]:
    """A function itself, the functions of a class, those of a module of the tests that are among `used`."""
    if isinstance(value, ModuleType):
        if value.__name__.startswith("tests."):
            yield from (found for name in used for found in functions_in(vars(value).get(name)))
    elif isinstance(value, type):
        yield from (found for member in vars(value).values() for found in functions_in(member))
    elif callable(value) or isinstance(value, property):
        inner = inspect.unwrap(value.fget if isinstance(value, property) else value)  # type: ignore[arg-type]
        if isinstance(inner, FunctionType):
            yield inner


def names_in(code: CodeType) -> frozenset[str]:
    """The names in a function and in the functions inside it; of an imported `a.b`, also `a`."""
    inner = [names_in(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    own = {part for name in code.co_names for part in (name, name.split(".")[0])}
    return frozenset(own.union(*inner))
