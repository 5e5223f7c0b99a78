"""The command of a refresh: the calls are narrowed as the reports on disk were."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from analysis.run import add_run_arguments
from calls.source import Filters
from foundation.console import Parser
from reporting.currency import DisplayCurrency
from reporting.manifest import load_manifest
from reporting.publishing import publish
from settings.currency_choice import CurrencyChoice, currency_from
from tests.reporting import example
from viewer.options import parse_options
from viewer.program import analyzers_command


def test_a_refresh_keeps_what_the_reports_were_made_with(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.touch()
    named = ["--data", str(tmp_path / "calls.csv"), "--reports", str(tmp_path), "--pricing", str(prices)]
    options = parse_options(
        [*named, "--currency", "eur", "--currency-rates", str(tmp_path / "rates.csv")], {}
    )
    filters = Filters(
        "7d", "2026-11-20", (("model", "--odd=name"), ("tier", "")), "Europe/Berlin", True, "/x/c.csv"
    )
    script, *arguments = analyzers_command(options.named.inputs(None), filters)[1:]
    parser = Parser(description="the flags of the analyzers")
    add_run_arguments(parser)
    parsed = parser.parse_args(arguments)
    assert Path(script).name == "run_all_analyzers.py"
    assert Path(script).is_file()
    assert (parsed.since, parsed.until, parsed.timezone) == ("7d", "2026-11-20", "Europe/Berlin")
    assert parsed.where == ["model=--odd=name", "tier="]
    assert parsed.allow_credits
    assert parsed.customers == "/x/c.csv"
    assert (Path(parsed.data), parsed.out) == (tmp_path / "calls.csv", tmp_path)
    assert currency_from(parsed) == CurrencyChoice("EUR", tmp_path / "rates.csv")
    assert (parsed.settings, parsed.pricing, parsed.quiet) == (None, str(prices), True)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], CurrencyChoice("EUR", Path("/rates/made.csv"))),
        (["--currency", "USD"], None),
        (["--currency", "GBP", "--currency-rates", "mine.csv"], CurrencyChoice("GBP", Path("mine.csv"))),
    ],
)
def test_a_refresh_keeps_the_currency_of_the_reports_unless_another_is_named(
    tmp_path: Path, flags: list[str], expected: CurrencyChoice | None
) -> None:
    currency = DisplayCurrency("EUR", Decimal(2), date(2026, 11, 20), date(2026, 11, 20), "/rates/made.csv")
    publish(tmp_path, example.pages(), [], example.provenance(currency=currency))
    manifest = load_manifest(tmp_path)
    inputs = parse_options(["--reports", str(tmp_path), *flags], {}).named.inputs(manifest)
    assert inputs.currency == expected
    assert not expected or expected.rates_file in inputs.watched
