"""Under any filter every figure is the sum over the CSV of just those calls, or says that it is not.

Thirty filters a page: benchmarks/filtered_pages.py.
"""

import csv
import io
import random
from decimal import Decimal

import pytest

from tests.browser.csv_sums import COLUMNS, added, chosen, grouped, name_of, rows_of

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


def a_filter(source, rows, number):
    """Some of the five filters, each a value that the data have."""
    days = sorted({row["timestamp"][:10] for row in rows})
    names = source.sample(["period", *COLUMNS], number)
    filters = {name: name_of(source.choice(rows), name) or "(unallocated)" for name in names}
    if "period" in filters:
        first = source.randrange(len(days) - 1)
        last = source.randrange(first, len(days))
        filters["period"] = f"{days[first]}..{days[last]}"
        if first == 0 and last == len(days) - 1:
            filters["period"] = f"{days[1]}..{days[last]}"
    return filters


def ignored_of(part, filters):
    """The filters that a part says it does not follow."""
    if part["note"].startswith("Not filtered:"):
        return set(filters)
    assert not part["note"] or part["note"].startswith("Not filtered by"), part["note"]
    return {name for name in filters if name in part["note"].replace("Not filtered by", "")}


def near(shown, wanted):
    """Whether a plain number is the exact one, but for the digits that a quotient is cut to."""
    if wanted is None:
        return shown is None
    return shown is not None and abs(Decimal(str(shown)) - wanted) <= abs(wanted) * Decimal("1e-12")


def faults(part, whole_part, rows, filters):
    """What of a part is not what the calls say."""
    ignored = ignored_of(part, filters)
    applied = {name: value for name, value in filters.items() if name not in ignored}
    if not applied:
        same = (part["text"], part["drawn"], part["total"]) == (
            whole_part["text"],
            whole_part["drawn"],
            whole_part["total"],
        )
        shown = [row["cells"] for row in part["rows"]] == [row["cells"] for row in whole_part["rows"]]
        return [] if same and shown else [f"{part['id']}: changed though it says that it is not filtered"]
    some = chosen(rows, applied)
    check = {"card": card_faults, "figure": figure_faults, "table": table_faults}[part["kind"]]
    return [f"{part['id']} under {applied}: {fault}" for fault in check(part, whole_part, some, applied)]


def card_faults(part, _, some, __):
    wanted = added(some).figure(part["sum"], added(some))
    text = part["text"].replace("\u2265\xa0", "")
    if wanted is None:
        return [] if text == "n/a" else [text]
    if part["unit"] == "tokens":
        return [] if added(some).tokens == wanted else [text]
    places = len(text.partition(".")[2])
    number = Decimal(text.replace("$", "").replace(",", "")) if text[0] in "$0123456789" else None
    return (
        []
        if number is not None and abs(number - wanted) <= Decimal(1).scaleb(-places) * Decimal("0.5000001")
        else [f"{text} for {wanted}"]
    )


def figure_faults(part, _, some, applied):
    found = []
    for value in applied.values():
        if value.split("..")[0][:4] not in part["title"] and value not in part["title"].replace(
            "\u2068", ""
        ).replace("\u2069", ""):
            found.append(f"its title does not name {value}: {part['title']}")
    if "Filtered" not in part["label"]:
        found.append("its label does not say that it is filtered")
    if not part["by"]:
        return found
    whole = added(some)
    sums = {key[0]: one for key, one in grouped(some, part["by"])}
    for formed, drawn in zip(part["sums"], part["drawn"], strict=False):
        if formed is None or formed.get("rolling"):
            continue
        members = [member[0] for member in part["members"] if member]
        if part["by"] == ["period"]:
            first, last = applied.get("period", f"{members[0]}..{members[-1]}").split("..")
            wanted = [
                sums[day].figure(formed, whole) if day in sums else Decimal(0)
                for day in members
                if first <= day <= last
            ]
        else:
            wanted = [sums[name].figure(formed, whole) for name in members if name in sums]
        if len(wanted) != len(drawn) or not all(map(near, drawn, wanted)):
            found.append(f"draws {drawn} for {wanted}")
    return found


def table_faults(part, whole_part, some, applied):
    if part["by"]:
        return formed_faults(part, some)
    found, spans = [], False
    for row, before in zip(part["rows"], whole_part["rows"], strict=True):
        names = {name: row["names"].get(NAMES.get(name, name)) for name in applied}
        spans = spans or None in names.values()
        wanted = all(
            value is not None
            and (
                applied[name].split("..")[0] <= value <= applied[name].split("..")[1]
                if name == "period"
                else (value or "(unallocated)") == applied[name]
            )
            for name, value in names.items()
        )
        if not wanted and not row["hidden"]:
            found.append(f"shows {row['cells'][0]}")
        if row["cells"] != before["cells"]:
            found.append(f"changes {row['cells'][0]}")
    return found


def formed_faults(part, some):
    whole = added(some)
    sums = dict(grouped(some, part["by"]))
    found = []
    for row in part["rows"]:
        key = tuple(row["names"].get(NAMES.get(name, name)) for name in part["by"])
        one = sums.pop(key, None)
        if one is None:
            if not row["hidden"] and not row["rest"]:
                found.append(f"shows {row['cells'][0]}, which has no calls")
            continue
        for formed, (text, value) in zip(part["sums"], row["cells"], strict=True):
            if formed and not near(value, one.figure(formed, whole)):
                found.append(f"{key} {formed}: {text} {value} for {one.figure(formed, whole)}")
    if sums:
        found.append(f"lacks {sorted(sums)}")
    cost = next((place for place, formed in enumerate(part["sums"]) if formed == {"measure": "cost"}), None)
    if cost is not None and part["total"] and whole.priced_calls:
        text = part["total"][cost].replace("\u2265\xa0", "").replace("$", "").replace(",", "")
        if abs(Decimal(text) - whole.cost) > Decimal("0.00500001"):
            found.append(f"its total is {text} for {whole.cost}")
    return found


def hash_of(filters):
    from urllib.parse import urlencode

    return "#" + urlencode(filters)


def page_faults(page, file, rows, samples):
    """The faults of one page under some filters; `page` is open on it without any."""
    whole = page.evaluate(DRAWN)
    found = []
    for filters in samples:
        page.evaluate("hash => { location.hash = hash; }", hash_of(filters))
        page.wait_for_function(
            "n => document.querySelectorAll('[data-chips] button').length === n", arg=len(filters) + 1
        )
        for part, whole_part in zip(page.evaluate(DRAWN), whole, strict=True):
            found += [f"{file.stem}: {fault}" for fault in faults(part, whole_part, rows, filters)]
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_under_a_filter_is_the_sum_over_its_calls(real_nine, small_csv, opened, seed):
    rows, source = rows_of(small_csv), random.Random(seed)
    for file in real_nine:
        if file.stem == "index":
            continue
        samples = [a_filter(source, rows, number) for number in (1, 2, 3)]
        with opened(file) as page:
            found = page_faults(page, file, rows, samples)
        assert found == []


def test_a_downloaded_table_holds_the_sums_and_says_its_filter(real_nine, small_csv, opened):
    rows = rows_of(small_csv)
    filters = {
        "provider": rows[0]["provider"],
        "period": f"{rows[0]['timestamp'][:10]}..{rows[0]['timestamp'][:10]}",
    }
    file = next(file for file in real_nine if file.stem == "finops_understanding")
    with opened(file, hash_of(filters)) as page:
        with page.expect_download() as waiting:
            page.locator("#by-model [data-download-csv]").click()
        text = waiting.value.path().read_bytes().decode("utf-8-sig")
    name, day = waiting.value.suggested_filename, rows[0]["timestamp"][:10]
    assert name == f"finops_understanding-by-model-{day}_{day}-provider-{rows[0]['provider']}.csv"
    comment, header, *lines = csv.reader(io.StringIO(text, newline=""))
    assert comment[0].startswith("# Filtered: ")
    assert rows[0]["provider"] in comment[0]
    wanted = {key[1]: one for key, one in grouped(chosen(rows, filters), ("provider", "model"))}
    costs = {line[0].partition(" / ")[2]: Decimal(line[header.index("Cost USD")]) for line in lines}
    assert costs == {model: one.cost for model, one in wanted.items()}
    whole = sum(costs.values())
    shares = [Decimal(line[header.index("% of cost")]) for line in lines]
    assert all(map(near, shares, [100 * cost / whole for cost in costs.values()]))
