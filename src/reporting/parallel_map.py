"""One task over several items on all processors, where this process can be forked."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def parallel_map(task: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """The task's result for each item, in order; copies of this process compute some of them.

    Each process takes the next item when it is free; 256 at most. The task must not depend on anything that changes,
    and its results must be picklable. A copy that dies costs time alone: what it took is computed here.
    """
    copies = min(len(items), os.cpu_count() or 1) - 1 if _may_fork() else 0
    if copies < 1:
        return [task(item) for item in items]
    numbers = _numbers(len(items))
    try:
        helpers = [_started(task, items, numbers) for _ in range(copies)]
        found = _taken(task, items, numbers)
    finally:
        os.close(numbers)
    for receiver, process in helpers:
        found |= _received(receiver)
        process.join()
    return [found[number] if number in found else task(item) for number, item in enumerate(items)]


def _numbers(count: int) -> int:
    """A pipe that gives each number below `count` to one of those who read a byte of it."""
    reading, writing = os.pipe()
    os.write(writing, bytes(range(count)))
    os.close(writing)
    return reading


def _taken(task: Callable[[Item], Result], items: Sequence[Item], numbers: int) -> dict[int, Result]:
    """The results of the items that are taken here, by number, until none is left."""
    return {number[0]: task(items[number[0]]) for number in iter(lambda: os.read(numbers, 1), b"")}


def _may_fork() -> bool:
    """A lock that another thread holds would stay locked in a copy."""
    return sys.platform == "linux" and threading.active_count() == 1


def _started(
    task: Callable[[Item], Result], items: Sequence[Item], numbers: int
) -> tuple[Connection, ForkProcess]:
    """A copy of this process that takes items. Ctrl-C is the concern of the one that was started first."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=_work, args=(task, items, numbers, receiver, sender), daemon=True
    )
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    sender.close()
    return receiver, process


def _work(
    task: Callable[[Item], Result],
    items: Sequence[Item],
    numbers: int,
    receiver: Connection,
    sender: Connection,
) -> None:
    receiver.close()
    with suppress(OSError):  # nobody waits any more
        sender.send(_taken(task, items, numbers))


def _received(receiver: Connection) -> dict[int, Any]:
    """The results of a copy by number; none where it died."""
    with receiver, suppress(EOFError):
        return dict(receiver.recv())
    return {}
