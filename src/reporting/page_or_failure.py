"""What becomes of a report in a run: a page, or a failure."""

from dataclasses import dataclass
from typing import Any, Protocol

from reporting.document import Category, Document


class Report(Protocol):
    """What a page is called and where it belongs: every analyzer is one."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def category(self) -> Category: ...  # noqa: D102
    @property
    def order(self) -> int: ...  # noqa: D102
    @property
    def description(self) -> str: ...  # noqa: D102
    @property
    def filename(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Page:
    """A report that worked: its document, and the result that becomes its JSON report."""

    report: Report
    document: Document
    result: Any


@dataclass(frozen=True)
class Failure:
    """A report that did not work, and why, in one sentence. Its earlier page stays, marked stale."""

    report: Report
    reason: str
