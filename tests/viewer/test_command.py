"""The command of a refresh: the calls are narrowed as the reports on disk were."""

from pathlib import Path

from analysis.run import add_run_arguments
from calls.source import Filters
from foundation.console import Parser
from viewer.options import parse_options
from viewer.program import analyzers_command


def test_a_refresh_keeps_what_the_reports_were_made_with(tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.touch()
    options = parse_options(
        ["--data", str(tmp_path / "calls.csv"), "--reports", str(tmp_path), "--pricing", str(prices)], {}
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
    assert (parsed.settings, parsed.pricing, parsed.quiet) == (None, str(prices), True)
