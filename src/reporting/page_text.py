"""The two files of a page that worked: its HTML, checked, and its JSON twin."""

from dataclasses import dataclass

from reporting.html_generator import PageContext, render_report
from reporting.outcomes import Page
from reporting.page_check import faults
from reporting.provenance import Provenance
from reporting.twin import twin


@dataclass(frozen=True)
class PageText:
    """What goes onto the disk, or, in `problem`, why there is nothing, in words."""

    html: str = ""
    data: str = ""
    problem: str = ""


def page_text(provenance: Provenance, context: PageContext, page: Page) -> PageText:
    """The text of a page; whatever is wrong with it must not stop the others."""
    try:
        html = render_report(page.document, provenance, context)
        wrong = faults(html)
        if wrong:
            return PageText(problem=f"ValueError: {'; '.join(wrong)}")
        return PageText(html, twin(page.report.id, page.report.title, page.result, provenance))
    except Exception as error:  # noqa: BLE001
        return PageText(problem=in_words(error))


def in_words(error: Exception) -> str:
    """What went wrong, in one line."""
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), 'no message')}"
