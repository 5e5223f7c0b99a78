"""Pages, twins, landing page and manifest onto the disk: all rendered and checked first, the manifest last.

A run that dies at any point leaves every page whole, old or new; whoever serves them compares with the
manifest (`reporting.manifest.verify`). Two runs take turns under a lock.

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

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock
from jinja2 import TemplateError

from reporting.document import Alert, Category, Document, MetricCard
from reporting.html_generator import Notice, PageContext, render, render_report, renew
from reporting.landing import headline_entry, landing_page, usd_text
from reporting.manifest import (
    HTML,
    INDEX,
    JSON,
    NAME,
    QUALITY,
    Attention,
    DimensionsEntry,
    FileDigest,
    Manifest,
    PageEntry,
    SourceEntry,
    Status,
    load_manifest,
)
from reporting.page_check import faults
from reporting.provenance import Provenance
from reporting.staging import flush_folder, staging_folder, write_flushed
from reporting.twin import dumps, plain_data, quality_json, twin
from reporting.views import Dimensions, MenuEntry, blocks_of, card_view, entities_of, facets_of

_ATTENTION_A_PAGE = 5


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
    """A report that worked: its document, and the result that becomes its JSON twin."""

    report: Report
    document: Document
    result: Any


@dataclass(frozen=True)
class Failure:
    """A report that did not work, and why, in one sentence. Its earlier page stays, marked stale."""

    report: Report
    reason: str


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
    """
    for folder in (reports / HTML, reports / JSON):
        folder.mkdir(parents=True, exist_ok=True)
    with FileLock(reports / ".publish.lock"):
        previous = load_manifest(reports)
        run = _Run(reports, previous, provenance, complete=complete)
        manifest, files = run.build(pages, failures, highlights)
        with staging_folder(reports) as staging:
            _replace_all(reports, staging, files)
        _remove_unlisted(reports, previous, manifest)
    return manifest


def _replace_all(reports: Path, staging: Path, files: dict[str, bytes]) -> None:
    """Stages every file, then renames each into place; the manifest, which comes last in `files`, last."""
    for name, content in files.items():
        (staging / name).parent.mkdir(exist_ok=True)
        write_flushed(staging / name, content)
    for name in files:
        if name.endswith(NAME):
            flush_folder(reports / HTML)
            flush_folder(reports / JSON)
        (staging / name).replace(reports / name)
    flush_folder(reports / HTML)


def _remove_unlisted(reports: Path, previous: Manifest | None, manifest: Manifest) -> None:
    """Removes what the manifest before listed and this one does not."""
    for name in set(previous.files() if previous else ()) - set(manifest.files()):
        (reports / name).unlink(missing_ok=True)


class _Run:
    """One publication being put together in memory."""

    def __init__(
        self, reports: Path, previous: Manifest | None, provenance: Provenance, *, complete: bool
    ) -> None:
        self.reports = reports
        self.previous = previous
        self.provenance = provenance
        self.complete = complete
        self.files: dict[str, bytes] = {}

    def build(
        self, pages: Sequence[Page], failures: Sequence[Failure], highlights: Sequence[MetricCard]
    ) -> tuple[Manifest, dict[str, bytes]]:
        """The manifest and the content of every file by name, in the order in which they are put in place."""
        made = [*(page.report for page in pages), *(failure.report for failure in failures)]
        kept = self._kept({report.id for report in made})
        menu = self._menu(made, kept)
        context = PageContext(menu, self._colours(pages), self._dimensions(pages))
        entries = []
        for page in pages:
            try:
                entries.append(self._made(page, context))
            except (ValueError, TypeError, TemplateError) as error:
                entries.append(
                    self._failed(Failure(page.report, f"its page could not be made: {error}"), menu)
                )
        entries += [self._failed(failure, menu) for failure in failures]
        entries += [self._renewed(entry, menu) for entry in kept]
        order = {entry.id: place for place, entry in enumerate(menu)}
        entries.sort(key=lambda entry: order[entry.id])
        manifest = self._manifest(entries, context, pages, highlights)
        return self._finish(manifest)

    def _kept(self, made: set[str]) -> list[PageEntry]:
        if self.complete or self.previous is None:
            return []
        return [entry for entry in self.previous.pages if entry.id not in made]

    def _menu(self, made: Sequence[Report], kept: Sequence[PageEntry]) -> tuple[MenuEntry, ...]:
        """All pages: by category in the order in which categories first come, then by `order`."""
        known: list[Report | PageEntry] = sorted([*made, *kept], key=lambda entry: entry.order)
        groups = [entry.value for entry in Category]
        groups += [entry.category for entry in known if entry.category not in groups]
        known.sort(key=lambda entry: groups.index(entry.category))
        return tuple(MenuEntry(entry.id, entry.title, str(entry.category), entry.filename) for entry in known)

    def _colours(self, pages: Sequence[Page]) -> dict[str, int]:
        """A number for each entity, sorted by name; a single run appends to what earlier pages use."""
        known = [] if self.complete or self.previous is None else list(self.previous.entities)
        new = {entity for page in pages for entity in entities_of(page.document)} - set(known)
        return {entity: place for place, entity in enumerate([*known, *sorted(new)])}

    def _dimensions(self, pages: Sequence[Page]) -> Dimensions:
        facets = [entry for page in pages for entry in facets_of(page.document)]
        providers = {entry.provider for entry in facets if entry.provider is not None}
        organizations = {entry.organization for entry in facets if entry.organization is not None}
        if self.previous and not self.complete:
            providers |= set(self.previous.dimensions.providers)
            organizations |= set(self.previous.dimensions.organizations)
        period = self.provenance.source.period
        return Dimensions(
            period.first_day, period.last_day, tuple(sorted(providers)), tuple(sorted(organizations))
        )

    def _made(self, page: Page, context: PageContext) -> PageEntry:
        html = render_report(page.document, self.provenance, context)
        wrong = faults(html)
        if wrong:
            raise ValueError("; ".join(wrong))
        data = twin(page.report.id, page.report.title, page.result, self.provenance)
        headline = headline_entry(card_view(page.document.headline))
        fingerprint = self.provenance.source.fingerprint
        return PageEntry(
            id=page.report.id,
            title=page.report.title,
            category=str(page.report.category),
            order=page.report.order,
            filename=page.report.filename,
            description=page.report.description,
            status=Status.OK,
            reason="",
            failed_at="",
            generated_at=self.provenance.generated_at.isoformat(),
            fingerprint=fingerprint,
            attempted=fingerprint,
            run_id="",
            finding=page.document.finding,
            headline=headline,
            attention=_attention(page.document),
            file=self._add(f"{HTML}/{page.report.filename}", html),
            twin=self._add(f"{JSON}/{page.report.id}.json", data),
        )

    def _failed(self, failure: Failure, menu: tuple[MenuEntry, ...]) -> PageEntry:
        """The entry of a report that failed: its earlier page with a notice, or a page that only says so."""
        now = self.provenance.generated_at
        attempted = self.provenance.source.fingerprint
        earlier = self.previous.page(failure.report.id) if self.previous else None
        html = self._earlier_html(earlier)
        if earlier is None or html is None or earlier.status is Status.FAILED:
            return self._empty_entry(failure, menu)
        notice = Notice(
            "The last refresh of this report failed", failure.reason, now, _instant(earlier.generated_at)
        )
        file = self._add(f"{HTML}/{earlier.filename}", renew(html, earlier.id, menu, notice))
        return replace(
            earlier,
            status=Status.STALE,
            reason=failure.reason,
            failed_at=now.isoformat(),
            attempted=attempted,
            file=file,
        )

    def _empty_entry(self, failure: Failure, menu: tuple[MenuEntry, ...]) -> PageEntry:
        report, now = failure.report, self.provenance.generated_at
        notice = Notice("This report could not be made", failure.reason, now, None)
        html = render(
            "failed.html.j2",
            title=f"{report.title} - failed",
            report=report,
            notice=notice,
            current=report.id,
        )
        return PageEntry(
            report.id, report.title, str(report.category), report.order, report.filename, report.description,
            Status.FAILED, failure.reason, now.isoformat(), now.isoformat(), "",
            self.provenance.source.fingerprint, "", "", None, (),
            self._add(f"{HTML}/{report.filename}", renew(html, report.id, menu, notice)), None,
        )  # fmt: skip

    def _renewed(self, entry: PageEntry, menu: tuple[MenuEntry, ...]) -> PageEntry:
        """The entry of a page that this run did not make; older data than the rest make it stale."""
        html = self._earlier_html(entry)
        if html is None:
            return self._empty_entry(Failure(_Known(entry), "its file was missing or changed"), menu)
        source = self.provenance.source
        older = entry.fingerprint != source.fingerprint and entry.status is Status.OK
        reason = "it was not made again when the data changed" if older else entry.reason
        status = Status.STALE if older else entry.status
        failed_at = self.provenance.generated_at.isoformat() if older else entry.failed_at
        notice = None
        if status is not Status.OK:
            notice = Notice(
                "This report is behind", reason, _instant(failed_at), _instant(entry.generated_at)
            )
        file = self._add(f"{HTML}/{entry.filename}", renew(html, entry.id, menu, notice))
        return replace(entry, status=status, reason=reason, failed_at=failed_at, file=file)

    def _earlier_html(self, entry: PageEntry | None) -> str | None:
        """The page on the disk, if it is the one that the earlier manifest lists."""
        if entry is None:
            return None
        path = self.reports / HTML / entry.filename
        return path.read_text(encoding="utf-8") if entry.file.matches(path) else None

    def _add(self, name: str, text: str) -> FileDigest:
        self.files[name] = text.encode()
        return FileDigest.of(self.files[name])

    def _manifest(
        self,
        entries: Sequence[PageEntry],
        context: PageContext,
        pages: Sequence[Page],
        highlights: Sequence[MetricCard],
    ) -> Manifest:
        provenance, dimensions = self.provenance, context.dimensions
        assert dimensions is not None  # noqa: S101  build() has set it
        run_id = self._run_id()
        figures = tuple(headline_entry(card_view(card)) for card in highlights or self._first_cards(pages))
        if not highlights and not self.complete and self.previous:
            figures = self.previous.highlights
        return Manifest(
            tool_version=provenance.tool_version,
            settings_digest=provenance.settings_digest,
            run_id=run_id,
            generated_at=provenance.generated_at.isoformat(),
            source=_source_entry(provenance),
            dimensions=DimensionsEntry(
                dimensions.first_day.isoformat(),
                dimensions.last_day.isoformat(),
                dimensions.providers,
                dimensions.organizations,
            ),
            entities=tuple(context.colours or {}),
            highlights=figures,
            pages=tuple(entry if entry.run_id else replace(entry, run_id=run_id) for entry in entries),
        )

    def _first_cards(self, pages: Sequence[Page]) -> list[MetricCard]:
        first = min(pages, key=lambda page: page.report.order, default=None)
        if first is None:
            return []
        rest = [card for card in first.document.cards if card.id != first.document.headline.id]
        return [first.document.headline, *rest[:3]]

    def _run_id(self) -> str:
        """Time and content: two runs share it only if they would publish the same."""
        digest = sha256(self.provenance.source.fingerprint.encode())
        for name in sorted(self.files):
            digest.update(self.files[name])
        return f"{self.provenance.generated_at:%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:10]}"

    def _finish(self, manifest: Manifest) -> tuple[Manifest, dict[str, bytes]]:
        quality = self._add(f"{JSON}/{QUALITY}", quality_json(self.provenance))
        manifest = replace(manifest, quality=quality)
        index = self._add(f"{HTML}/{INDEX}", landing_page(manifest, self.provenance))
        manifest = replace(manifest, index=index)
        self._add(f"{HTML}/{NAME}", dumps(manifest.as_json()))
        return manifest, self.files


class _Known:
    """A manifest entry as a report."""

    def __init__(self, entry: PageEntry) -> None:
        self.id, self.title, self.order = entry.id, entry.title, entry.order
        self.category = Category(entry.category)
        self.description, self.filename = entry.description, entry.filename


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _attention(document: Document) -> tuple[Attention, ...]:
    """What the landing page may show of a report: recommendations and alerts, most dollars first."""
    alerts = [*document.alerts, *(block for block in blocks_of(document) if isinstance(block, Alert))]
    found = [
        (item.usd_month, Attention("recommendation", item.action, item.subject, str(item.usd_month),
                                   f"{usd_text(item.usd_month)} a month", f"recommendation-{item.id}"))
        for item in document.recommendations
    ] + [
        (item.usd, Attention(item.level.value, item.title, item.text, str(item.usd), usd_text(item.usd), "alerts"))
        for item in alerts
        if item.usd is not None
    ]  # fmt: skip
    found.sort(key=lambda pair: -pair[0])
    return tuple(item for _, item in found[:_ATTENTION_A_PAGE])


def _source_entry(provenance: Provenance) -> SourceEntry:
    source = provenance.source
    return SourceEntry(
        path=source.path,
        size_bytes=source.size_bytes,
        mtime_ns=source.mtime_ns,
        fingerprint=source.fingerprint,
        data_lines=source.data_lines,
        used=source.used,
        rejected=source.rejected_total,
        duplicates=source.duplicates,
        unpriced_calls=source.unpriced_calls,
        first=source.period.first.isoformat(),
        last=source.period.last.isoformat(),
        first_day=source.period.first_day.isoformat(),
        last_day=source.period.last_day.isoformat(),
        timezone=source.filters.timezone,
        since=source.filters.since,
        until=source.filters.until,
        where=source.filters.where,
        allow_credits=source.filters.allow_credits,
        total_usd=plain_data(provenance.total_usd),
    )
