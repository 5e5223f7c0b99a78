"""Runs simulators one after the other into one file, and says what came of it."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from foundation.console import Console, run
from foundation.outcome import ExitCode, Problem
from foundation.places import DEFAULT_CSV, shown
from simulator import flags
from simulator.pattern import Pattern, Simulator
from simulator.tally import Tally


@dataclass(frozen=True)
class Simulated:
    """One pattern that was simulated and written."""

    title: str
    tally: Tally
    findings: dict[str, str]


@dataclass
class Run:
    """What became of the patterns of a run, in order."""

    path: Path
    console: Console
    simulated: list[Simulated] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    @property
    def total(self) -> Tally:
        """All patterns together; there is at least one."""
        return reduce(add, (entry.tally for entry in self.simulated))

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return time.perf_counter() - self.started


def script(pattern: Pattern, *, append: bool = True, argv: Sequence[str] | None = None) -> int:
    """Runs one pattern as a script and returns its exit code."""
    return run(lambda: main([pattern], argv, description=pattern.__doc__ or "", append=append))


def main(
    patterns: Sequence[Pattern],
    argv: Sequence[str] | None = None,
    *,
    description: str,
    append: bool = False,
) -> int:
    """Simulates patterns one after the other into one file; the first overwrites it unless `append`.

    Raises:
        Misuse: a flag is wrong.
        Problem: the file could not be written by the first pattern.
    """
    arguments = flags.parser(patterns, description).parse_args(argv)
    simulators = flags.simulators(patterns, arguments)
    console = Console(quiet=arguments.quiet, json_output=arguments.json)
    this = Run(Path(arguments.out), console)
    console.banner(
        "AI call simulator", f"{_counted(len(simulators), 'traffic pattern')} → {shown(this.path)}"
    )
    for simulator in simulators:
        _simulate(this, simulator, append=append or simulator is not simulators[0])
    console.summary("Summary", _rows(this))
    console.result(_payload(this))
    return int(ExitCode.FAILED if this.failed else ExitCode.OK)


def _simulate(this: Run, simulator: Simulator, *, append: bool) -> None:
    """Simulates and writes one pattern; a later one that fails leaves what the first ones wrote."""
    size = f"{_counted(simulator.num_customers, 'customer')}, {_counted(simulator.num_days, 'day')}"
    this.console.block(f"{simulator.title} ({size})")
    appending = append and this.path.exists()
    try:
        with _progress(this.console, simulator.total_calls) as advance:
            tally = simulator.write(this.path, append=append, advance=advance)
    except Problem as problem:
        if not this.simulated:
            raise
        this.failed.append(simulator.title)
        this.console.failure(f"{simulator.title}: {problem}")
        return
    done = "Appended {:,} calls to {}" if appending else "Generated {:,} calls and saved to {}"
    this.console.success(done.format(tally.calls, shown(this.path)))
    findings = dict(simulator.findings())
    for label, value in findings.items():
        this.console.say(f"   {label}: {value}")
    this.simulated.append(Simulated(simulator.title, tally, findings))


@contextmanager
def _progress(console: Console, calls: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing in a pipe; what it yields takes the number of calls just written."""
    if console.quiet or not sys.stdout.isatty():
        yield lambda _: None
        return
    from rich.progress import Progress  # noqa: PLC0415  loaded only where there is a terminal

    with Progress(transient=True) as bar:
        task = bar.add_task("   writing calls", total=calls)
        yield lambda written: bar.advance(task, written)


def _rows(this: Run) -> list[tuple[str, str]]:
    total = this.total
    return [
        ("Total calls", f"{total.calls:,}"),
        ("Unique customers", f"{total.customers:,}"),
        ("Total cost", f"${total.cost_usd:,.2f}"),
        ("Total tokens", f"{total.tokens:,}"),
        ("Average cost per call", f"${total.cost_per_call_usd:.4f}"),
        ("Date range", f"{total.first.date()} to {total.last.date()}"),
        ("Total time", f"{this.seconds:.1f} s"),
        ("Successful", str(len(this.simulated))),
        ("Failed", str(len(this.failed))),
        ("Calls are in", shown(this.path)),
        ("What next", _next_step(this.path)),
    ]


def _next_step(path: Path) -> str:
    elsewhere = "" if path.resolve() == DEFAULT_CSV.resolve() else f" --data {path}"
    return f"python3 run_all_analyzers.py{elsewhere}"


def _payload(this: Run) -> dict[str, Any]:
    return {
        "path": str(this.path),
        **_figures(this.total),
        "seconds": round(this.seconds, 3),
        "patterns": [
            {"title": entry.title, **_figures(entry.tally), "findings": entry.findings}
            for entry in this.simulated
        ],
        "failed": this.failed,
    }


def _figures(tally: Tally) -> dict[str, Any]:
    return {
        "calls": tally.calls,
        "customers": tally.customers,
        "cost_usd": f"{tally.cost_usd:f}",
        "input_tokens": tally.input_tokens,
        "output_tokens": tally.output_tokens,
        "first": tally.first.isoformat(),
        "last": tally.last.isoformat(),
    }


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
