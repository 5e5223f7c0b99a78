"""Compares the rates of src/settings with the vendor prices of the installed genai-prices; adds what is due."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from foundation.console import Console, Parser, add_output_arguments, run
from foundation.outcome import ExitCode, UsageError
from foundation.places import shown
from interchange import rate_refresh
from interchange.importers import published_rates
from settings.loader import load_settings
from settings.published import PUBLISHED_PATH, Row, read_rows


def main(argv: Sequence[str] | None = None) -> int:
    """Compares, tells, and with --write writes the file."""
    return run(lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    arguments = _arguments(argv)
    if not published_rates.installed():
        raise UsageError(
            "genai-prices is missing here: run `pip install -e '.[prices]'` in the project folder."
        )
    console = Console(quiet=arguments.quiet, json_output=arguments.json)
    path, today = Path(arguments.rates), datetime.now(UTC).date()
    found = rate_refresh.compared(read_rows(path), load_settings().pricing, today)
    for name in arguments.add:
        new = _new(name, found.rows, today)
        found.rows += new
        found.added += new
    if arguments.write:
        rate_refresh.write_rows(path, found.rows)
    _tell(console, found, path, written=arguments.write)
    console.result(dataclasses.asdict(found) | {"rows": len(found.rows), "written": arguments.write})
    return ExitCode.OK


def _new(name: str, rows: list[Row], today: date) -> list[Row]:
    provider, _, model = name.partition("/")
    if any((row["provider"], row["collected_as"]) == (provider, model) for row in rows):
        raise UsageError(f"--add {name}: the file has this model already.")
    try:
        return rate_refresh.new_rows(provider, model, today)
    except LookupError:
        raise UsageError(
            f"--add {name}: genai-prices has no token prices for it; write it like openai/gpt-6-luna, with the "
            "model's id there."
        ) from None


def _tell(console: Console, found: rate_refresh.Refresh, path: Path, *, written: bool) -> None:
    for row in found.added:
        above = (
            f", above {int(row['above_input_tokens']):,} input tokens" if row["above_input_tokens"] else ""
        )
        console.say(
            f"{row['provider']}/{row['model']}{_variant(row)} from {row['from']}{above}: "
            f"${row['input_usd_per_mtok']} in, ${row['output_usd_per_mtok']} out for a million tokens"
        )
    for name in found.gone:
        console.say(f"{name} is no longer collected; its rows stay as they are.")
    for name in found.by_hand:
        console.say(f"{name} in pricing.toml differs: add a [[model.price]] with the date of the change.")
    done = "written" if written else "due; --write adds them"
    console.say(f"{len(found.rows):,} rows in {shown(path)}, {len(found.added):,} of them {done}.")


def _variant(row: Row) -> str:
    """The tier and speed of a row, behind its model."""
    named = " ".join(filter(None, (row["service_tier"], row["speed"])))
    return f" ({named})" if named else ""


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(description=__doc__ or "")
    parser.add_argument("--write", action="store_true", help="write the file; without it nothing is changed")
    parser.add_argument(
        "--add",
        action="append",
        default=[],
        metavar="PROVIDER/ID",
        help="add a model by its id in genai-prices, like openai/gpt-6-luna; may be given several times",
    )
    parser.add_argument(
        "--rates",
        default=str(PUBLISHED_PATH),
        metavar="FILE",
        help=f"the file of rates (default: {shown(PUBLISHED_PATH)})",
    )
    add_output_arguments(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
