"""The parts of a page under a filter, judged by sums that were made from the CSV alone."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.browser.csv_sums import COLUMNS, Sums, added, chosen, name_of, narrowed, on_axis

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
    drawn: chart ? chart.data.datasets.map(one => one.data) : null, labels: chart ? chart.data.labels : null,
    names: table ? ['day', 'provider', 'model', 'organization', 'feature'].filter(name => part.querySelector(`tbody tr[data-${name}]`)) : [],
    rows: table ? [...part.querySelectorAll('tbody tr')].map(row => ({names: {...row.dataset}, hidden: row.hidden, rest: row.dataset.rest,
      cells: [...row.cells].map(cell => [cell.textContent, cell.dataset.value ?? null])})) : [],
    total: table && part.querySelector('tfoot') ? [...part.querySelector('tfoot tr').cells].map(cell => cell.textContent) : null,
  };
})"""
"""What a page shows, and what each part says of the filter."""

NAMES = {"period": "day"}
LATE_HOUR = 22
HALF_A_CENT = Decimal("0.00500001")
ISOLATES = str.maketrans("", "", "\u2068\u2069")


def a_filter(source: random.Random, rows: Rows, number: int) -> dict[str, str]:
    """Some of the five filters, each a value that the data have."""
    days = sorted({row["timestamp"][:10] for row in rows})
    names = source.sample(["period", *COLUMNS], number)
    filters = {name: name_of(source.choice(rows), name) or "(unallocated)" for name in names}
    if "period" in filters:
        first = source.randrange(1, len(days))
        filters["period"] = f"{days[first]}..{days[source.randrange(first, len(days))]}"
    return filters


def page_faults(page: Any, file: Path, rows: Rows, samples: Sequence[Filters]) -> list[str]:
    """The faults of one page under some filters; `page` is open on it without any."""
    whole, complete = page.evaluate(DRAWN), complete_days(rows)
    found = []
    for filters in samples:
        page.evaluate("hash => { location.hash = hash; }", "#" + urlencode(filters))
        count = len(filters) + 1
        page.wait_for_function(
            "n => document.querySelectorAll('[data-chips] button').length === n", arg=count
        )
        for part, before in zip(page.evaluate(DRAWN), whole, strict=True):
            part["complete"] = complete
            found += [f"{file.stem}: {fault}" for fault in part_faults(part, before, rows, filters)]
    return found


def part_faults(part: Part, before: Part, rows: Rows, filters: Filters) -> list[str]:
    """What of a part is not what the calls say; `before` is the part without a filter."""
    ignored = ignored_of(part, filters)
    applied = {name: value for name, value in filters.items() if name not in ignored}
    if not applied:
        same = all(part[key] == before[key] for key in ("text", "drawn", "total"))
        shown = [row["cells"] for row in part["rows"]] == [row["cells"] for row in before["rows"]]
        return [] if same and shown else [f"{part['id']}: changed though it says that it is not filtered"]
    some = chosen(rows, applied)
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


def number_in(text: str) -> Decimal:
    """A shown number, less what stands around it."""
    return Decimal(text.replace("\u2265\xa0", "").replace("$", "").replace(",", "").replace("\u2212", "-"))


def card_faults(part: Part, _: Part, some: Rows, applied: Filters) -> Iterator[str]:
    """A card shows the figure of the chosen calls, rounded; tokens are shortened and are compared in tables."""
    wanted = figure_of(part, narrowed(some, part["sum"]), applied, part["sum"], added(some))
    text = part["text"]
    if wanted is None:
        if text != "n/a":
            yield f"{text} for nothing"
    elif part["unit"] != "tokens":
        places = len(text.partition(".")[2])
        if abs(number_in(text) - wanted) > Decimal(1).scaleb(-places) * Decimal("0.5000001"):
            yield f"{text} for {wanted}"


def figure_faults(part: Part, _: Part, some: Rows, applied: Filters) -> Iterator[str]:
    """A chart names in title and label what it follows, and draws the sums of its labels."""
    title = part["title"].translate(ISOLATES)
    for name, value in applied.items():
        if (value[:4] if name == "period" else value) not in title:
            yield f"its title does not name {value}: {title}"
    if "Filtered" not in part["label"]:
        yield "its label does not say that it is filtered"
    for formed, drawn in zip(part["sums"], part["drawn"], strict=False) if part["by"] else ():
        if formed and not formed.get("rolling"):
            wanted = wanted_series(part, some, applied, formed)
            if len(wanted) != len(drawn) or not all(map(near, drawn, wanted)):
                yield f"draws {drawn} for {wanted}"


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


def figure_of(
    part: Part, some: Rows, applied: Filters, formed: Mapping[str, Any], whole: Sums, weekday: str = ""
) -> Decimal | None:
    """What a sum comes to over some calls; a daily mean is over complete days."""
    if not formed.get("daily"):
        return added(some).figure(formed, whole)
    days = days_of(part, applied, weekday)
    sums = added([row for row in some if row["timestamp"][:10] in part["complete"]])
    return sums.cost / len(days) if days else None


def days_of(part: Part, applied: Filters, weekday: str) -> list[str]:
    """The complete days of what is chosen, all or those of a weekday."""
    first, last = applied.get("period", f"{part['complete'][0]}..{part['complete'][-1]}").split("..")
    return [
        day
        for day in part["complete"]
        if first <= day <= last and weekday in ("", str(date.fromisoformat(day).isoweekday()))
    ]


def complete_days(rows: Rows) -> list[str]:
    """All days from the first call to the last, less a first that starts after two and a last that ends before eleven."""
    times = sorted(row["timestamp"] for row in rows)
    first, last = (date.fromisoformat(times[place][:10]) for place in (0, -1))
    days = [(first + timedelta(number)).isoformat() for number in range((last - first).days + 1)]
    days = days[1:] if int(times[0][11:13]) > 1 else days
    return days[:-1] if int(times[-1][11:13]) < LATE_HOUR else days


def table_faults(part: Part, before: Part, some: Rows, applied: Filters) -> Iterator[str]:
    """A table shows its rows added up anew, or those rows that are of one chosen name, unchanged."""
    if part["by"]:
        yield from formed_faults(part, some)
        return
    for row, earlier in zip(part["rows"], before["rows"], strict=True):
        names = {name: row["names"].get(NAMES.get(name, name)) for name in applied}
        if not row["hidden"] and not all(fits(names[name], name, applied) for name in applied):
            yield f"shows {row['cells'][0]}"
        if row["cells"] != earlier["cells"]:
            yield f"changes {row['cells'][0]}"


def fits(value: str | None, name: str, applied: Filters) -> bool:
    """Whether a row's name is the one asked for; a row without one spans several."""
    if value is None:
        return False
    if name != "period":
        return (value or "(unallocated)") == applied[name]
    first, last = applied[name].split("..")
    return first <= value <= last


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
        elif not row["hidden"] and not row["rest"]:
            yield f"shows {row['cells'][0]}, which has no calls"
    if found and not any(row["rest"] for row in part["rows"]):
        yield f"lacks {sorted(found)}"
    yield from total_faults(part, some, whole)


def total_faults(part: Part, some: Rows, whole: Sums) -> Iterator[str]:
    """The totals of columns of cost that are not those of all chosen calls."""
    for formed, told in zip(part["sums"], part["total"] or (), strict=False):
        if not formed or formed["measure"] != "cost" or formed.get("per") or formed.get("whole"):
            continue
        wanted = added(narrowed(some, formed)).figure(formed, whole)
        shown = None if told == "n/a" else number_in(told)
        if (shown is None) is not (wanted is None) or abs((shown or 0) - (wanted or 0)) > HALF_A_CENT:
            yield f"its total of {formed} is {told} for {wanted}"


def row_faults(part: Part, row: Part, calls: Rows, whole: Sums) -> Iterator[str]:
    """The cells of a row that are not the figures of its calls."""
    for formed, (text, value) in zip(part["sums"], row["cells"], strict=True):
        wanted = added(narrowed(calls, formed)).figure(formed, whole) if formed else None
        if formed and not near(value, wanted):
            yield f"{row['cells'][0]} {formed}: {text} {value} for {wanted}"
