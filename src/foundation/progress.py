"""Progress: a sign of life from work that takes long, a bar on a terminal, one line in a pipe."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

BAR_AFTER_SECONDS = 1.0
"""Shorter work passes without a bar, which would only flicker."""
LINE_AFTER_SECONDS = 10.0
"""A log wants to know where a long run is, not how each second passes."""
BAR_WIDTH = 30

Advance = Callable[[int], None]
"""Takes how much was just done, in the unit of the total."""


def unseen(done: int) -> None:
    """Nobody is told."""


class Line:
    """One line, if the work takes long."""

    def __init__(self, doing: str, say: Callable[[str], None]) -> None:
        self._timer = threading.Timer(LINE_AFTER_SECONDS, say, [f"   {doing}..."])
        self._timer.daemon = True

    def start(self) -> None:
        """The work begins."""
        self._timer.start()

    def advance(self, done: int) -> None:
        """A line does not move."""

    def stop(self) -> None:
        """The work has ended."""
        self._timer.cancel()
        self._timer.join()


class Bar:
    """A bar that appears once the work has taken a while."""

    def __init__(self, doing: str, total: int | None) -> None:
        self._doing, self._total, self._done = doing, total, 0
        self._lock = threading.Lock()
        self._bar: Progress | None = None
        self._timer = threading.Timer(BAR_AFTER_SECONDS, self._appear)
        self._timer.daemon = True

    def start(self) -> None:
        """The work begins."""
        self._timer.start()

    def advance(self, done: int) -> None:
        """So much more is done."""
        with self._lock:
            self._done += done
            if self._bar:
                self._bar.update(self._bar.task_ids[0], completed=self._done)

    def stop(self) -> None:
        """The work has ended."""
        self._timer.cancel()
        self._timer.join()
        if self._bar:
            self._bar.stop()

    def _appear(self) -> None:
        bar = _plain_bar(counted=self._total is not None)
        with self._lock:
            bar.add_task(self._doing, total=self._total, completed=self._done)
            bar.start()
            self._bar = bar


def _plain_bar(*, counted: bool) -> "Progress":
    """A bar, or where nobody knows the total something that turns; without colours it reads on any background."""
    from rich.console import Console as Terminal  # noqa: PLC0415  only long work on a terminal needs it
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    bar = [BarColumn(BAR_WIDTH), TextColumn("{task.percentage:>3.0f} %")] if counted else [SpinnerColumn()]
    columns = [TextColumn("   {task.description}"), *bar, TimeElapsedColumn()]
    return Progress(*columns, console=Terminal(color_system=None, highlight=False), transient=True)
