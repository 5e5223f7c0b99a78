"""One task over several things on all processors, where this process can be copied."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(task: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """The task's result for each item, in order; a share of them is computed by copies of this process.

    The task must depend on nothing that changes meanwhile, and its results must be picklable. A copy that dies
    costs time alone: its share is computed here.
    """
    shares = min(len(items), os.cpu_count() or 1) if _may_fork() else 1
    if shares < 2:
        return [task(item) for item in items]
    helpers = [_started(task, items[number::shares]) for number in range(1, shares)]
    found = [[task(item) for item in items[::shares]]]
    for number, (receiver, process) in enumerate(helpers, 1):
        found.append(_received(receiver) or [task(item) for item in items[number::shares]])
        process.join()
    return [found[place % shares][place // shares] for place in range(len(items))]


def _may_fork() -> bool:
    """A lock that another thread holds would stay locked in a copy."""
    return sys.platform == "linux" and threading.active_count() == 1


def _started(task: Callable[[Item], Result], share: Sequence[Item]) -> tuple[Connection, ForkProcess]:
    """A copy of this process that works on a share. Ctrl-C is the concern of the one that was started first."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(
        target=_work, args=(task, share, receiver, sender), daemon=True
    )
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    sender.close()
    return receiver, process


def _work(
    task: Callable[[Item], Result], share: Sequence[Item], receiver: Connection, sender: Connection
) -> None:
    receiver.close()
    with suppress(OSError):  # nobody waits any more
        sender.send([task(item) for item in share])


def _received(receiver: Connection) -> list[Result] | None:
    """The results of a copy; None where it died."""
    with receiver, suppress(EOFError):
        return list(receiver.recv())
    return None
