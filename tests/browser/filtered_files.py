"""What leaves a page under a filter, its CSV files, pictures and prints, judged by the parts that were judged on screen."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.browser.csv_sums import on_axis

Part = dict[str, Any]
Filters = Mapping[str, str]
Rows = Sequence[Mapping[str, str]]

NAMES = {"period": "day"}
ISOLATES = str.maketrans("", "", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MOST_SAID = 60
FORMULA = tuple("=+-@\t\r\n")

SAVED = """() => {
  const kept = { make: URL.createObjectURL, click: HTMLAnchorElement.prototype.click, blob: HTMLCanvasElement.prototype.toBlob,
    write: CanvasRenderingContext2D.prototype.fillText, draw: Chart.prototype.draw };
  let [file, texts, drawn] = [{}, [], null];
  URL.createObjectURL = blob => { file = {blob}; return '#'; };
  HTMLAnchorElement.prototype.click = function () { file.name = this.download; };
  HTMLCanvasElement.prototype.toBlob = function (done) { done(new Blob(['picture'])); };
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) { texts.push(String(text)); return kept.write.call(this, text, ...rest); };
  Chart.prototype.draw = function () { drawn = this.data.datasets.map(one => one.data); return kept.draw.call(this); };
  const saved = {};
  for (const button of document.querySelectorAll('[data-download-csv], [data-download-png]')) {
    [file, texts, drawn] = [{}, [], null];
    button.click();
    saved[button.closest('[data-table], figure').id] = {name: file.name, blob: file.blob, texts, drawn};
  }
  URL.createObjectURL = kept.make; HTMLAnchorElement.prototype.click = kept.click; HTMLCanvasElement.prototype.toBlob = kept.blob;
  CanvasRenderingContext2D.prototype.fillText = kept.write; Chart.prototype.draw = kept.draw;
  return Promise.all(Object.entries(saved).map(async ([id, one]) => [id, {...one, text: one.blob ? await one.blob.text() : ''}])).then(Object.fromEntries);
}"""
"""Presses each button for a file and keeps what it gives: name, text of a CSV, texts and figures of a picture."""

ON_PAPER = """() => ({
  banner: document.querySelector('[data-scope]').checkVisibility() ? document.querySelector('[data-scope]').innerText : '',
  parts: Object.fromEntries([...document.querySelectorAll('.card[data-sum], figure[data-figure], .table-block')].map(part => {
    const note = part.querySelector(':scope > [data-unfiltered]'), words = part.querySelector('[data-printed]');
    return [part.id, {there: part.checkVisibility(), note: note.checkVisibility() ? note.textContent : '', words: words?.checkVisibility() ? words.textContent : '',
      rows: [...part.querySelectorAll(':scope > .table-scroll tbody tr')].filter(row => row.checkVisibility()).map(row => row.cells[0].textContent)}];
  }))})"""
"""What of banner, notes and rows a print shows."""


def file_faults(page: Any, parts: Sequence[Part], filters: Filters) -> Iterator[str]:
    """The files of a page that are not what the page shows, or that do not say what they follow."""
    saved = page.evaluate(SAVED)
    for part in parts:
        check = {"figure": picture_faults, "table": table_file_faults}.get(part["kind"])
        if check:
            yield from (f"{part['id']}: {fault}" for fault in check(part, saved[part["id"]], filters))
        if part["kind"] == "figure" and part["by"] and f"{part['id']}-data" in saved:
            yield from chart_file_faults(part, saved[f"{part['id']}-data"])


def followed(part: Part, filters: Filters) -> tuple[Filters, set[str]]:
    """The filters that a part follows, and the names of those that it ignores."""
    applied = {name: value for name, value in filters.items() if name not in part["ignored"]}
    return applied, part["ignored"]


def in_words(value: str) -> str:
    """A name as sentences say it: shortened, and without signs of text direction."""
    return " ".join(
        (value if len(value) <= MOST_SAID else value[: MOST_SAID - 1]).translate(ISOLATES).split()
    )


def words_faults(words: str, part: Part, filters: Filters) -> Iterator[str]:
    """Words beside a figure name every filter that it follows, and every one that it does not."""
    words = words.translate(ISOLATES)
    applied, ignored = followed(part, filters)
    for name, value in applied.items():
        if (value[:4] if name == "period" else in_words(value)) not in words:
            yield f"does not say {value}: {words!r}"
    left_out = words.partition("Not filtered by ")[2]
    for name in ignored:
        if name not in left_out:
            yield f"does not say that it ignores the {name}: {words!r}"


def name_faults(name: str, part: Part, filters: Filters, ending: str) -> Iterator[str]:
    """A file is named by the filters that it follows and by no others."""
    for key, value in filters.items():
        plain = value.replace("..", "_") if key == "period" else re.sub(r"[^\w.-]+", "_", value)[:40]
        if (plain in name) is (key in part["ignored"]):
            yield f"its file is named {name} under {key} {value}"
    if not name.endswith(f".{ending}"):
        yield f"its file is named {name}"


def picture_faults(part: Part, saved: Part, filters: Filters) -> Iterator[str]:
    """A picture draws what the chart on screen draws, below its title, and is stamped with what it follows."""
    if saved["drawn"] != part["drawn"]:
        yield f"its picture draws {saved['drawn']} for {part['drawn']}"
    stamp = [text for text in saved["texts"] if "iltered" in text and part["title"][:20] not in text]
    yield from words_faults(" ".join(stamp), part, filters)
    yield from name_faults(saved["name"], part, filters, "png")
    if part["title"].split()[0] not in " ".join(saved["texts"]):
        yield "its picture has no title"


def lines_of(text: str) -> tuple[str, list[str], list[list[str]]]:
    """Comment, header and rows of a CSV file."""
    lines = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")))
    comment = lines.pop(0)[0] if lines[0][0].startswith(("#", "'#")) else ""
    return comment, lines[0], lines[1:]


def table_file_faults(part: Part, saved: Part, filters: Filters) -> Iterator[str]:
    """A CSV file holds the rows that are chosen, all of them and no others, with the digits of the page."""
    comment, header, lines = lines_of(saved["text"])
    if len(header) != len(part["units"]):
        yield f"its file has {len(header)} columns for {len(part['units'])}"
    yield from words_faults(comment, part, filters)
    yield from name_faults(saved["name"], part, filters, "csv")
    wanted = [
        [in_file(cell, unit) for cell, unit in zip(row["cells"], part["units"], strict=True)]
        for row in part["chosen"]
    ]
    if not same_lines(lines, wanted):
        yield f"its file holds {lines[:3]} ({len(lines)} rows) for {wanted[:3]} ({len(wanted)} rows)"


def in_file(cell: tuple[str, str | None], unit: str) -> str | Decimal | None:
    """What a file says for a cell, text and value: texts as they are, numbers exactly, shares as percentages."""
    text, value = cell
    if unit == "text":
        return text
    if value is None:
        return None
    if unit in ("date", "hour"):
        return value
    return Decimal(value) * (100 if unit in ("share", "points") else 1)


def same_lines(lines: Sequence[Sequence[str]], wanted: Sequence[Sequence[str | Decimal | None]]) -> bool:
    return len(lines) == len(wanted) and all(
        len(line) == len(row) and all(map(same_cell, line, row))
        for line, row in zip(lines, wanted, strict=True)
    )


def same_cell(written: str, wanted: str | Decimal | None) -> bool:
    if isinstance(wanted, Decimal):
        return written != "" and Decimal(written) == wanted
    return written in (wanted or "", f"'{wanted}")


def chart_file_faults(part: Part, saved: Part) -> Iterator[str]:
    """The file of a chart's table holds the figures that are drawn."""
    _, _, lines = lines_of(saved["text"])
    if len(lines) != len(part["labels"]):
        yield f"the file of its table holds {len(lines)} rows for {len(part['labels'])} labels"
        return
    for place, (formed, drawn) in enumerate(zip(part["sums"], part["drawn"], strict=False), 1):
        scale = 100 if part["unit"] in ("share", "points") else 1
        told = [Decimal(line[place]) if line[place] else None for line in lines]
        if formed and not all(
            map(close, told, [None if one is None else Decimal(str(one)) * scale for one in drawn])
        ):
            yield f"the file of its table holds {told} for {drawn}"


def close(told: Decimal | None, drawn: Decimal | None) -> bool:
    if told is None or drawn is None:
        return told is drawn
    return abs(told - drawn) <= abs(drawn) * Decimal("1e-12")


def paper_faults(page: Any, parts: Sequence[Part], drawn: str, filters: Filters) -> Iterator[str]:
    """A print shows the figures of the screen, the filter, what ignores it, and how many rows it leaves out."""
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    printed, again = page.evaluate(ON_PAPER), page.evaluate(drawn)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    yield from (
        f"the banner on paper {fault}"
        for fault in words_faults(printed["banner"], {"ignored": set()}, filters)
    )
    for part, other in zip(parts, again, strict=True):
        shown = printed["parts"][part["id"]]
        for key in ("text", "drawn", "total", "title", "label"):
            if part[key] != other[key]:
                yield f"{part['id']}: on paper its {key} is {other[key]} for {part[key]}"
        if shown["there"] and part["ignored"] and not shown["note"]:
            yield f"{part['id']}: on paper it does not say what it ignores"
        if shown["there"] and part["kind"] == "table":
            yield from (f"{part['id']}: {fault}" for fault in rows_on_paper(part, shown))


def rows_on_paper(part: Part, shown: Part) -> Iterator[str]:
    """Rows on paper are the first of those that are chosen, and the others are counted."""
    names = [row["cells"][0][0] for row in part["chosen"]]
    if shown["rows"] != names[: len(shown["rows"])]:
        yield f"prints {shown['rows'][:5]} of {names[:5]}"
    whole = sum(int(row["rest"] or 1) for row in part["rows"])
    seen = sum(int(row["rest"] or 1) for row in part["chosen"][: len(shown["rows"])])
    if len(shown["rows"]) < len(names) and f"Printed: {seen:,} of {whole:,} row" not in shown["words"]:
        yield f"prints {seen} of {whole} rows and says {shown['words']!r}"


def chosen_rows(part: Part, some: Rows, applied: Filters) -> list[Part]:
    """The rows of a table that belong to what is chosen, in the order of the table."""
    if not applied:
        return list(part["rows"])
    if not part["by"]:
        return [
            row
            for row in part["rows"]
            if all(fits(row["names"].get(NAMES.get(name, name)), name, applied) for name in applied)
        ]
    there = {tuple(on_axis(row, name) for name in part["by"]) for row in some}
    named = [tuple(row["names"].get(NAMES.get(name, name)) for name in part["by"]) for row in part["rows"]]
    others = there - {name for name, row in zip(named, part["rows"], strict=True) if not row["rest"]}
    return [
        row
        for name, row in zip(named, part["rows"], strict=True)
        if (others if row["rest"] else name in there)
    ]


def fits(value: str | None, name: str, applied: Filters) -> bool:
    """Whether a row's name is the one asked for; a row without one spans several."""
    if value is None:
        return False
    if name != "period":
        return (value or "(unallocated)") == applied[name]
    first, last = applied[name].split("..")
    return first <= value <= last
