"""The flags that narrow and check calls: `--since`, `--where`, `--timezone`, `--max-bad-rows`, `--strict`, ..."""

import argparse

from calls.filters import ALLOWED_TIMES, parsed_where
from calls.selection import Selection
from foundation.outcome import UsageError
from foundation.places import DEFAULT_CSV

MOST_BAD_ROWS = 0.5
"""Where more lines than this share are rejected, and nobody allows it, the file is not what it is taken for."""


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    """Adds `--data`."""
    parser.add_argument(
        "--data",
        metavar="FILE",
        default=str(DEFAULT_CSV),
        help="calls: a CSV, or Parquet as a file, a folder or a pattern; a bare name is also looked for under data/ "
        "(default: data/simulated_calls.csv)",
    )


def add_filter_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the engine's flags: period, column values, time zone, and what to do about bad rows."""
    group = parser.add_argument_group("which calls")
    group.add_argument("--since", metavar="TIME", help=f"calls from here on: {ALLOWED_TIMES}")
    group.add_argument(
        "--until", metavar="TIME", help="calls before this time; of a date, the whole day is included"
    )
    group.add_argument(
        "--where",
        metavar="COLUMN=VALUE",
        action="append",
        default=[],
        help="calls with this value; given twice for one column: either value; for two columns: both",
    )
    group.add_argument(
        "--timezone", metavar="NAME", default="UTC", help="where a day begins, e.g. Europe/Berlin"
    )
    group.add_argument(
        "--max-bad-rows",
        metavar="SHARE",
        help="stop when more than this share (0 to 1) is rejected (default: 0.5)",
    )
    group.add_argument("--strict", action="store_true", help="the same as --max-bad-rows 0")
    group.add_argument("--allow-credits", action="store_true", help="keep calls with a negative cost")
    group.add_argument(
        "--customers",
        metavar="FILE",
        help="CSV with customer_id and any of subscription_tier, tier_price_usd, organization_id, which replace "
        "those of the calls",
    )
    group.add_argument("--memory-limit", metavar="SIZE", help="go to disk beyond this much memory, e.g. 2GB")


def selection_from(arguments: argparse.Namespace) -> Selection:
    """Which calls the flags of `add_filter_arguments` select.

    Raises:
        UsageError: a share outside 0 to 1, or a `--where` without `=`.
    """
    return Selection(
        since=arguments.since,
        until=arguments.until,
        where=parsed_where(arguments.where),
        timezone=arguments.timezone,
        max_bad_rows=0.0 if arguments.strict else share_of_bad_rows(arguments.max_bad_rows),
        allow_credits=arguments.allow_credits,
        memory_limit=arguments.memory_limit,
        customers=arguments.customers,
    )


def share_of_bad_rows(text: str | None) -> float:
    """The share that `--max-bad-rows` allows.

    Raises:
        UsageError: it is not a share from 0 to 1.
    """
    if text is None:
        return MOST_BAD_ROWS
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UsageError(f"--max-bad-rows {text!r} is no share; give a number from 0 to 1, such as 0.01.")
    return share
