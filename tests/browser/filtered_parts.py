"""The parts of a page under a filter, judged by sums that were made from the CSV alone."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.browser.csv_sums import COLUMNS, Sums, added, chosen, complete_days, name_of, narrowed, on_axis
from tests.browser.filtered_files import (
    ISOLATES,
    NAMES,
    chosen_rows,
    file_faults,
    fits,
    in_words,
    paper_faults,
)

Part = dict[str, Any]
Filters = Mapping[str, str]
Rows = Sequence[Mapping[str, str]]

DRAWN = """() => [...document.querySelectorAll('.card[data-sum], figure[data-figure], .table-block')].map(part => {
  const note = part.querySelector(':scope > [data-unfiltered]');
  const figure = part.matches('figure'), table = part.matches('.table-block');
  const chart = figure ? Chart.getChart(part.querySelector('canvas')) : null;
  const written = figure ? JSON.parse(part.querySelector('[data-config]').textContent) : {};
  return {
    id: part.id, kind: figure ? 'figure' : table ? 'table' : 'card', note: note.hidden ? '' : note.textContent,
    sum: part.dataset.sum ? JSON.parse(part.dataset.sum) : null,
    text: table || figure ? '' : part.querySelector('.card__value').textContent,
    by: figure ? written.by : table && part.dataset.by ? part.dataset.by.split(' ') : null,
    title: part.querySelector('h3').textContent, label: figure ? part.querySelector('canvas').getAttribute('aria-label') : '',
    members: figure ? written.members : null, unit: figure ? written.unit : part.dataset.unit,
    sums: figure ? (written.series || []).map(one => one.sum) : table ? [...part.querySelectorAll('th[data-key]')].map(one => one.dataset.sum ? JSON.parse(one.dataset.sum) : null) : null,
    units: table ? [...part.querySelectorAll('th[data-key]')].map(one => one.dataset.unit) : null,
    additive: table ? [...part.querySelectorAll('th[data-key]')].map(one => 'additive' in one.dataset) : null, first: Number(part.dataset.first || 0),
    drawn: chart ? chart.data.datasets.map(one => one.data) : null, labels: chart ? chart.data.labels : null,
    names: table ? ['day', 'provider', 'model', 'organization', 'feature'].filter(name => part.querySelector(`tbody tr[data-${name}]`)) : [],
    rows: table ? [...part.querySelectorAll('tbody tr')].map(row => ({names: {...row.dataset}, hidden: row.hidden, rest: row.dataset.rest,
      cells: [...row.cells].map(cell => [cell.textContent, cell.dataset.value ?? null])})) : [],
    total: table && part.querySelector('tfoot') ? [...part.querySelector('tfoot tr').cells].map(cell => cell.textContent) : null,
  };
})"""
"""What a page shows, and what each part says of the filter."""


def a_filter(source: random.Random, rows: Rows, number: int) -> dict[str, str]:
    """Some of the five filters, each a value that the data have."""
    days = sorted({row["timestamp"][:10] for row in rows})
    names = source.sample(["period", *COLUMNS], number)
    filters = {name: name_of(source.choice(rows), name) or "(unallocated)" for name in names}
    if "period" in filters:
        first = source.randrange(1, len(days))
        filters["period"] = f"{days[first]}..{days[source.randrange(first, len(days))]}"
    return filters


def page_faults(page: Any, file: Path, rows: Rows, samples: Sequence[Filters], files: int = 0) -> list[str]:
    """The faults of one page under some filters; `page` is open on it without any. Of the last `files` filters the
    files and prints are judged too.
    """
    whole, complete = page.evaluate(DRAWN), complete_days(rows)
    found = []
    for place, filters in enumerate(samples):
        page.evaluate("hash => { location.hash = hash; }", "#" + urlencode(filters))
        count = len(filters) + 1
        page.wait_for_function(
            "n => document.querySelectorAll('[data-chips] button').length === n", arg=count
        )
        parts, kept = page.evaluate(DRAWN), Chosen(rows)
        for part, before in zip(parts, whole, strict=True):
            part["complete"] = complete
            found += [f"{file.stem}: {fault}" for fault in part_faults(part, before, kept, filters)]
        if place >= len(samples) - files:
            faults = [*file_faults(page, parts, filters), *paper_faults(page, parts, DRAWN, filters)]
            found += [f"{file.stem} under {filters}: {fault}" for fault in faults]
    return found


class Chosen:
    """Calls by the filters of a part: many parts of a page follow the same."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.found: dict[tuple[tuple[str, str], ...], list[Mapping[str, str]]] = {}

    def by(self, applied: Filters) -> list[Mapping[str, str]]:
        key = tuple(sorted(applied.items()))
        if key not in self.found:
            self.found[key] = chosen(self.rows, applied)
        return self.found[key]


def part_faults(part: Part, before: Part, calls: Chosen, filters: Filters) -> list[str]:
    """What of a part is not what the calls say; `before` is the part without a filter."""
    part["ignored"] = ignored_of(part, filters)
    applied = {name: value for name, value in filters.items() if name not in part["ignored"]}
    some = calls.by(applied)
    part["any_day"] = calls.by({name: value for name, value in applied.items() if name != "period"})
    if part["kind"] == "table":
        part["chosen"] = chosen_rows(part, some, applied)
    if not applied:
        same = all(part[key] == before[key] for key in ("text", "drawn", "total"))
        shown = [row["cells"] for row in part["rows"]] == [row["cells"] for row in before["rows"]]
        return [] if same and shown else [f"{part['id']}: changed though it says that it is not filtered"]
    check = {"card": card_faults, "figure": figure_faults, "table": table_faults}[part["kind"]]
    return [f"{part['id']} under {applied}: {fault}" for fault in check(part, before, some, applied)]


def ignored_of(part: Part, filters: Filters) -> set[str]:
    """The filters that a part says it does not follow."""
    if part["note"].startswith("Not filtered:"):
        return set(filters)
    assert not part["note"] or part["note"].startswith("Not filtered by"), part["note"]
    return {name for name in filters if name in part["note"].replace("Not filtered by", "")}


def near(shown: Any, wanted: Decimal | None) -> bool:
    """Whether a plain number is the exact one, but for the digits that a quotient is cut to."""
    if wanted is None or shown is None:
        return shown is wanted
    return abs(Decimal(str(shown)) - wanted) <= abs(wanted) * Decimal("1e-12")


SHORT = {"k": 10**3, "M": 10**6, "B": 10**9}


def shows(text: str, wanted: Decimal | None, unit: str) -> bool:
    """Whether a text is a figure rounded to the digits that it shows."""
    if wanted is None or text == "n/a":
        return wanted is None and text == "n/a"
    plain = (
        text.replace("\u2265\xa0", "").replace("$", "").replace(",", "").replace("\u2212", "-").rstrip("%")
    )
    digits, _, letter = plain.partition("\xa0")
    scale = Decimal(SHORT.get(letter, 1)) / (100 if unit in ("share", "points") else 1)
    half = scale.scaleb(-len(digits.partition(".")[2])) * Decimal("0.5000001")
    return abs(Decimal(digits) * scale - wanted) <= half


def card_faults(part: Part, _: Part, some: Rows, applied: Filters) -> Iterator[str]:
    """A card shows the figure of the chosen calls, rounded."""
    wanted = figure_of(part, narrowed(some, part["sum"]), applied, part["sum"], added(some))
    if not shows(part["text"], wanted, part["unit"]):
        yield f"{part['text']} for {wanted}"


def figure_faults(part: Part, _: Part, some: Rows, applied: Filters) -> Iterator[str]:
    """A chart names in title and label what it follows, and draws the sums of its labels."""
    title = part["title"].translate(ISOLATES)
    for name, value in applied.items():
        if (value[:4] if name == "period" else in_words(value)) not in title:
            yield f"its title does not name {value}: {title}"
    if "Filtered" not in part["label"]:
        yield "its label does not say that it is filtered"
    yield from label_faults(part)
    for formed, drawn in zip(part["sums"], part["drawn"], strict=False) if part["by"] else ():
        if formed:
            wanted = wanted_series(part, some, applied, formed)
            if len(wanted) != len(drawn) or not all(map(near, drawn, wanted)):
                yield f"draws {drawn} for {wanted}"


def label_faults(part: Part) -> Iterator[str]:
    """The first total that a label tells is that of the first series."""
    told = re.search(r"total ([^ ]+?)\.(?: |$)", part["label"])
    if told and part["by"]:
        wanted = sum((Decimal(str(one)) for one in part["drawn"][0] if one is not None), Decimal(0))
        if not shows(told[1], wanted, part["unit"]):
            yield f"its label says {told[1]} for {wanted}"


def wanted_series(
    part: Part, some: Rows, applied: Filters, formed: Mapping[str, Any]
) -> list[Decimal | None]:
    """The figures of a chart over its labels: of every day of the period, of every name that has calls."""
    (axis,) = part["by"]
    whole, kept = added(some), narrowed(some, formed)
    there = {on_axis(row, axis) for row in some}
    members = [member[0] for member in part["members"] if member]
    if axis == "weekday":
        members = [name for name in members if days_of(part, applied, name)]
    elif axis == "period":
        first, last = applied.get("period", f"{members[0]}..{members[-1]}").split("..")
        members = [day for day in members if first <= day <= last]
    else:
        members = [name for name in members if name in there]
    if formed.get("rolling"):
        return rolling_means(part, formed, members)
    if formed.get("running"):
        return [
            added([row for row in kept if on_axis(row, axis) <= day]).figure(formed, whole) for day in members
        ]
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in kept:
        found.setdefault(on_axis(row, axis), []).append(row)
    return [
        figure_of(part, found.get(name, []), applied, formed, whole, name if axis == "weekday" else "")
        for name in members
    ]


def rolling_means(part: Part, formed: Mapping[str, Any], shown: Sequence[str]) -> list[Decimal | None]:
    """The mean of so many days up to each, those before the period too; None where there are fewer or one is unknown."""
    days, length = [member[0] for member in part["members"]], formed["rolling"]
    by_day: dict[str, list[Mapping[str, str]]] = {day: [] for day in days}
    for row in narrowed(part["any_day"], formed):
        by_day[row["timestamp"][:10]].append(row)
    figures = [added(by_day[day]).figure({"measure": formed["measure"]}, added([])) for day in days]
    means = {}
    for place, day in enumerate(days):
        known = figures[max(0, place + 1 - length) : place + 1]
        means[day] = None if len(known) < length or None in known else sum(known) / length
    return [means[day] for day in shown]


def figure_of(
    part: Part, some: Rows, applied: Filters, formed: Mapping[str, Any], whole: Sums, weekday: str = ""
) -> Decimal | None:
    """What a sum comes to over some calls; a daily mean is over complete days."""
    if not formed.get("daily"):
        return added(some).figure(formed, whole)
    days = days_of(part, applied, weekday)
    sums = added([row for row in some if row["timestamp"][:10] in part["complete"]])
    unknown = sums.calls > 0 and sums.priced_calls == 0
    return sums.cost / len(days) if days and not unknown else None


def days_of(part: Part, applied: Filters, weekday: str) -> list[str]:
    """The complete days of what is chosen, all or those of a weekday."""
    first, last = applied.get("period", f"{part['complete'][0]}..{part['complete'][-1]}").split("..")
    return [
        day
        for day in part["complete"]
        if first <= day <= last and weekday in ("", str(date.fromisoformat(day).isoweekday()))
    ]


def table_faults(part: Part, before: Part, some: Rows, applied: Filters) -> Iterator[str]:
    """A table shows its rows added up anew, or those rows that are of one chosen name, unchanged."""
    visible = [row["cells"] for row in part["rows"] if not row["hidden"]]
    if visible != [row["cells"] for row in part["chosen"][: part["first"]]]:
        yield f"shows {len(visible)} rows, not the first of {len(part['chosen'])}"
    if part["by"]:
        yield from formed_faults(part, some)
        return
    for row, earlier in zip(part["rows"], before["rows"], strict=True):
        if row["cells"] != earlier["cells"]:
            yield f"changes {row['cells'][0]}"
    yield from named_total_faults(part, before, applied)


def named_total_faults(part: Part, before: Part, applied: Filters) -> Iterator[str]:
    """Columns of rows of one name each add up where their figures do; a row that spans names takes the total with it."""
    if part["total"] is None or len(part["chosen"]) == len(part["rows"]):
        if part["total"] != before["total"]:
            yield f"its total is {part['total']} for {before['total']}"
        return
    spans = [row for row in part["rows"] if spans_chosen(row, applied)]
    for place, (text, additive, unit) in enumerate(
        zip(part["total"], part["additive"], part["units"], strict=True)
    ):
        values = [row["cells"][place][1] for row in part["chosen"]]
        wanted = (
            sum((Decimal(value) for value in values if value), Decimal(0)) if additive and not spans else None
        )
        if place and unit != "text" and not shows(text, wanted, unit):
            yield f"its total of column {place} is {text} for {wanted}"


def spans_chosen(row: Part, applied: Filters) -> bool:
    """Whether a row may hold part of what is chosen: it lacks a name, and those that it has fit."""
    names = {name: row["names"].get(NAMES.get(name, name)) for name in applied}
    known = [name for name, value in names.items() if value is not None]
    return len(known) < len(names) and all(fits(names[name], name, applied) for name in known)


def formed_faults(part: Part, some: Rows) -> Iterator[str]:
    """Every name that has calls has a row with its figures, and the total is theirs."""
    whole = added(some)
    found: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for row in some:
        found.setdefault(tuple(on_axis(row, name) for name in part["by"]), []).append(row)
    for row in part["rows"]:
        calls = found.pop(tuple(row["names"].get(NAMES.get(name, name)) for name in part["by"]), None)
        if calls is not None:
            yield from row_faults(part, row, calls, whole)
    rest = [call for calls in found.values() for call in calls]
    for row in part["rows"]:
        if row["rest"] and rest:
            yield from row_faults(part, row, rest, whole)
    if rest and not any(row["rest"] for row in part["rows"]):
        yield f"lacks {sorted(found)}"
    yield from total_faults(part, some, whole)


def total_faults(part: Part, some: Rows, whole: Sums) -> Iterator[str]:
    """The totals that are not those of all chosen calls; columns that cannot be formed have none."""
    for place, text in enumerate(part["total"] or ()):
        formed, unit = part["sums"][place], part["units"][place]
        wanted = added(narrowed(some, formed)).figure(formed, whole) if formed else None
        if place and unit != "text" and not shows(text, wanted, unit):
            yield f"its total of {formed} is {text} for {wanted}"


def row_faults(part: Part, row: Part, calls: Rows, whole: Sums) -> Iterator[str]:
    """The cells of a row that are not the figures of its calls; a column that cannot be formed has none."""
    for place, (formed, (text, value)) in enumerate(zip(part["sums"], row["cells"], strict=True)):
        unit = part["units"][place]
        wanted = added(narrowed(calls, formed)).figure(formed, whole) if formed else None
        if formed and not near(value, wanted):
            yield f"{row['cells'][0]} {formed}: {text} {value} for {wanted}"
        if place and unit != "text" and not shows(text.partition(":")[0], wanted, unit):
            yield f"{row['cells'][0]} {formed or place}: shows {text} for {wanted}"
