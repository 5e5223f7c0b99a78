"""What `run_all_simulators.py` and each simulator do: patterns into one file, put in place whole, and the console."""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from foundation.console import Console, run
from foundation.outcome import ExitCode, UserError
from foundation.places import ANALYZE, command, shown
from simulator import flags
from simulator.call_totals import CallTotals
from simulator.call_writer import replacing
from simulator.pattern import Simulator


@dataclass(frozen=True)
class Simulated:
    """One pattern that was simulated and written."""

    title: str
    totals: CallTotals
    findings: dict[str, str]
    appended: bool


@dataclass
class Run:
    """What became of the patterns of a run, in order."""

    path: Path
    console: Console
    simulated: list[Simulated] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    @property
    def total(self) -> CallTotals:
        """All patterns together; there is at least one."""
        return reduce(add, (entry.totals for entry in self.simulated))

    @property
    def subject(self) -> str:
        """What the statistics are of."""
        if len(self.simulated) + len(self.failed) > 1:
            return "Combined Dataset"
        return "Appended Calls" if self.simulated[0].appended else "Dataset"

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return time.perf_counter() - self.started


def script(pattern: Callable[[], Simulator], argv: Sequence[str] | None = None) -> int:
    """Runs one pattern as a script that appends to the file, and returns its exit code."""
    return run(lambda: main([pattern()], argv, description=pattern.__doc__ or "", append=True))


def main(
    simulators: Sequence[Simulator],
    argv: Sequence[str] | None = None,
    *,
    description: str,
    append: bool = False,
) -> int:
    """Simulates patterns one after the other into one file, in place of what is there unless `append`.

    Several patterns take its place together: runs at the same time do not mix, and one that is killed changes nothing.

    Raises:
        UsageError: a flag is wrong.
        UserError: the file could not be written by the first pattern.
    """
    arguments = flags.parser(simulators, description).parse_args(argv)
    chosen = flags.varied(simulators, arguments)
    console = Console(quiet=arguments.quiet, json_output=arguments.json)
    this = Run(Path(arguments.out), console)
    every = "ALL TRAFFIC PATTERN SIMULATORS" if len(chosen) > 1 else "A TRAFFIC PATTERN SIMULATOR"
    console.banner(f"🚀 RUNNING {every}", framed=False)
    with replacing(this.path) if len(chosen) > 1 and not append else nullcontext(this.path) as written:
        for simulator in chosen:
            _simulate(this, simulator, written, append=append or simulator is not chosen[0])
    _conclude(this)
    console.result(_payload(this))
    return int(ExitCode.FAILED if this.failed else ExitCode.OK)


def _simulate(this: Run, simulator: Simulator, path: Path, *, append: bool) -> None:
    """Simulates and writes one pattern to `path`; a later one that fails leaves what the first ones wrote."""
    this.console.block(simulator.title)
    appending = append and path.exists()
    findings = dict(simulator.findings())
    if simulator.findings_first:
        _tell(this.console, findings)
    try:
        with this.console.progress("Writing calls", simulator.total_calls) as advance:
            totals = simulator.write(path, append=append, advance=advance)
    except UserError as problem:
        if not this.simulated:
            raise type(problem)(_said(problem, path, this)) from problem
        this.failed.append(simulator.title)
        this.console.failure(f"{simulator.title}: {_said(problem, path, this)}")
        return
    done = "Appended {:,} calls to {}" if appending else "Generated {:,} calls and saved to {}"
    this.console.success(done.format(totals.calls, shown(this.path)))
    if not simulator.findings_first:
        _tell(this.console, findings)
    this.simulated.append(Simulated(simulator.title, totals, findings, appended=appending))


def _said(problem: UserError, path: Path, this: Run) -> str:
    """What went wrong, with the file as the user knows it."""
    return str(problem).replace(str(path), str(this.path))


def _tell(console: Console, findings: dict[str, str]) -> None:
    for label, value in findings.items():
        console.say(f"   {label}: {value}")


def _conclude(this: Run) -> None:
    """What was written, how it went, and what next."""
    console, total = this.console, this.total
    console.closing("📊 SIMULATION COMPLETE" if not this.failed else "📊 SIMULATION COMPLETE, WITH FAILURES")
    console.say(f"📈 {this.subject} Statistics:")
    for label, value in (
        ("Total Calls", f"{total.calls:,}"),
        ("Unique Customers", f"{total.customers:,}"),
        ("Total Cost", f"${total.cost_usd:,.2f}"),
        ("Total Tokens", f"{total.tokens:,}"),
        ("Avg Cost/Call", f"${total.cost_per_call_usd:.4f}"),
        ("Date Range", f"{total.first.date()} to {total.last.date()}"),
    ):
        console.say(f"   {label}: {value}")
    console.say()
    console.say(f"⏱️  Total time: {this.seconds:.2f} seconds")
    console.success(f"Successful: {len(this.simulated)}")
    console.say(f"❌ Failed: {len(this.failed)}")
    console.say()
    console.say(f"Next: {command(ANALYZE, {'--data': this.path})}")


def _payload(this: Run) -> dict[str, Any]:
    return {
        "path": str(this.path),
        **_figures(this.total),
        "seconds": round(this.seconds, 3),
        "patterns": [
            {"title": entry.title, **_figures(entry.totals), "findings": entry.findings}
            for entry in this.simulated
        ],
        "failed": this.failed,
    }


def _figures(totals: CallTotals) -> dict[str, Any]:
    return {
        "calls": totals.calls,
        "customers": totals.customers,
        "cost_usd": f"{totals.cost_usd:f}",
        "input_tokens": totals.input_tokens,
        "output_tokens": totals.output_tokens,
        "first": totals.first.isoformat(),
        "last": totals.last.isoformat(),
    }
