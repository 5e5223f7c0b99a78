"""One set of pages put together in memory: pages, JSON reports, data quality, landing page and manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from calls.parquet.files import is_remote
from reporting.cards import card_view
from reporting.currency_words import currency_entry
from reporting.document import MetricCard
from reporting.earlier import Earlier
from reporting.html_generator import PageContext
from reporting.json_report import dumps, plain_data, quality_json
from reporting.landing import headline_entry, landing_page
from reporting.manifest import HTML, INDEX, JSON, NAME, QUALITY, Manifest
from reporting.manifest_entries import DimensionsEntry, GapEntry, Headline, PageEntry, SourceEntry, Status
from reporting.page_context import colours_of, dimensions_of, menu_of
from reporting.page_entries import PageFiles, PageMaker
from reporting.page_or_failure import Failure, Page, Report
from reporting.provenance import Provenance
from reporting.views import Dimensions

_HIGHLIGHTS = 6


@dataclass(frozen=True)
class PageSet:
    """A manifest and the content of every file of its set by path, in the order in which they are put in place.

    The manifest's own file is the last one.
    """

    manifest: Manifest
    files: Mapping[str, bytes]


def page_set(
    earlier: Earlier,
    pages: Sequence[Page],
    failures: Sequence[Failure],
    provenance: Provenance,
    *,
    complete: bool,
    highlights: Sequence[MetricCard],
) -> PageSet:
    """Renders and checks everything; with `complete`, pages of other reports are not part of the set."""
    kept = None if complete else earlier.manifest
    made: list[Report] = [*(page.report for page in pages), *(failure.report for failure in failures)]
    untouched = _others(kept, made)
    dimensions = dimensions_of(pages, provenance, kept)
    context = PageContext(menu_of([*made, *untouched]), colours_of(pages, kept), dimensions)
    files = PageFiles()
    maker = PageMaker(earlier, provenance, currency_entry(provenance.currency), context, files)
    entries = maker.pages(pages)
    entries += [maker.failure(failure) for failure in failures]
    entries += [maker.untouched(entry) for entry in untouched]
    manifest = _manifest(_in_menu_order(entries, context), dimensions, provenance, files)
    shown = [page for page in pages if _is_shown(manifest, page)]
    manifest = replace(
        manifest,
        entities=tuple(context.colours or ()),
        highlights=_figures(shown, highlights, kept if kept and kept.currency == manifest.currency else None),
    )
    return _finished(manifest, provenance, files, earlier.beside())


def _others(kept: Manifest | None, made: Sequence[Report]) -> list[PageEntry]:
    ids = {report.id for report in made}
    return [entry for entry in kept.pages if entry.id not in ids] if kept else []


def _is_shown(manifest: Manifest, page: Page) -> bool:
    """Whether a page could be made."""
    entry = manifest.page(page.report.id)
    return entry is not None and entry.status is Status.OK


def _in_menu_order(entries: Sequence[PageEntry], context: PageContext) -> list[PageEntry]:
    order = {entry.id: place for place, entry in enumerate(context.menu)}
    return sorted(entries, key=lambda entry: order[entry.id])


def _figures(
    pages: Sequence[Page], highlights: Sequence[MetricCard], kept: Manifest | None
) -> tuple[Headline, ...]:
    """The landing page's figures: those asked for, else those it had, else those that the reports mark.

    `kept` is the manifest whose figures stay, None where they would be of another currency.
    """
    if kept and not highlights:
        return kept.highlights
    return tuple(headline_entry(card_view(card)) for card in highlights or _marked_cards(pages))


def _marked_cards(pages: Sequence[Page]) -> list[MetricCard]:
    """The cards that reports mark as highlights; where too few have a figure, the first report's follow."""
    ordered = sorted(pages, key=lambda page: page.report.order)
    first = ordered[0].document.cards if ordered else ()
    marked = [card for page in ordered for card in page.document.cards if card.highlight]
    known = [card for card in marked if card.value.amount is not None]
    rest = [card for card in first if card not in known and card.value.amount is not None]
    return [*known, *rest][:_HIGHLIGHTS]


def _manifest(
    entries: Sequence[PageEntry], dimensions: Dimensions, provenance: Provenance, files: PageFiles
) -> Manifest:
    """The manifest of these pages; what the landing page shows besides them is still to come."""
    run_id = _run_id(provenance, files.contents)
    return Manifest(
        tool_version=provenance.tool_version,
        settings_digest=provenance.settings_digest,
        settings_file=_lasting(provenance.settings_file),
        pricing_file=_lasting(provenance.pricing_file),
        currency=currency_entry(provenance.currency),
        run_id=run_id,
        generated_at=provenance.generated_at.isoformat(),
        source=_source_entry(provenance),
        dimensions=_dimensions_entry(dimensions),
        entities=(),
        highlights=(),
        pages=tuple(entry if entry.run_id else replace(entry, run_id=run_id) for entry in entries),
    )


def _lasting(path: Path | str | None) -> str | None:
    """A path that means the same wherever the next script is started; a link to today's file stays a link."""
    if path is None or is_remote(str(path)):
        return None if path is None else str(path)
    return str(Path(path).parent.resolve() / Path(path).name)


def _run_id(provenance: Provenance, contents: Mapping[str, bytes]) -> str:
    """Time and content: two runs share it only if they would publish the same."""
    digest = sha256(provenance.source.fingerprint.encode())
    for name in sorted(contents):
        digest.update(contents[name])
    return f"{provenance.generated_at:%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:10]}"


def _finished(manifest: Manifest, provenance: Provenance, files: PageFiles, beside: Sequence[str]) -> PageSet:
    quality = files.add(f"{JSON}/{QUALITY}", quality_json(provenance))
    manifest = replace(manifest, quality=quality)
    index = files.add(f"{HTML}/{INDEX}", landing_page(manifest, provenance, beside))
    manifest = replace(manifest, index=index)
    files.add(f"{HTML}/{NAME}", dumps(manifest.as_json()))
    return PageSet(manifest, files.contents)


def _dimensions_entry(dimensions: Dimensions) -> DimensionsEntry:
    return DimensionsEntry(
        first_day=dimensions.first_day.isoformat(),
        last_day=dimensions.last_day.isoformat(),
        providers=dimensions.providers,
        organizations=dimensions.organizations,
        models=dimensions.models,
        features=dimensions.features,
    )


def _source_entry(provenance: Provenance) -> SourceEntry:
    source = provenance.source
    return SourceEntry(
        path=_lasting(source.path) or "",
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
        customers=_lasting(source.filters.customers),
        customers_digest=source.filters.customers_digest,
        total_usd=plain_data(provenance.total_usd),
        torn_tail=source.torn_tail,
        gaps=tuple(GapEntry(**plain_data(gap)) for gap in source.gaps),
    )
