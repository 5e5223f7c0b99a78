"""The parts of a page under a filter, judged by sums that were made from the CSV alone."""

import random
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.browser.csv_sums import COLUMNS, Sums, added, chosen, grouped, name_of

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
    whole = page.evaluate(DRAWN)
    found = []
    for filters in samples:
        page.evaluate("hash => { location.hash = hash; }", "#" + urlencode(filters))
        count = len(filters) + 1
        page.wait_for_function(
            "n => document.querySelectorAll('[data-chips] button').length === n", arg=count
        )
        for part, before in zip(page.evaluate(DRAWN), whole, strict=True):
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


def card_faults(part: Part, _: Part, some: Rows, __: Filters) -> Iterator[str]:
    """A card shows the figure of the chosen calls, rounded; tokens are shortened and are compared in tables."""
    wanted = added(some).figure(part["sum"], added(some))
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
    whole = added(some)
    sums = {key[0]: one for key, one in grouped(some, part["by"])}
    members = [member[0] for member in part["members"] if member]
    if part["by"] != ["period"]:
        return [sums[name].figure(formed, whole) for name in members if name in sums]
    first, last = applied.get("period", f"{members[0]}..{members[-1]}").split("..")
    days = [day for day in members if first <= day <= last]
    return [sums[day].figure(formed, whole) if day in sums else Decimal(0) for day in days]


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
    whole, sums = added(some), dict(grouped(some, part["by"]))
    for row in part["rows"]:
        one = sums.pop(tuple(row["names"].get(NAMES.get(name, name)) for name in part["by"]), None)
        if one is not None:
            yield from row_faults(part, row, one, whole)
        elif not row["hidden"] and not row["rest"]:
            yield f"shows {row['cells'][0]}, which has no calls"
    if sums:
        yield f"lacks {sorted(sums)}"
    cost = next((place for place, formed in enumerate(part["sums"]) if formed == {"measure": "cost"}), None)
    told = part["total"][cost] if cost is not None and part["total"] and whole.priced_calls else None
    if told is not None and abs(number_in(told) - whole.cost) > Decimal("0.00500001"):
        yield f"its total is {told} for {whole.cost}"


def row_faults(part: Part, row: Part, one: Sums, whole: Sums) -> Iterator[str]:
    """The cells of a row that are not the figures of its calls."""
    for formed, (text, value) in zip(part["sums"], row["cells"], strict=True):
        if formed and not near(value, one.figure(formed, whole)):
            yield f"{row['cells'][0]} {formed}: {text} {value} for {one.figure(formed, whole)}"
