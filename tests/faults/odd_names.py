"""File names that a pattern, a shell or an engine would take for something else, and scripts that are given them.

Each name has a decoy: another file, which the name means if it is taken for a pattern. A script that is given the name
must read and write that file, and leave the decoy as it is.
"""

import csv
import fnmatch
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import compare_scenarios
import export_data
import import_usage
import reconcile
import reprice
from analyzers.ubr import profitability
from calls.engine_choice import open_any
from calls.writing.store import append_rows
from foundation.console import run
from simulator import core
from simulator.command import script
from simulator.scenarios.burst_traffic import BurstTraffic
from tests.calls.call_files import rows, write

PATTERNS = (("*", ""), ("*", "ab"), ("?", "q"), ("[1]", "1"), ("[a-c]", "b"), ("[!x]", "y"), ("**", ""))
"""Signs of patterns, and a text that each matches."""
TEXTS = (
    "r", "data", " ", "'", '"', "\\", "\n", "\t", "-", "--out", "~", "$HOME", "`id`", ";", "&", "|", "{a,b}", "{}", "%20",
    "#", "=", "day=1", ":", "s3:", "]", "é", "漢", "😀", "\u202e", "\udcff", "..", ",", "(", "!",
)  # fmt: skip
LONGEST = 250
RIGHT, WRONG = 7, 5
"""Calls of the file that is meant, and of the decoy."""


@dataclass(frozen=True)
class Name:
    """A name without its ending, and a name that it matches as a pattern."""

    text: str
    decoy: str


def names(seed: int, count: int) -> Iterator[Name]:
    """Different names, made of patterns and of other texts that mean something to somebody."""
    rng = random.Random(seed)
    seen: set[str] = set()
    while len(seen) < count:
        pieces = [rng.choice(PATTERNS) for _ in range(rng.randint(1, 3))]
        pieces += [(text, text) for text in rng.sample(TEXTS, rng.randint(0, 4))]
        rng.shuffle(pieces)
        if rng.random() < 0.1:
            pieces.append(("x" * LONGEST,) * 2)
        name = Name(*(_shortened("".join(part)) for part in zip(*pieces, strict=True)))
        if name.text not in seen and name.decoy and name.decoy != name.text:
            seen.add(name.text)
            yield name


def _shortened(text: str) -> str:
    """What a folder takes, with an ending of up to eight signs, and `.` and `..` made names."""
    while len(os.fsencode(text)) > LONGEST - 8:
        text = text[:-1]
    return text if text.strip(".") else f"{text}_"


@dataclass(frozen=True)
class Place:
    """A folder in which a name and its decoy stand for a file each."""

    folder: Path
    name: Name

    def pair(self, ending: str) -> tuple[str, str]:
        """The name of a file and that of its decoy."""
        assert (
            fnmatch.fnmatchcase(self.name.decoy + ending, self.name.text + ending)
            or len(self.name.text) > 200
        )
        return self.name.text + ending, self.name.decoy + ending

    def calls(self, ending: str = ".csv", **changes: str) -> str:
        """Makes both as files of calls; returns the name."""
        text, decoy = self.pair(ending)
        write(self.folder / text, rows(RIGHT, **changes))
        write(self.folder / decoy, rows(WRONG, **changes | {"customer_id": "wrong"}))
        return text


def run_in(folder: Path, script: Callable[[Place], None], name: Name) -> None:
    """Runs a script in a new folder with a name that it is given."""
    place = folder / "place"
    place.mkdir()
    with chdir(place):
        script(Place(Path(), name))
    shutil.rmtree(place)


def count(path: Path) -> int:
    """Calls in a CSV."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return sum(1 for _ in csv.DictReader(file))


def ok(code: int) -> None:
    """An exit code that says that all was done."""
    assert code == 0


def imports_csv(place: Place) -> None:
    """A CSV, into a new file and into one that has calls."""
    source = place.calls(".csv", customer_id="right")
    target, decoy = place.pair(".out")
    write(place.folder / decoy, rows(WRONG, customer_id="wrong"))
    for _ in range(2):
        ok(import_usage.main([f"--out={target}", "--quiet", "--", source]))
        assert count(place.folder / target) == RIGHT
    assert count(place.folder / decoy) == WRONG


def imports_json_lines(place: Place) -> None:
    """JSON lines, and one document of a list."""
    for ending, printed in ((".jsonl", _json_lines), (".json", json.dumps)):
        source, decoy = place.pair(ending)
        (place.folder / source).write_text(printed(_records(RIGHT, "right")))
        (place.folder / decoy).write_text(printed(_records(WRONG, "wrong")))
        target = f"from{ending}.csv"
        ok(import_usage.main([f"--out={target}", "--quiet", "--", source]))
        assert count(place.folder / target) == RIGHT


def write_json_lines(path: Path, number: int, customer: str) -> None:
    """Makes a file of JSON lines of calls of a customer."""
    path.write_text(_json_lines(_records(number, customer)))


def appended(path: Path, calls: list[dict[str, str]]) -> None:
    """Appends calls to a file."""
    append_rows(path, calls)


def _records(number: int, customer: str) -> list[Mapping[str, str]]:
    return rows(number, customer_id=customer)  # type: ignore[return-value]


def _json_lines(records: list[Mapping[str, str]]) -> str:
    return "".join(f"{json.dumps(record)}\n" for record in records)


def imports_parquet(place: Place) -> None:
    """A Parquet file, which is exported to its name first."""
    source, decoy = place.pair(".parquet")
    for name, number in ((source, RIGHT), (decoy, WRONG)):
        write(place.folder / "plain.csv", rows(number))
        ok(export_data.main(["--data=plain.csv", "--format=parquet", f"--out={name}", "--quiet"]))
    ok(import_usage.main(["--out=imported.csv", "--quiet", "--", source]))
    assert count(place.folder / "imported.csv") == RIGHT
    with open_any(source) as calls:
        assert calls.source.used == RIGHT


def reads_a_folder(place: Place) -> None:
    """A folder of Parquet files by day."""
    source, decoy = place.pair("")
    for name, number in ((source, RIGHT), (decoy, WRONG)):
        write(place.folder / "plain.csv", rows(number))
        order = ["--data=plain.csv", "--format=parquet", "--partition-by=day", f"--out={name}", "--quiet"]
        ok(export_data.main(order))
    with open_any(source) as calls:
        assert calls.source.used == RIGHT


def reprices(place: Place) -> None:
    """Fills the costs of the file that is meant."""
    path = place.calls(cost_usd="", model="gpt-4o-mini", customer_id="right")
    ok(reprice.main([f"--data={path}", "--quiet"]))
    with (place.folder / path).open(newline="") as file:
        costs = [row["cost_usd"] for row in csv.DictReader(file)]
    assert len(costs) == RIGHT
    assert "" not in costs


def exports(place: Place) -> None:
    """From the name to the name, in each format that the engine writes."""
    source = place.calls()
    for format_, ending in (("csv", ".x.csv"), ("json", ".json"), ("jsonl", ".jsonl"), ("focus", ".focus")):
        target, decoy = place.pair(ending)
        (place.folder / decoy).write_text("wrong")
        ok(export_data.main([f"--data={source}", f"--format={format_}", f"--out={target}", "--quiet"]))
        assert (place.folder / decoy).read_text() == "wrong"
    assert count(place.folder / place.pair(".x.csv")[0]) == RIGHT
    assert len(json.loads((place.folder / place.pair(".json")[0]).read_text())) == RIGHT
    ok(export_data.main([f"--data={source}", "--format=parquet", f"--out={place.pair('.pq')[0]}", "--quiet"]))
    (place.folder / "plain.parquet").hardlink_to(place.folder / place.pair(".pq")[0])
    with open_any("plain.parquet") as calls:
        assert calls.source.used == RIGHT


def reports(place: Place) -> None:
    """One report into a folder of that name."""
    source = place.calls()
    target, _ = place.pair(".d")
    ok(profitability.main([f"--data={source}", f"--out={target}", "--quiet"]))
    json_report = json.loads((place.folder / target / "json" / "customer_profitability.json").read_text())
    assert json_report["source"]["used"] == RIGHT


def compares(place: Place) -> None:
    """A file with itself: nothing has changed."""
    source = place.calls()
    target, _ = place.pair(".html")
    ok(compare_scenarios.main([f"--out={target}", "--quiet", "--", source, source]))
    assert (place.folder / target).stat().st_size > 0


def reconciles(place: Place) -> None:
    """A bill of an amount against the calls: seven at 0.0015 USD."""
    source = place.calls()
    assert reconcile.main([f"--data={source}", "--bill=0.0105", "--quiet"]) == 0


def simulates(place: Place) -> None:
    """A pattern into a file of that name, and another appended."""
    target, decoy = place.pair(".csv")
    write(place.folder / decoy, rows(WRONG))
    order = [f"--out={target}", "--customers=1", "--days=2", "--end-date=2026-11-20", "--quiet"]
    ok(run(lambda: core.main(order)))
    first = count(place.folder / target)
    assert first > 0
    ok(script(BurstTraffic, order))
    assert count(place.folder / target) > first
    assert count(place.folder / decoy) == WRONG


QUICK = (
    imports_csv,
    imports_json_lines,
    imports_parquet,
    reads_a_folder,
    reprices,
    exports,
    reconciles,
    simulates,
)
SLOW = (reports, compares)
"""Scripts that take a file, a second each and more."""
