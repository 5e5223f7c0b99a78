"""The currency of one run: what the user chose, at the rate of the last day of the data."""

from datetime import date

from reporting.currency import DisplayCurrency
from settings.currency_choice import CurrencyChoice


def display_currency(choice: CurrencyChoice | None, last_day: date) -> DisplayCurrency | None:
    """The currency with its rate; None for US dollars.

    Raises:
        UsageError: the file of rates cannot be read, or has no rate for that day or the seven before it.
    """
    if choice is None:
        return None
    usd_for_one, rate_day = choice.rate_for(last_day)
    return DisplayCurrency(choice.code, usd_for_one, rate_day, last_day, str(choice.rates_file))
