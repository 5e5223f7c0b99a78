"""What is served right now: one generation of pages, the notice on them, and the live state.

`Site` is written by the refresher's thread and read by the server's: all that changes is one reference to a
frozen view, so that a request sees one generation or the next, never both.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from reporting.landing import empty_page
from viewer import notices
from viewer.generation import LANDING, Generation
from viewer.metrics import CONTENT_TYPE, Metrics
from viewer.responses import HTML, JSON, Resource, plain_text, resource

OLD = timedelta(hours=24)
"""Data written longer ago than this are called old on every page."""
_RETRY = (("Retry-After", "3"),)


class State(StrEnum):
    """What open pages are told."""

    FRESH = "fresh"
    REFRESHING = "refreshing"
    FAILED = "failed"


@dataclass(frozen=True)
class View:
    """What the refresher knows.

    `problem` is a sentence for readers, '' if all is well. `usable` is False when there are no calls to
    report on, whatever older pages still show. `partial` is True where the problem is about some
    reports, whose pages say so themselves.
    """

    state: State
    generation: Generation | None = None
    problem: str = ""
    usable: bool = True
    partial: bool = False


@dataclass(frozen=True)
class _Shown:
    view: View
    notice: str = ""
    resources: Mapping[str, Resource] = field(default_factory=dict)


class Site:
    """Finds the answer to a path."""

    def __init__(self, metrics: Metrics, command: str) -> None:
        """Starts with nothing to show.

        Args:
            metrics: what /metrics tells.
            command: what a user types to get data, shown where there are none.
        """
        self._metrics = metrics
        self._command = command
        self._shown = _Shown(View(State.REFRESHING))
        self._live = {"/health": self._health, "/status": self._status, "/metrics": self._text_metrics}
        self.show(self._shown.view)

    @property
    def view(self) -> View:
        """What is shown now."""
        return self._shown.view

    def show(self, view: View) -> None:
        """Shows `view` from now on. Pages are made anew only if they, or what is said about them, changed."""
        before = self._shown
        notice = _notice(view, datetime.now(UTC))
        same_pages = before.resources and view.generation is before.view.generation is not None
        if same_pages and notice == before.notice:
            self._shown = _Shown(view, notice, before.resources)
        elif view.generation is None:
            self._shown = _Shown(view, notice, self._placeholder(view))
        else:
            self._shown = _Shown(view, notice, _pages(view.generation, notice))

    def find(self, path: str) -> Resource | None:
        """The answer to a GET of `path`, or None where there is nothing."""
        live = self._live.get(path)
        return live() if live else self._shown.resources.get(path)

    def _placeholder(self, view: View) -> Mapping[str, Resource]:
        if not view.usable:
            page = empty_page(self._command, view.problem).encode()
        elif view.state is State.FAILED:
            page = notices.failed_page(view.problem)
        else:
            page = notices.building_page()
        landing = resource(page, HTML, policy=notices.page_policy(page), extra=(("Refresh", "3"),))
        return {"/": landing, LANDING: landing}

    def _health(self) -> Resource:
        view = self._shown.view
        if view.generation is not None and view.usable:
            return plain_text(HTTPStatus.OK, "OK")
        return plain_text(HTTPStatus.SERVICE_UNAVAILABLE, "No data", extra=_RETRY)

    def _status(self) -> Resource:
        view = self._shown.view
        generation = view.generation
        status = {
            "state": view.state,
            "run_id": generation.manifest.run_id if generation else None,
            "generated_at": generation.generated_at.isoformat() if generation else None,
            "error": view.problem or None,
            "data_age_seconds": _seconds_since(generation.data_written_at) if generation else None,
        }
        return resource(json.dumps(status).encode(), JSON)

    def _text_metrics(self) -> Resource:
        generation = self._shown.view.generation
        text = self._metrics.text(
            data_age=_seconds_since(generation.data_written_at) if generation else None,
            generated=generation.generated_at.timestamp() if generation else None,
        )
        return resource(text.encode(), CONTENT_TYPE)


def _pages(generation: Generation, notice: str) -> Mapping[str, Resource]:
    resources = {path: _page(path, content, notice) for path, content in generation.files.items()}
    if LANDING in resources:
        resources["/"] = resources[LANDING]
    return resources


def _page(path: str, content: bytes, notice: str) -> Resource:
    if not path.endswith(".html"):
        return resource(content, JSON, cacheable=True)
    shown = notices.with_notice(content, notice) if notice else content
    return resource(shown, HTML, policy=notices.page_policy(content), cacheable=True)


def _notice(view: View, now: datetime) -> str:
    """What every page must say, '' if nothing. Ages are in words, so that it changes rarely."""
    generation = view.generation
    if generation is None or view.partial:
        return ""
    written = generation.data_written_at
    if view.problem:
        made = generation.generated_at
        return (
            f"{view.problem} Old figures are shown, made on {made:%d %b %Y %H:%M} UTC "
            f"({notices.age(now - made)} ago) from data written {notices.age(now - written)} ago."
        )
    if now - written > OLD:
        return (
            f"The data are {notices.age(now - written)} old: nothing has been written to the file of the "
            f"calls since {written:%d %b %Y %H:%M} UTC."
        )
    return ""


def _seconds_since(moment: datetime | None) -> float | None:
    return None if moment is None else round(max(0.0, time.time() - moment.timestamp()), 1)
