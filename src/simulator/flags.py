"""The flags of the simulators, and the simulators that they ask for."""

import argparse
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from foundation.console import Parser, add_output_arguments, add_settings_arguments
from foundation.outcome import Misuse
from foundation.places import DEFAULT_CSV, shown
from settings.loader import load_settings
from simulator.knobs import DEFAULT_SEED
from simulator.pattern import Pattern, Simulator

PRICE_MAX_USD = 1_000_000


def parser(patterns: Sequence[Pattern], description: str) -> Parser:
    """What a script of these patterns takes; a single pattern has flags for its knobs too."""
    made = Parser(description=description.partition("\n")[0])
    customers = str(patterns[0].customers) if len(patterns) == 1 else "each pattern's own"
    flag = made.add_argument
    flag("--customers", type=int, metavar="N", help=f"how many customers (default: {customers})")
    flag("--days", type=int, metavar="N", help=f"how many whole days (default: {patterns[0].days})")
    flag(
        "--seed",
        type=int,
        default=DEFAULT_SEED,
        metavar="N",
        help="decides every draw (default: %(default)s)",
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
        help="what a plan costs a month, like pro=129; may stand several times",
    )
    if len(patterns) == 1:
        _add_knobs(made, patterns[0])
    add_settings_arguments(made)
    add_output_arguments(made)
    return made


def _add_knobs(parser: Parser, pattern: Pattern) -> None:
    for knob in pattern.knobs:
        meaning = f"{knob.meaning} (default: {knob.default:g})"
        parser.add_argument(knob.flag, type=float, default=knob.default, metavar="X", help=meaning)


def simulators(patterns: Sequence[Pattern], arguments: argparse.Namespace) -> list[Simulator]:
    """The simulators that the flags ask for, one a pattern.

    Raises:
        Misuse: a number is out of bounds, or a file of settings is wrong.
    """
    pricing = load_settings(arguments.settings, arguments.pricing).pricing
    given = vars(arguments)
    return [
        pattern(
            arguments.customers,
            arguments.days,
            arguments.seed,
            end_date=arguments.end_date,
            tier_prices=dict(arguments.tier),
            pricing=pricing,
            **{knob.name: given[knob.name] for knob in pattern.knobs if knob.name in given},
        )
        for pattern in patterns
    ]


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
    if not value.is_finite() or not 0 <= value <= PRICE_MAX_USD or value != round(value, 9):
        raise Misuse(f"--tier {text!r}: a price lies between 0 and {PRICE_MAX_USD:,} USD, like pro=129.")
    return plan, value
