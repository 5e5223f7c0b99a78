"""The command line of the simulators: flags, and what is said about a run."""

import argparse
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from console import Console, Parser, add_output_arguments, add_settings_arguments, run
from outcome import ExitCode, Misuse, Problem
from places import DEFAULT_CSV, shown
from settings.loader import load_settings
from simulator.core import DEFAULT_SEED, AICallSimulator
from simulator.tally import Tally

Pattern = type[AICallSimulator]


@dataclass(frozen=True)
class Done:
    """One pattern that was simulated."""

    title: str
    tally: Tally
    findings: dict[str, str]


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
    """
    arguments = _parser(patterns, description).parse_args(argv)
    console = Console(quiet=arguments.quiet, json_output=arguments.json)
    simulators = [_simulator(pattern, arguments) for pattern in patterns]
    path = Path(arguments.out)
    console.banner(
        "AI call simulator", f"{len(simulators)} traffic pattern{'s'[: len(simulators) > 1]} → {shown(path)}"
    )
    start = time.perf_counter()
    done: list[Done] = []
    failed: list[str] = []
    for number, simulator in enumerate(simulators):
        try:
            done.append(_simulate(simulator, path, console, append=append or number > 0))
        except (Problem, OSError) as problem:
            if len(simulators) == 1:
                raise
            failed.append(simulator.title)
            console.failure(f"{simulator.title}: {problem}")
            if number == 0:
                break
    seconds = time.perf_counter() - start
    _conclude(console, path, done, failed, seconds)
    return int(ExitCode.FAILED if failed else ExitCode.OK)


def _parser(patterns: Sequence[Pattern], description: str) -> Parser:
    parser = Parser(description=description)
    add = parser.add_argument
    several = len(patterns) > 1
    for flag, default, what in (
        ("customers", "each pattern's own" if several else str(patterns[0].customers), "customers"),
        ("days", str(patterns[0].days), "whole days"),
    ):
        add(f"--{flag}", type=int, metavar="N", help=f"how many {what} (default: {default})")
    add(
        "--seed",
        type=int,
        default=DEFAULT_SEED,
        metavar="N",
        help="decides every draw (default: %(default)s)",
    )
    add("--end-date", type=_day, metavar="YYYY-MM-DD", help="the last day, UTC (default: yesterday)")
    add(
        "--out",
        default=str(DEFAULT_CSV),
        metavar="PATH",
        help=f"the CSV to write (default: {shown(DEFAULT_CSV)})",
    )
    add(
        "--tier",
        action="append",
        type=_tier,
        default=[],
        metavar="PLAN=USD",
        help="a plan's monthly price; may be repeated",
    )
    if not several:
        for knob in patterns[0].knobs:
            add(
                knob.flag,
                type=float,
                default=knob.default,
                metavar="X",
                help=f"{knob.meaning} (default: {knob.default:g})",
            )
    add_settings_arguments(parser)
    add_output_arguments(parser)
    return parser


def _simulator(pattern: Pattern, arguments: argparse.Namespace) -> AICallSimulator:
    given = vars(arguments)
    return pattern(
        arguments.customers,
        arguments.days,
        arguments.seed,
        end_date=arguments.end_date,
        tier_prices=dict(arguments.tier),
        pricing=load_settings(arguments.settings, arguments.pricing).pricing,
        **{knob.name: given[knob.name] for knob in pattern.knobs if knob.name in given},
    )


def _simulate(simulator: AICallSimulator, path: Path, console: Console, *, append: bool) -> Done:
    console.block(f"{simulator.title} ({simulator.num_customers:,} customers, {simulator.num_days} days)")
    append = append and path.exists()
    tally = simulator.write(path, append=append)
    verb, place = ("Appended", "to") if append else ("Generated", "and saved to")
    console.success(f"{verb} {tally.calls:,} calls {place} {shown(path)}")
    findings = dict(simulator.findings())
    for label, value in findings.items():
        console.say(f"   {label}: {value}")
    return Done(simulator.title, tally, findings)


def _conclude(console: Console, path: Path, done: list[Done], failed: list[str], seconds: float) -> None:
    if done:
        total = done[0].tally
        for entry in done[1:]:
            total += entry.tally
        console.summary("Summary", _rows(total, path, len(done), len(failed), seconds))
        console.result(_payload(total, path, done, failed, seconds))
    console.say()


def _rows(total: Tally, path: Path, done: int, failed: int, seconds: float) -> list[tuple[str, str]]:
    return [
        ("Total calls", f"{total.calls:,}"),
        ("Unique customers", f"{total.customers:,}"),
        ("Total cost", f"${total.cost_usd:,.2f}"),
        ("Total tokens", f"{total.tokens:,}"),
        ("Average cost per call", f"${total.cost_per_call_usd:.4f}"),
        ("Date range", f"{total.first.date()} to {total.last.date()}"),
        ("Total time", f"{seconds:.1f} s"),
        ("Successful", str(done)),
        ("Failed", str(failed)),
        ("Calls are in", shown(path)),
        ("What next", "python3 run_all_analyzers.py"),
    ]


def _payload(total: Tally, path: Path, done: list[Done], failed: list[str], seconds: float) -> dict[str, Any]:
    return {
        "path": str(path),
        **_counts(total),
        "seconds": round(seconds, 3),
        "patterns": [{"title": entry.title, **_counts(entry.tally), **entry.findings} for entry in done],
        "failed": failed,
    }


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "calls": tally.calls,
        "customers": tally.customers,
        "cost_usd": f"{tally.cost_usd:f}",
        "input_tokens": tally.input_tokens,
        "output_tokens": tally.output_tokens,
        "first": tally.first.isoformat(),
        "last": tally.last.isoformat(),
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misuse(f"--end-date {text!r} is not a day; write it like 2026-01-31.") from None


def _tier(text: str) -> tuple[str, Decimal]:
    plan, _, price = text.partition("=")
    try:
        value = Decimal(price)
    except InvalidOperation:
        raise Misuse(f"--tier {text!r} is not a price; write it like pro=129.") from None
    if not value.is_finite() or not 0 <= value <= 1_000_000 or value != round(value, 9):
        raise Misuse(f"--tier {text!r}: a price lies between 0 and 1,000,000 USD.")
    return plan, value
