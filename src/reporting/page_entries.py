"""A page and its line in the manifest: made anew, kept because its report failed, or kept as it was."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from reporting.cards import card_view
from reporting.contents import blocks_of
from reporting.document import Alert, Category, Document
from reporting.earlier import Earlier
from reporting.html_generator import Notice, PageContext, render, renew
from reporting.json_report import plain_data
from reporting.landing import headline_entry, usd_text
from reporting.manifest import HTML, JSON
from reporting.manifest_entries import (
    QUESTION,
    STAKE,
    AlertEntry,
    Attention,
    CurrencyEntry,
    FileDigest,
    PageEntry,
    Status,
    SummaryLineEntry,
)
from reporting.page_or_failure import Failure, Page, Report
from reporting.page_text import PageText, in_words, page_texts
from reporting.part_ids import distinct
from reporting.provenance import Provenance
from reporting.staging import utf8

_ATTENTION_PER_PAGE = 5


@dataclass
class PageFiles:
    """The content of the files of a set, by path under the reports folder, in the order in which they were added."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def add(self, name: str, text: str) -> FileDigest:
        """Adds a file and returns its digest."""
        self.contents[name] = utf8(text)
        return FileDigest.of(self.contents[name])


class PageMaker:
    """Makes the entries of one run; the pages' files gather in `files`."""

    def __init__(
        self,
        earlier: Earlier,
        provenance: Provenance,
        currency: CurrencyEntry | None,
        context: PageContext,
        files: PageFiles,
    ) -> None:
        self._earlier = earlier
        self._provenance = provenance
        self._currency = currency
        self._context = context
        self._files = files

    def pages(self, pages: Sequence[Page]) -> list[PageEntry]:
        """The entries of reports that worked; whatever is wrong with a page is a failure of its own."""
        texts = page_texts(self._provenance, self._context, pages)
        return [self._page(page, text) for page, text in zip(pages, texts, strict=True)]

    def _page(self, page: Page, text: PageText) -> PageEntry:
        problem = text.problem
        try:
            if not problem:
                return self._listed(page, text)
        except Exception as error:  # noqa: BLE001  one page must not stop the others
            problem = in_words(error)
        return self.failure(Failure(page.report, f"its page could not be made: {problem}"))

    def _listed(self, page: Page, text: PageText) -> PageEntry:
        report = page.report
        return replace(
            self._attempt(report, text.html),
            fingerprint=self._provenance.source.fingerprint,
            finding=page.document.finding,
            headline=headline_entry(card_view(page.document.headline)),
            attention=_attention(distinct(page.document)),
            summary_lines=_summary_lines(page.document),
            alerts=_alerts(page.document),
            json_report=self._files.add(f"{JSON}/{report.id}.json", text.data),
        )

    def failure(self, failure: Failure) -> PageEntry:
        """The entry of a report that failed: its earlier page with a notice, or a page that only says so."""
        earlier = self._earlier.page(failure.report.id)
        html = self._earlier.html(earlier) if earlier else None
        if earlier is None or html is None or earlier.status is Status.FAILED:
            return self._empty(failure)
        now = self._provenance.generated_at
        notice = Notice(
            "The last refresh of this report failed", failure.reason, now, _instant(earlier.generated_at)
        )
        return replace(
            self._kept(earlier, html, notice),
            status=Status.STALE,
            reason=failure.reason,
            failed_at=now.isoformat(),
            attempted=self._provenance.source.fingerprint,
        )

    def untouched(self, entry: PageEntry) -> PageEntry:
        """The entry of a page that this run did not make; older data or another currency make it stale."""
        html = self._earlier.html(entry)
        if html is None:
            return self._empty(Failure(_Known(entry), "its file was missing or changed"))
        behind = self._why_behind(entry)
        if entry.status is Status.OK and behind:
            entry = replace(
                entry,
                status=Status.STALE,
                reason=f"it was not made again when the {behind} changed",
                failed_at=self._provenance.generated_at.isoformat(),
            )
        return self._kept(entry, html, _notice_of(entry))

    def _why_behind(self, entry: PageEntry) -> str:
        """What has changed since the page was made, "" if nothing."""
        if entry.fingerprint != self._provenance.source.fingerprint:
            return "data"
        before = self._earlier.manifest
        return "currency" if before and before.currency != self._currency else ""

    def _kept(self, entry: PageEntry, html: str, notice: Notice | None) -> PageEntry:
        """An earlier page with today's menu; a JSON report that is no longer its own is given up."""
        renewed = renew(html, entry.id, self._context.menu, notice)
        file = self._files.add(f"{HTML}/{entry.filename}", renewed)
        return replace(entry, file=file, json_report=self._earlier.json_report(entry))

    def _empty(self, failure: Failure) -> PageEntry:
        """The entry of a page that only says that it could not be made."""
        report, now = failure.report, self._provenance.generated_at
        notice = Notice("This report could not be made", failure.reason, now, None)
        html = render(
            "failed.html.j2",
            title=f"{report.title} - failed",
            report=report,
            notice=notice,
            current=report.id,
        )
        html = renew(html, report.id, self._context.menu, notice)
        return replace(
            self._attempt(report, html),
            status=Status.FAILED,
            reason=failure.reason,
            failed_at=now.isoformat(),
        )

    def _attempt(self, report: Report, html: str) -> PageEntry:
        """The entry of a page that this run wrote, without what its document says."""
        return PageEntry(
            id=report.id,
            title=report.title,
            category=str(report.category),
            order=report.order,
            filename=report.filename,
            description=report.description,
            status=Status.OK,
            reason="",
            failed_at="",
            generated_at=self._provenance.generated_at.isoformat(),
            fingerprint="",
            attempted=self._provenance.source.fingerprint,
            run_id="",
            finding="",
            headline=None,
            attention=(),
            summary_lines=(),
            alerts=(),
            file=self._files.add(f"{HTML}/{report.filename}", html),
            json_report=None,
        )


class _Known:
    """A manifest entry as a report."""

    def __init__(self, entry: PageEntry) -> None:
        self.id, self.title, self.order = entry.id, entry.title, entry.order
        self.category = Category(entry.category)
        self.description, self.filename = entry.description, entry.filename


def _notice_of(entry: PageEntry) -> Notice | None:
    if entry.status is Status.OK:
        return None
    return Notice(
        "This report is behind", entry.reason, _instant(entry.failed_at), _instant(entry.generated_at)
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _attention(document: Document) -> tuple[Attention, ...]:
    """What the landing page may show of a report: savings and alerts, most dollars first, then what is at stake."""
    shown = distinct(document)
    found = [*_recommended(shown), *_alerted(shown)]
    found.sort(key=lambda pair: (pair[1].kind == STAKE, -pair[0]))
    return (*(item for _, item in found[:_ATTENTION_PER_PAGE]), *_questions(shown))


def _questions(document: Document) -> Sequence[Attention]:
    """The questions that sections of the page answer."""
    sections = {section.id for section in document.sections}
    return [
        Attention(
            kind=QUESTION,
            title=question,
            text="",
            usd="",
            usd_text="",
            target=target,
            dedup_key="",
            confidence="",
        )
        for question, target in document.answers
        if target in sections
    ]


def _recommended(document: Document) -> Sequence[tuple[Decimal, Attention]]:
    return [
        (
            item.usd_month,
            Attention(
                kind="recommendation" if item.saves else STAKE,
                title=item.action,
                text=f"{item.subject}; {'test the quality first' if item.needs_test else 'no risk to quality'}"
                if item.saves
                else item.subject,
                usd=str(item.usd_month),
                usd_text=f"{usd_text(item.usd_month)} per month{'' if item.saves else ' at stake'}",
                target=f"recommendation-{item.id}",
                dedup_key=item.dedup_key,
                confidence=item.confidence.value,
            ),
        )
        for item in document.recommendations
    ]


def _alerted(document: Document) -> Sequence[tuple[Decimal, Attention]]:
    return [
        (
            item.usd,
            Attention(
                kind=item.level.value,
                title=item.title,
                text=item.text,
                usd=str(item.usd),
                usd_text=usd_text(item.usd),
                target="alerts",
                dedup_key=item.dedup_key,
                confidence="",
            ),
        )
        for item in _alerts_of(document)
        if item.usd is not None
    ]


def _alerts_of(document: Document) -> list[Alert]:
    return [*document.alerts, *(block for block in blocks_of(document) if isinstance(block, Alert))]


def _alerts(document: Document) -> tuple[AlertEntry, ...]:
    return tuple(
        AlertEntry(
            alert.level.value,
            alert.title,
            alert.text,
            "" if alert.usd is None else str(alert.usd),
            alert.dedup_key,
        )
        for alert in _alerts_of(document)
    )


def _summary_lines(document: Document) -> tuple[SummaryLineEntry, ...]:
    return tuple(
        SummaryLineEntry(line.label, line.text, plain_data(line.figures)) for line in document.summary_lines
    )
