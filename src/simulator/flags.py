"""The flags of the simulators (`--customers`, `--days`, `--seed`, `--end-date`), and the simulators they ask for."""

import argparse
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from foundation.console import Parser, add_output_arguments, add_settings_arguments
from foundation.outcome import UsageError
from foundation.places import DEFAULT_CSV, shown
from settings.loader import load_settings
from settings.pricing import Pricing
from simulator.pattern import Simulator
from simulator.plan_prices import plan_price


def parser(simulators: Sequence[Simulator], description: str) -> Parser:
    """What a script of these simulators takes; a single one has flags for its knobs too."""
    made = Parser(description=description.partition("\n")[0])
    first = simulators[0]
    customers = str(first.num_customers) if len(simulators) == 1 else "each pattern's own"
    flag = made.add_argument
    flag("--customers", type=int, metavar="N", help=f"how many customers (default: {customers})")
    flag("--days", type=int, metavar="N", help=f"how many whole days (default: {first.num_days})")
    flag(
        "--seed",
        type=int,
        metavar="N",
        help=f"seed of all random numbers (default: {first.seed})",
    )
    flag(
        "--end-date",
        type=_day,
        metavar="DATE",
        help="the last day, UTC, like 2026-01-31 (default: yesterday)",
    )
    flag("--out", default=str(DEFAULT_CSV), metavar="PATH", help=f"the CSV (default: {shown(DEFAULT_CSV)})")
    flag(
        "--tier",
        action="append",
        type=_tier,
        default=[],
        metavar="PLAN=USD",
        help="what a plan costs per month, like pro=129; may be given several times",
    )
    if len(simulators) == 1:
        _add_knobs(made, first)
    add_settings_arguments(made)
    add_output_arguments(made)
    return made


def _add_knobs(parser: Parser, simulator: Simulator) -> None:
    for knob in simulator.knobs:
        meaning = f"{knob.meaning} (default: {simulator.settings[knob.name]:g})"
        parser.add_argument(knob.flag, type=float, metavar="X", help=meaning)


def varied(simulators: Sequence[Simulator], arguments: argparse.Namespace) -> list[Simulator]:
    """The simulators with what the flags say; what they leave out stays.

    Raises:
        UsageError: a number is out of bounds, or a file of settings is wrong.
    """
    named = arguments.settings or arguments.pricing
    pricing = load_settings(arguments.settings, arguments.pricing).pricing if named else None
    return [_varied(simulator, arguments, pricing) for simulator in simulators]


def _varied(simulator: Simulator, arguments: argparse.Namespace, pricing: Pricing | None) -> Simulator:
    turned = {knob.name: getattr(arguments, knob.name, None) for knob in simulator.knobs}
    return simulator.varied(
        arguments.customers,
        arguments.days,
        arguments.seed,
        end_date=arguments.end_date,
        tier_prices=dict(arguments.tier),
        pricing=pricing,
        **{name: value for name, value in turned.items() if value is not None},
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--end-date {text!r} is not a day; write it like 2026-01-31.") from None


def _tier(text: str) -> tuple[str, Decimal]:
    plan, _, price = text.partition("=")
    try:
        return plan, plan_price(price)
    except ValueError as wrong:
        raise UsageError(f"--tier {text!r}{wrong}, like pro=129.") from None
