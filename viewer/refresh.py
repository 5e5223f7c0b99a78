"""When the viewer runs the analyzers: it looks at calls, settings and reports, and retries after a failure.

One thread looks, so however many clients ask, the analyzers run once. Requests never start anything.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from calls.source import Filters
from foundation.outcome import ExitCode
from reporting.manifest import load_manifest
from viewer.access import PASSWORD_VARIABLE
from viewer.child import Ending, run_child
from viewer.generation import Generation, NotPublishedError, load_generation, signature
from viewer.inputs import Inputs, Named, Stamp, stamp
from viewer.live_site import Site, State, View
from viewer.metrics import Metrics

Freshness = Callable[[Generation, Inputs], bool]
"""Whether a generation was made from these calls and settings as they are now."""

Command = Callable[[Inputs, Filters], Sequence[str]]
"""What makes the reports of these files, of calls narrowed like this; its exit code is one of `outcome.ExitCode`."""


@dataclass(frozen=True)
class Schedule:
    """When the refresher does what, in seconds."""

    look: float = 1.0
    """Between two looks at the files' times and sizes."""
    settle: float = 2.0
    """A set that does not match its manifest may be one that is being published: so long is waited."""
    timeout: float = 900.0
    """A run that takes longer is killed."""
    first_retry: float = 5.0
    """After a failure; doubled with each further one."""
    last_retry: float = 300.0


class Refresher:
    """Looks, runs, and tells the site."""

    def __init__(
        self,
        site: Site,
        named: Named,
        command: Command,
        is_fresh: Freshness,
        *,
        metrics: Metrics,
        log: Callable[[str], None],
        schedule: Schedule | None = None,
    ) -> None:
        """Does nothing yet; `load` and `start` do.

        Args:
            site: what is told about every change.
            named: the files to look at, as far as flags name them; the others are those that the reports are of.
            command: makes the reports and publishes them.
            is_fresh: asked when an input has changed, for it may read the whole file.
            metrics: counts the runs.
            log: gets one line an event.
            schedule: how often and how long.
        """
        self._site = site
        self._named = named
        self._inputs = named.inputs(None)
        self._command = command
        self._is_fresh = is_fresh
        self._metrics = metrics
        self._log = log
        self._schedule = schedule or Schedule()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="refresher", daemon=True)
        self._generation: Generation | None = None
        self._on_disk: object = None
        self._mismatch = ""
        self._mismatch_since = 0.0
        self._judged: object = None
        self._fresh = False
        self._failure = ""
        self._no_calls = False
        self._attempts = 0
        self._not_before = 0.0
        self._not_before_if_changed = 0.0
        self._tried: object = None

    @property
    def inputs(self) -> Inputs:
        """The files that are looked at now."""
        return self._inputs

    def load(self) -> None:
        """Reads what is on disk and shows it."""
        self._read_reports()
        self._judge()
        self._show(self._resting_state())

    def start(self) -> None:
        """Looks from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Ends a run under way and the looking; may be called from a signal handler."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        """Waits until both have ended, but no longer than so; a disk that hangs must not keep the viewer alive."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._look()
            except Exception as error:  # noqa: BLE001  without this thread the pages would stay old for ever
                self._log(f"The look at the reports failed ({type(error).__name__}: {error}); it goes on.")
            self._stop.wait(self._schedule.look)

    def _look(self) -> None:
        self._read_reports()
        self._judge()
        if self._wants_run() and self._may_run():
            self._run()
        elif not self._wants_run() and not self._data_missing():
            self._forget_failure()
        self._show(self._resting_state())

    def _forget_failure(self) -> None:
        """Where nothing is left to do, somebody else has done it."""
        self._failure, self._no_calls, self._attempts = "", False, 0

    # What is on disk.

    def _read_reports(self) -> None:
        """Takes over a set that is new on disk, if it is whole; keeps the one in memory if not."""
        before = signature(self._inputs.reports)
        if before == self._on_disk:
            return
        try:
            generation = load_generation(self._inputs.reports)
        except NotPublishedError as problem:
            if self._generation is None:  # its pages are torn, but they are still of that file
                self._inputs = self._named.inputs(load_manifest(self._inputs.reports))
            if not self._mismatch:
                self._mismatch_since = time.monotonic()
            self._mismatch = str(problem)
        else:
            self._mismatch = ""
            self._judged = None
            self._generation = generation
            self._inputs = self._named.inputs(generation.manifest)
        # Files that changed while they were read are read again at the next look.
        self._on_disk = before if before == signature(self._inputs.reports) else None

    def _settled_mismatch(self) -> str:
        waited = time.monotonic() - self._mismatch_since
        return self._mismatch if self._mismatch and waited >= self._schedule.settle else ""

    def _judge(self) -> None:
        """Compares the calls and settings with what the generation was made from, if either has changed."""
        now = self._input_stats()
        if now == self._judged or self._generation is None:
            return
        if now[0] is not None:
            self._fresh = self._is_fresh(self._generation, self._inputs)
        self._judged = now

    def _input_stats(self) -> tuple[Stamp, ...]:
        return tuple(stamp(path) for path in (self._inputs.data, *self._inputs.watched, *self._customers()))

    def _customers(self) -> tuple[Path, ...]:
        """The customers file that the generation was made with, if there was one."""
        name = self._generation.manifest.source.customers if self._generation else None
        return (Path(name),) if name else ()

    def _data_missing(self) -> bool:
        return stamp(self._inputs.data) is None

    def _wants_run(self) -> bool:
        if self._data_missing():
            return False
        if self._generation is None or self._settled_mismatch():
            return True
        return not self._fresh or bool(self._failures())

    # A run.

    def _may_run(self) -> bool:
        """Whether the pause after the last run is over; a shorter one if what failed has been changed."""
        changed = self._input_stats() != self._tried
        return time.monotonic() >= (self._not_before_if_changed if changed else self._not_before)

    def _run(self) -> None:
        again = "again " if self._attempts else ""
        self._log(f"The reports are not those of the calls and settings: running the analyzers {again}...")
        self._metrics.refreshing = True
        self._tried = self._input_stats()
        self._show(State.REFRESHING)
        filters = self._generation.manifest.source.filters if self._generation else Filters()
        environment = {key: value for key, value in os.environ.items() if key != PASSWORD_VARIABLE}
        ending = run_child(
            self._command(self._inputs, filters), environment, timeout=self._schedule.timeout, stop=self._stop
        )
        self._metrics.refreshing = False
        if not self._stop.is_set():
            self._conclude(ending)

    def _conclude(self, ending: Ending) -> None:
        before = self._generation
        self._on_disk = None
        self._mismatch = ""
        self._read_reports()
        self._judge()
        self._no_calls = ending.code == ExitCode.NO_DATA
        in_part = self._generation is not before and bool(self._failures())
        self._failure = "" if in_part and ending.code == ExitCode.FAILED else self._what_failed(ending)
        problem = self._failure or self._failed_in_part()
        pause = self._pause(ending, failed=bool(problem))
        self._not_before = time.monotonic() + pause
        self._not_before_if_changed = time.monotonic() + min(
            pause, self._schedule.first_retry + ending.seconds
        )
        if problem:
            self._log(f"{problem} Next attempt in {pause:.0f} s.")
        else:
            self._log(f"The reports were refreshed in {ending.seconds:.1f} s.")
        outcome = "timed_out" if ending.timed_out else "failed" if problem else "succeeded"
        self._metrics.refreshed(outcome, ending.seconds)

    def _pause(self, ending: Ending, *, failed: bool) -> float:
        """Seconds until the next run: calls that arrive without end leave half of the time to others."""
        if not failed:
            self._attempts = 0
            return ending.seconds
        self._attempts += 1
        return min(self._schedule.first_retry * 2.0 ** (self._attempts - 1), self._schedule.last_retry)

    def _what_failed(self, ending: Ending) -> str:
        if ending.timed_out:
            return f"The analyzers took longer than {self._schedule.timeout:.0f} seconds and were stopped."
        if ending.code is not None and ending.code < 0:
            return f"The analyzers were killed by signal {-ending.code}."
        if ending.code not in {ExitCode.OK, ExitCode.THRESHOLD}:
            said = self._without_paths(ending.message) or f"they ended with exit code {ending.code}"
            return f"The analyzers failed: {said.rstrip('.')}."
        if self._mismatch:
            return f"The analyzers ended, but what they left cannot be shown: {self._mismatch}."
        return ""

    def _without_paths(self, message: str) -> str:
        """Readers need not know where on the machine the files lie."""
        for path in (self._inputs.data, self._inputs.reports, *self._inputs.watched):
            for form in (str(path.resolve()), str(path.absolute()), str(path)):
                message = message.replace(form, path.name)
        return message

    # Telling.

    def _resting_state(self) -> State:
        if self._problem():
            return State.FAILED
        return State.REFRESHING if self._wants_run() else State.FRESH

    def _problem(self) -> str:
        if self._data_missing():
            return f"There are no calls: {self._inputs.data.name} does not exist."
        if self._failure:
            return self._failure
        if self._generation is not None and self._settled_mismatch():
            return f"The reports on disk do not belong together: {self._settled_mismatch()}."
        return self._failed_in_part()

    def _failures(self) -> tuple[str, ...]:
        return self._generation.failures if self._generation else ()

    def _failed_in_part(self) -> str:
        told = "; ".join(self._failures())
        return f"The analyzers failed in part: {told.rstrip('.')}." if told else ""

    def _show(self, state: State) -> None:
        usable = not (self._data_missing() or self._no_calls)
        problem = self._problem()
        partial = bool(problem) and problem == self._failed_in_part()
        self._site.show(View(state, self._generation, problem, usable, partial))
