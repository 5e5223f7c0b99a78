"""Work is shared with copies of the process, whatever becomes of them; each test is a process of its own."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.running import SRC

PROGRAM = """
import json, os, sys, threading, time
from reporting.parallel_map import parallel_map

MAIN = os.getpid()

def squared(number):
    return number * number, os.getpid() == MAIN

def slow(number):
    time.sleep(0.2)
    return squared(number)

def slow_at_first(number):
    time.sleep(0 if number else 1)
    return number, os.getpid()

def dying(number):
    if os.getpid() != MAIN:
        os._exit(9)
    return slow(number)

def failing(number):
    if number == 1:
        raise LookupError("no square of one")
    return squared(number)

def with_a_thread(number):
    return squared(number)

task, numbers = globals()[sys.argv[1]], list(range(int(sys.argv[2])))
if task is with_a_thread:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
try:
    print(json.dumps(parallel_map(task, numbers)))
except LookupError as error:
    print(json.dumps(str(error)))
"""


def shared(task: str, count: int) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, task, str(count)],
        cwd=SRC,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 8, 9])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    assert [result for result, _ in shared("squared", count)] == [number * number for number in range(count)]


def test_a_share_is_computed_by_a_copy() -> None:
    here = {is_here for _, is_here in shared("slow", 8)}
    assert here == ({True} if os.cpu_count() == 1 else {True, False})


def test_whoever_is_free_takes_the_next_item() -> None:
    """Who has the first item is busy with it for a second; others do the rest."""
    (_, first), *others = shared("slow_at_first", 7)
    assert os.cpu_count() == 1 or first not in {worker for _, worker in others}


def test_one_item_needs_no_copy() -> None:
    assert shared("squared", 1) == [[0, True]]


def test_the_share_of_a_copy_that_dies_is_computed_here() -> None:
    assert shared("dying", 7) == [[number * number, True] for number in range(7)]


def test_an_error_of_the_task_is_raised_here() -> None:
    assert shared("failing", 4) == "no square of one"


def test_beside_other_threads_nothing_is_copied() -> None:
    assert shared("with_a_thread", 4) == [[number * number, True] for number in range(4)]
