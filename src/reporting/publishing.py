"""Pages, JSON reports, landing page and manifest onto the disk: all rendered and checked first, the manifest last.

A run that dies at any point leaves every page whole, old or new; a server compares them with the manifest
(`reporting.manifest.verify`). Two runs take turns under a lock.

The caller gives what its analyzers made::

    manifest = publish(
        reports,                                  # the folder that gets html/ and json/
        [Page(analyzer, document, result), ...],  # what worked, in any order
        [Failure(analyzer, "reason in words")],   # what did not
        provenance,
        complete=True,                            # False: other pages stay (one analyzer alone)
        highlights=(card, ...),                   # the landing page's headline figures
    )

An `Analyzer` is a `Report`. Pages are listed by `order` within categories, categories as they first come.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from calls.file.flushing import flush
from foundation.outcome import UserError
from reporting.document import MetricCard
from reporting.earlier import Earlier
from reporting.manifest import HTML, JSON, Manifest, load_manifest
from reporting.page_or_failure import Failure, Page
from reporting.page_set import PageSet, page_set
from reporting.provenance import Provenance
from reporting.staging import replace_file, staging_folder, utf8, write_flushed

WAIT_SECONDS = 300.0
"""How long a run waits for another one to publish before it gives up; that takes a second or two."""


def publish(
    reports: Path,
    pages: Sequence[Page],
    failures: Sequence[Failure],
    provenance: Provenance,
    *,
    complete: bool = True,
    highlights: Sequence[MetricCard] = (),
) -> Manifest:
    """Writes html/ and json/ under `reports` and returns the manifest that now describes them.

    A page that cannot be rendered becomes a failure of its own; the others are published. Without
    `highlights` the landing page shows the first page's headline and cards.

    Raises:
        OSError: something could not be written; every file on the disk is whole.
        UserError: another run has been publishing for `WAIT_SECONDS`.
    """
    for folder in (reports / HTML, reports / JSON):
        folder.mkdir(parents=True, exist_ok=True)
    with _turn(reports):
        earlier = Earlier(reports)
        made = page_set(earlier, pages, failures, provenance, complete=complete, highlights=highlights)
        with staging_folder(reports) as staging:
            _put_in_place(reports, staging, made, earlier)
    return made.manifest


def publish_beside(reports: Path, name: str, text: str, manifest: Manifest) -> None:
    """Writes a file about the set of `manifest` beside html/ and json/, unless another run has published since.

    Raises:
        OSError: it could not be written; the one that was there stays.
        UserError: as in `publish`.
    """
    with _turn(reports):
        current = load_manifest(reports)
        if current is not None and current.run_id == manifest.run_id:
            replace_file(reports / name, utf8(text))


@contextmanager
def _turn(reports: Path) -> Iterator[None]:
    """One run at a time."""
    try:
        lock = FileLock(reports / ".publish.lock").acquire(timeout=WAIT_SECONDS)
    except Timeout as error:
        raise UserError(
            f"{reports}: another run has been publishing for {WAIT_SECONDS:.0f} s; end it or wait, then try again."
        ) from error
    with lock:
        yield


def _put_in_place(reports: Path, staging: Path, made: PageSet, earlier: Earlier) -> None:
    """Stages every file, then renames each into place; the manifest, which comes last, last.

    What the manifest before listed and this one does not goes before the new one is there: a run that dies
    between leaves a set that differs from its manifest, never a file that no manifest knows.
    """
    for name, content in made.files.items():
        (staging / name).parent.mkdir(exist_ok=True)
        write_flushed(staging / name, content)
    *listed, manifest = made.files
    for name in listed:
        (staging / name).replace(reports / name)
    for name in earlier.files() - set(made.manifest.files()):
        (reports / name).unlink(missing_ok=True)
    for folder in (HTML, JSON):
        flush(reports / folder)
    (staging / manifest).replace(reports / manifest)
    flush(reports / HTML)
