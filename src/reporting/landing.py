"""The landing page, index.html: alerts, headline figures, a line a report; made from the manifest alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from calls.dimensions import UNALLOCATED
from foundation.release import NAME
from reporting.cards import CardView
from reporting.document import Unit
from reporting.html_generator import menu_groups, page_currency, period_text, render
from reporting.manifest import Manifest
from reporting.manifest_entries import QUESTION, STAKE, AlertEntry, Attention, Headline, PageEntry, Status
from reporting.number_format import amount, decimal
from reporting.pages_beside import TITLES
from reporting.provenance import Provenance
from reporting.summary import by_urgency, summary_of
from reporting.views import CATEGORY_TITLES, MenuEntry

MOST_ATTENTION = 5


@dataclass(frozen=True)
class AttentionView:
    """A recommendation with the page it comes from."""

    item: Attention
    page: PageEntry


def headline_entry(card: CardView) -> Headline:
    """A metric card as the manifest keeps it."""
    change = card.change
    return Headline(
        label=card.label,
        text=card.value.text,
        value=card.exact,
        unit=card.unit,
        title=card.value.title,
        reason=card.value.reason,
        note=card.note,
        change_text=change.text if change else "",
        change_against=change.against if change else "",
        change_tone=change.tone if change else "",
        change_word=change.word if change else "",
        spark=card.spark,
        spark_label=card.spark_label,
    )


def menu_entry(entry: PageEntry) -> MenuEntry:
    """A page of the manifest as other pages link to it."""
    return MenuEntry(entry.id, entry.title, entry.category, entry.filename)


def landing_page(manifest: Manifest, provenance: Provenance, beside: Sequence[str] = ()) -> str:
    """The HTML of index.html. The manifest it carries lacks only the digest of the page itself.

    Args:
        manifest: the set of pages.
        provenance: what they were made from.
        beside: the files of other pages that lie beside the set.
    """
    return render(
        "landing.html.j2",
        title=f"{NAME} - {period_text(provenance)}",
        manifest=manifest,
        manifest_json=manifest.as_json(),
        provenance=provenance,
        period=period_text(provenance),
        groups=_groups(manifest),
        troubled=[entry for entry in manifest.pages if entry.status is not Status.OK],
        attention=attention(manifest),
        questions=questions(manifest),
        beside={name: TITLES[name] for name in beside},
        alerts=raised_alerts(manifest),
        lines=glance(manifest),
        menu=menu_groups(tuple(menu_entry(entry) for entry in manifest.pages)),
        current="index",
        notice=None,
        page=_page_data(manifest, provenance),
    )


def empty_page(command: str, detail: str) -> str:
    """The landing page of a house without data: `detail` says what is missing, `command` what makes it."""
    return render("empty.html.j2", title=f"{NAME} - no data yet", command=command, detail=detail, notice=None)


def _groups(manifest: Manifest) -> dict[str, list[PageEntry]]:
    groups: dict[str, list[PageEntry]] = {}
    for entry in manifest.pages:
        groups.setdefault(CATEGORY_TITLES.get(entry.category, entry.category), []).append(entry)
    return groups


def attention(manifest: Manifest) -> list[AttentionView]:
    """The advice of all pages with the most dollars; a key, or what two pages say alike, stands once."""
    advice = ((item, entry) for entry in manifest.pages for item in entry.attention)
    views = [AttentionView(item, entry) for item, entry in advice if item.kind in ("recommendation", STAKE)]
    views.sort(key=lambda view: (view.item.kind == STAKE, -decimal(Decimal(view.item.usd or "0"))))
    once: dict[str, AttentionView] = {}
    for view in views:
        once.setdefault(view.item.dedup_key or f"{view.item.title}\n{view.item.text}", view)
    return list(once.values())[:MOST_ATTENTION]


def questions(manifest: Manifest) -> list[AttentionView]:
    """What readers ask, each with the page that answers it, in the order of the pages."""
    return [
        AttentionView(item, entry)
        for entry in manifest.pages
        for item in entry.attention
        if item.kind == QUESTION and entry.status is not Status.FAILED
    ]


@dataclass(frozen=True)
class AlertLine:
    """An alert of a report as the landing page lists it."""

    item: AlertEntry
    page: PageEntry
    usd_text: str


def raised_alerts(manifest: Manifest) -> list[AlertLine]:
    """The alerts of all reports that are up to date: by severity, then by dollars."""
    pages = {page.id: page for page in manifest.pages}
    return [
        AlertLine(
            entry.alert, pages[entry.report], usd_text(Decimal(entry.alert.usd)) if entry.alert.usd else ""
        )
        for entry in by_urgency(manifest.pages)
    ]


@dataclass(frozen=True)
class GlanceLine:
    """What a report says in a line, with its page."""

    label: str
    text: str
    page: PageEntry


def glance(manifest: Manifest) -> list[GlanceLine]:
    """The lines of the summary that reports are behind: spend, forecast, incidents, savings, margin."""
    pages = {page.id: page for page in manifest.pages}
    lines = summary_of(manifest).lines
    return [GlanceLine(line.label, line.text, pages[line.report]) for line in lines if line.report]


def _page_data(manifest: Manifest, provenance: Provenance) -> dict[str, Any]:
    return {
        "id": "index",
        "title": NAME,
        "period": period_text(provenance),
        "zone": provenance.source.filters.timezone,
        "file": provenance.file_name,
        "generatedAt": provenance.generated_at.isoformat(),
        "fileTime": provenance.file_time.isoformat(),
        "lastCall": provenance.source.period.last.isoformat(),
        "firstDay": manifest.dimensions.first_day,
        "lastDay": manifest.dimensions.last_day,
        "providers": list(manifest.dimensions.providers),
        "organizations": list(manifest.dimensions.organizations),
        "models": list(manifest.dimensions.models),
        "features": list(manifest.dimensions.features),
        "unallocated": UNALLOCATED,
        "currency": page_currency(provenance.currency),
    }


def usd_text(usd: Decimal | None) -> str:
    """Dollars for the eye, "" if there are none."""
    return "" if usd is None else amount(usd, Unit.USD)
