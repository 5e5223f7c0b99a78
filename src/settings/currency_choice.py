"""In which currency a user wants to see amounts, and from which file of rates: `--currency`, `--currency-rates`."""

import argparse
import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from foundation.outcome import UsageError
from settings.currency_codes import CODES
from settings.currency_rates import FLAG as RATES_FLAG
from settings.currency_rates import LASTS, read_rates

FLAG = "--currency"
DOLLARS = "USD"


@dataclass(frozen=True)
class CurrencyChoice:
    """A currency by its code of ISO 4217, and the file that gives its rates; no choice is US dollars."""

    code: str
    rates_file: Path

    def rate_for(self, last_day: date) -> tuple[Decimal, date]:
        """Dollars for one unit on the last day of the data, else on the nearest of the week before, and that day.

        Raises:
            UsageError: the file cannot be read, or has no rate of these days.
        """
        found = read_rates(str(self.rates_file)).latest(self.code, last_day)
        if found is None:
            raise UsageError(
                f"{self.rates_file} has no rate of {self.code} from {last_day - LASTS} to {last_day}, the last day of "
                f"the data; add a line such as {last_day},{self.code},1.0842 (dollars for one {self.code})."
            )
        return found


def digest_with(choice: CurrencyChoice | None, settings_digest: str) -> str:
    """A digest that changes when the settings, the currency or its rates do; that of the settings for US dollars."""
    if choice is None:
        return settings_digest
    try:
        rates = choice.rates_file.read_bytes()
    except OSError:
        rates = b""  # who reads the rates says what is wrong with the file
    return hashlib.sha256(f"{settings_digest} {choice.code} ".encode() + rates).hexdigest()


def add_currency_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds `--currency` and `--currency-rates`."""
    parser.add_argument(
        FLAG,
        metavar="CODE",
        help="show amounts in this currency, such as EUR (default: USD); sums stay exact in US dollars",
    )
    parser.add_argument(
        RATES_FLAG,
        metavar="FILE",
        help="CSV of date, currency, usd (dollars for one unit); amounts are converted at the rate of the last day of "
        "the data, else the nearest of the seven days before",
    )


def currency_from(options: argparse.Namespace) -> CurrencyChoice | None:
    """The currency that flags name; None for US dollars.

    Raises:
        UsageError: it is no currency, or one of the two flags lacks the other.
    """
    return currency_choice(options.currency, options.currency_rates)


def currency_choice(named: str | None, rates_file: Path | str | None) -> CurrencyChoice | None:
    """The currency of a code and a file of rates, as a user gives them; None for US dollars.

    Raises:
        UsageError: it is no currency, or one of the two lacks the other.
    """
    code = (named or DOLLARS).upper()
    if code not in CODES:
        raise UsageError(f"{FLAG} {named} is no currency; give a code of ISO 4217, such as EUR.")
    if named is None and rates_file is not None:
        raise UsageError(f"{RATES_FLAG} needs {FLAG}: say which currency to show, such as {FLAG} EUR.")
    if code == DOLLARS:
        return None
    if rates_file is None:
        raise UsageError(
            f"{FLAG} {code} needs {RATES_FLAG} FILE: a CSV of date, currency, usd (dollars for one {code})."
        )
    return CurrencyChoice(code, Path(rates_file))
