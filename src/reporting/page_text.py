"""The two files of a page that worked: its HTML, checked, and its JSON report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from reporting.html_generator import PageContext, render_report
from reporting.json_report import json_report
from reporting.page_check import faults
from reporting.page_or_failure import Page
from reporting.parallel_map import parallel_map
from reporting.provenance import Provenance


@dataclass(frozen=True)
class PageText:
    """What goes onto the disk, or, in `problem`, why there is nothing, in words."""

    html: str = ""
    data: str = ""
    problem: str = ""


def page_texts(provenance: Provenance, context: PageContext, pages: Sequence[Page]) -> list[PageText]:
    """The texts of the pages; whatever is wrong with one must not stop the others."""
    writers = partial(_html, context=context), _json_report
    tasks = [(page, writer) for page in pages for writer in writers]
    written = parallel_map(partial(_written, provenance), tasks)
    return [_joined(html, data) for html, data in zip(written[::2], written[1::2], strict=True)]


Writer = Callable[[Page, Provenance], str]


def _written(provenance: Provenance, task: tuple[Page, Writer]) -> tuple[str, str]:
    """A file of a page, or, second, what is wrong with it."""
    page, writer = task
    try:
        return writer(page, provenance), ""
    except Exception as error:  # noqa: BLE001
        return "", in_words(error)


def _html(page: Page, provenance: Provenance, context: PageContext) -> str:
    html = render_report(page.document, provenance, context)
    wrong = faults(html)
    if wrong:
        raise ValueError("; ".join(wrong))
    return html


def _json_report(page: Page, provenance: Provenance) -> str:
    return json_report(page.report.id, page.report.title, page.result, provenance)


def _joined(html: tuple[str, str], data: tuple[str, str]) -> PageText:
    problem = html[1] or data[1]
    return PageText(problem=problem) if problem else PageText(html[0], data[0])


def in_words(error: Exception) -> str:
    """What went wrong, in one line."""
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), 'no message')}"
