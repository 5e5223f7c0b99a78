"""That a test has the markers that follow from what it does, and cannot start a process without one."""

import webbrowser
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from tests import marking
from tests.calls.spark import test_spark
from tests.methods import test_student_t
from tests.running import run_script


def test_what_uses_a_fixture_that_runs_a_script_is_marked(request: pytest.FixtureRequest, small_csv: Path):
    assert small_csv.exists()
    assert [mark.name for mark in request.node.iter_markers()] == ["script"]


def by_way_of_another() -> None:
    def inner() -> None:
        run_script("reconcile.py")

    inner()


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (by_way_of_another, "subprocess"),
        (test_student_t.test_the_tail_is_scipys, "scipy"),
        (test_spark.spark, "Spark"),
    ],
)
def test_names_are_followed_through_functions_of_the_tests(function: Callable[..., object], name: str):
    assert name in marking.names_reached(function)


def test_only_functions_of_the_tests_are_followed():
    assert marking.names_reached(lambda: webbrowser.open("")) == {"webbrowser", "open"}


def test_an_unmarked_test_cannot_start_a_process(request: pytest.FixtureRequest):
    assert not list(request.node.iter_markers())
    start = getattr(import_module("subprocess"), "run")  # noqa: B009  unseen by what looks for names
    with pytest.raises(AssertionError, match=r"@pytest\.mark\.script"):
        start(["true"])
