"""Runs the analyzers up to the first write, then to the end once for each line on stdin, in a child of its own.

    paused_run.py DATA REPORTS

Each child stops before its first write and is named on stdout, so that a tracer can take hold of it; when it has
ended, how it ended is told: its exit code, or minus the signal that killed it. What comes before the first write
touches no file of the reports, so a run killed there leaves them as they were.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import run_all_analyzers
from reporting import publishing
from reporting.earlier import Earlier
from reporting.manifest import Manifest
from reporting.page_or_failure import Failure, Page
from reporting.page_set import page_set
from reporting.provenance import Provenance

PUBLISH = publishing.publish


def publish_in_children(
    reports: Path,
    pages: Sequence[Page],
    failures: Sequence[Failure],
    provenance: Provenance,
    *,
    complete: bool,
) -> Manifest:
    """In the parent: starts a child for each line and never returns. In a child: the rest of the run.

    The pages are rendered once, before; that, too, writes nothing.
    """
    made = page_set(Earlier(reports), pages, failures, provenance, complete=complete, highlights=())
    setattr(publishing, "page_set", lambda *_, **__: made)  # noqa: B010  another module's name
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
            return PUBLISH(reports, pages, failures, provenance, complete=complete)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    os._exit(0)


if __name__ == "__main__":
    publishing.publish = publish_in_children  # type: ignore[assignment]
    data, reports = sys.argv[1:]
    sys.exit(run_all_analyzers.main(["--data", data, "--out", reports, "--quiet"]))
