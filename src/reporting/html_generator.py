"""Documents to HTML: one self-contained file a page, no arithmetic, everything escaped.

A page holds its styles, scripts and data; its Content-Security-Policy names each script and style by hash.
The menu, the neighbours and the notice of a page lie between markers, so that a page kept from an earlier run
can be told about new pages and about a failure without being made anew.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined

from calls.cost_gaps import gap_sentences
from calls.dimensions import UNALLOCATED
from foundation.release import NAME
from reporting import assets
from reporting.currency import DisplayCurrency
from reporting.currency_words import currency_note, rate_text
from reporting.document import Document, Number, Unit
from reporting.figures import EntityColours
from reporting.number_format import amount, counted, day, days_between, moment
from reporting.provenance import Provenance
from reporting.views import CATEGORY_TITLES, Dimensions, MenuEntry, document_view

_TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True)
class Notice:
    """Why a page shows old figures: what failed, when it failed, and when the figures were made."""

    what: str
    reason: str
    failed_at: datetime
    made_at: datetime | None


@dataclass(frozen=True)
class PageContext:
    """What a page knows of the others."""

    menu: tuple[MenuEntry, ...] = ()
    colours: EntityColours | None = None
    dimensions: Dimensions | None = None


@cache
def environment() -> Environment:
    """The templates: everything escaped, an unknown name is an error, no NaN in JSON."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=_bytecode_cache(),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    made.filters |= {
        "gap_sentences": gap_sentences,
        "day": day,
        "moment": moment,
        "amount": _amount,
        "counted": counted,
        "category_title": _category_title,
        "instant": _instant,
        "currency_note": currency_note,
        "rate_text": rate_text,
    }
    made.globals |= {
        "style": assets.style(),
        "first_script": assets.first_script(),
        "chart_script": assets.chart_script(),
        "page_script": assets.page_script(),
        "policy": assets.page_policy,
        "product": NAME,
        "unallocated": UNALLOCATED,
    }
    return made


def _bytecode_cache() -> FileSystemBytecodeCache | None:
    """Compiled templates beside Python's own compiled modules, where those can be written."""
    folder = Path(__file__).with_name("__pycache__")
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None


def _amount(number: Number | None, unit: str) -> str:
    return amount(number, Unit(unit))


def _instant(text: str) -> str:
    return moment(datetime.fromisoformat(text).astimezone(UTC))


def _category_title(category: str) -> str:
    return CATEGORY_TITLES.get(category, category)


def render(template: str, **values: Any) -> str:
    """A page from a template under templates/."""
    footer = {"print_style": assets.print_style(values.get("title", ""))}
    return environment().get_template(template).render(footer | values)


def period_text(provenance: Provenance) -> str:
    """The period of a page's title: 24 Oct to 22 Nov 2026."""
    period = provenance.source.period
    return days_between(period.first_day, period.last_day)


def render_report(document: Document, provenance: Provenance, context: PageContext | None = None) -> str:
    """The page of a document: a whole HTML file.

    Without a `context` the page stands alone: no menu, colours of its own, filters of its own.

    Raises:
        ValueError: the document is not sound (see `reporting.views.document_view`).
    """
    known = context or PageContext()
    period = provenance.source.period
    view = document_view(document, known.colours or {})
    dimensions = known.dimensions or Dimensions(period.first_day, period.last_day)
    return render(
        "report.html.j2",
        view=view,
        doc=document,
        provenance=provenance,
        period=period_text(provenance),
        title=f"{document.title} - {period_text(provenance)} - {NAME}",
        page=_page_data(document.id, document.title, provenance, dimensions),
        current=document.id,
        menu=menu_groups(known.menu),
        notice=None,
        **_neighbours(known.menu, document.id),
    )


def _page_data(page_id: str, title: str, provenance: Provenance, dimensions: Dimensions) -> dict[str, Any]:
    """What the scripts of a page know about it."""
    return {
        "id": page_id,
        "title": title,
        "period": period_text(provenance),
        "zone": provenance.source.filters.timezone,
        "file": provenance.file_name,
        "generatedAt": provenance.generated_at.isoformat(),
        "fileTime": provenance.file_time.isoformat(),
        "firstDay": dimensions.first_day.isoformat(),
        "lastDay": dimensions.last_day.isoformat(),
        "providers": list(dimensions.providers),
        "organizations": list(dimensions.organizations),
        "models": list(dimensions.models),
        "features": list(dimensions.features),
        "unallocated": UNALLOCATED,
        "currency": page_currency(provenance.currency),
    }


def page_currency(currency: DisplayCurrency | None) -> dict[str, Any] | None:
    """What the scripts of a page know of the currency of its amounts; None for US dollars."""
    if currency is None:
        return None
    return {
        "code": currency.code,
        "usdForOne": float(currency.usd_for_one),
        "note": currency_note(currency),
    }


def menu_groups(menu: tuple[MenuEntry, ...]) -> dict[str, list[MenuEntry]]:
    """The entries by category title, in the order in which they come."""
    groups: dict[str, list[MenuEntry]] = {}
    for entry in menu:
        groups.setdefault(entry.category_title, []).append(entry)
    return groups


def _neighbours(menu: tuple[MenuEntry, ...], current: str) -> dict[str, MenuEntry | None]:
    """The pages `before` and `after` the current one, in the order of the menu."""
    place = next((place for place, entry in enumerate(menu) if entry.id == current), None)
    if place is None:
        return {"before": None, "after": None}
    return {
        "before": menu[place - 1] if place else None,
        "after": menu[place + 1] if place + 1 < len(menu) else None,
    }


def renew(page: str, current: str, menu: tuple[MenuEntry, ...], notice: Notice | None) -> str:
    """A page kept from an earlier run, with today's menu, neighbours and notice in place of its own."""
    regions = {
        "menu": render("menu.html.j2", menu=menu_groups(menu), current=current),
        "pager": render("pager.html.j2", **_neighbours(menu, current)),
        "notice": render("notice.html.j2", notice=notice),
    }
    for name, markup in regions.items():
        page = _replace_region(page, name, markup)
    return page


def _replace_region(page: str, name: str, markup: str) -> str:
    pattern = re.compile(f"<!--{name}-->.*?<!--/{name}-->", re.DOTALL)
    return pattern.sub(lambda _: f"<!--{name}-->\n{markup}\n<!--/{name}-->", page, count=1)
