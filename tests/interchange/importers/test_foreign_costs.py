"""Costs in other currencies: converted by the day, refused without rates, unknown where no rate holds; never dollars."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

import import_usage
from foundation.outcome import ExitCode, UsageError
from interchange.importers.report_text import brief_lines, report_lines
from settings.currency_rates import Rates, read_rates
from tests.interchange.importers.importing import build_mapping, import_files, imported, written

MAPS = ["timestamp=when", "model=llm", "input_tokens=in", "output_tokens=out", "cost_usd=cost"]
RATES = "date,currency,usd\n2026-11-01,EUR,1.10\n2026-11-02,EUR,1.20\n2026-11-01,JPY,0.0064\n"


@pytest.fixture
def rates(tmp_path: Path) -> Rates:
    path = tmp_path / "rates.csv"
    path.write_text(RATES)
    return read_rates(str(path))


def table(*rows: tuple[int, str, str], header: str = "currency") -> str:
    lines = [
        f'2026-11-{day:02}T08:00:00Z,gpt-4o,1000,100,"{cost}",{currency}' for day, cost, currency in rows
    ]
    return f"when,llm,in,out,cost,{header}\n" + "\n".join(lines) + "\n"


def costs(rows: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(row["cost_usd"], row["cost_source"], row.get("cost_gap", "")) for row in rows]


def test_a_cost_is_converted_at_the_rate_of_its_day_or_of_the_seven_before(
    tmp_path: Path, rates: Rates
) -> None:
    text = table(
        (1, "10", "EUR"),
        (2, "10", "eur"),
        (9, "10", "EUR"),
        (10, "10", "EUR"),
        (3, "10", "USD"),
        (1, "500", "JPY"),
    )
    report, rows = imported(tmp_path, text, mapping=build_mapping(MAPS, []), currency_rates=rates)
    assert costs(rows) == [
        ("11.000000000", "reported", ""),
        ("12.000000000", "reported", ""),
        ("12.000000000", "reported", ""),  # the seventh day after the last rate
        (
            "",
            "unknown",
            "exchange_rate=EUR",
        ),  # the eighth; the tokens have a price, which is not what was paid
        ("10.000000000", "reported", ""),
        ("3.200000000", "reported", ""),
    ]
    lines = report_lines(report)
    assert "  1 cost in JPY: 500.000000000 are $3.200000000" in lines
    assert any(
        "4 costs in EUR: 40.000000000, of which $35.000000000 could be made; 1 call of unknown cost "
        "(exchange_rate=EUR), the first of 2026-11-10" in line for line in lines
    )  # fmt: skip
    assert [line for line in brief_lines(report) if "EUR" in line]
    assert report.cost.unknown_calls == 1
    assert report.cost.reported_usd == Decimal("48.2")
    # And again: nothing is new, also where the cost is unknown.
    again = import_files(
        tmp_path / "calls.csv", tmp_path / "export", mapping=build_mapping(MAPS, []), currency_rates=rates
    )
    assert (again.calls, again.same) == (0, 6)


def test_a_cost_is_rounded_once(tmp_path: Path, rates: Rates) -> None:
    # 0.0000000014 EUR at 1.2: 1.68e-9, half-even to nine decimals 2e-9; rounded twice it would be 1e-9 x 1.2.
    text = table((2, "0.0000000014", "EUR"), (2, "0.0000000004166666666", "EUR"))
    _, rows = imported(tmp_path, text, mapping=build_mapping(MAPS, []), currency_rates=rates)
    assert [row["cost_usd"] for row in rows] == ["0.000000002", "0.000000000"]


@pytest.mark.parametrize(
    ("cell", "currency", "usd"),
    [
        ("€0.50", "", "0.600000000"), ("0.50 €", "", "0.600000000"), ("EUR 0.50", "", "0.600000000"),
        ("0.50EUR", "EUR", "0.600000000"), ("$0.50", "USD", "0.500000000"), ("US$ 0.50", "", "0.500000000"),
        ("-€0.50", "", None), ("0.50", "", "0.500000000"),
    ],
)  # fmt: skip
def test_an_amount_may_say_its_currency_itself(
    tmp_path: Path, rates: Rates, cell: str, currency: str, usd: str | None
) -> None:
    report, rows = imported(
        tmp_path, table((2, cell, currency)), mapping=build_mapping(MAPS, []), currency_rates=rates
    )
    if usd is None:
        assert report.skipped == {"negative_cost": 1}
    else:
        assert [row["cost_usd"] for row in rows] == [usd]


def test_a_decimal_comma_before_a_mark_is_read(tmp_path: Path, rates: Rates) -> None:
    text = table((2, "0,50 €", ""), (2, "1.250,00 €", ""))
    _, rows = imported(tmp_path, text, mapping=build_mapping(MAPS, []), currency_rates=rates)
    assert [row["cost_usd"] for row in rows] == ["0.600000000", "1500.000000000"]


def test_without_rates_it_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError,
        match=r"export gives costs in EUR; say what a unit .* --currency-rates FILE .*--set currency=USD",
    ):
        imported(tmp_path, table((1, "10", "EUR")), mapping=build_mapping(MAPS, []))
    assert not (tmp_path / "calls.csv").exists()


def test_costs_that_are_nothing_or_in_dollars_need_no_rates(tmp_path: Path) -> None:
    text = table((1, "0", "EUR"), (1, "", "EUR"), (1, "-", "EUR"), (1, "1.5", "USD"), (1, "2", ""))
    _, rows = imported(tmp_path, text, mapping=build_mapping(MAPS, []))
    # 1,000 x 2.50 / M + 100 x 10 / M = 0.0035
    assert costs(rows) == [
        ("0.000000000", "reported", ""), ("0.003500000", "computed", ""), ("0.003500000", "computed", ""),
        ("1.500000000", "reported", ""), ("2.000000000", "reported", ""),
    ]  # fmt: skip


def test_a_cost_without_a_currency_among_others_is_no_dollar(tmp_path: Path, rates: Rates) -> None:
    _, rows = imported(
        tmp_path, table((1, "10", "EUR"), (1, "7", "")), mapping=build_mapping(MAPS, []), currency_rates=rates
    )
    assert costs(rows) == [("11.000000000", "reported", ""), ("", "unknown", "exchange_rate=?")]


def test_a_mark_that_contradicts_its_column_is_no_known_cost(tmp_path: Path, rates: Rates) -> None:
    _, rows = imported(
        tmp_path, table((1, "$10", "EUR")), mapping=build_mapping(MAPS, []), currency_rates=rates
    )
    assert costs(rows) == [("", "unknown", "exchange_rate=EUR/USD")]


def test_credits_are_no_currency(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gives costs in CREDITS, which is no currency of ISO 4217"):
        imported(tmp_path, table((1, "10", "credits")), mapping=build_mapping(MAPS, []))


def test_the_user_says_where_the_currency_stands_and_what_it_is(tmp_path: Path, rates: Rates) -> None:
    text = table((2, "10", "EUR"), header="Währung")
    _, rows = imported(
        tmp_path, text, mapping=build_mapping([*MAPS, "currency=Währung"], []), currency_rates=rates
    )
    assert costs(rows)[0][0] == "12.000000000"
    mapping = build_mapping(MAPS, ["currency=USD"])
    (tmp_path / "calls.csv").unlink()
    _, rows = imported(tmp_path, table((2, "10", "EUR")), mapping=mapping)
    assert costs(rows) == [("10.000000000", "reported", "")]


def test_json_and_a_later_file_of_rates(tmp_path: Path, rates: Rates) -> None:
    record = {
        "when": "2026-11-20T08:00:00Z",
        "llm": "gpt-4o",
        "in": 1000,
        "out": 100,
        "cost": 0.25,
        "currency": "EUR",
    }
    options = {"mapping": build_mapping(MAPS, []), "format": "jsonl"}
    _, rows = imported(tmp_path, [record], currency_rates=rates, **options)
    assert costs(rows) == [("", "unknown", "exchange_rate=EUR")]
    (tmp_path / "r2.csv").write_text("date,currency,usd\n2026-11-20,EUR,1.5\n")
    again = import_files(
        tmp_path / "calls.csv",
        tmp_path / "export",
        currency_rates=read_rates(str(tmp_path / "r2.csv")),
        **options,
    )
    assert (again.added, again.convergence.replaced.calls + again.convergence.replaced.completed) == (0, 1)
    assert costs(written(tmp_path / "calls.csv"))[0][:2] == ("0.375000000", "reported")


def test_cents_of_a_log_of_portkey_are_converted(tmp_path: Path, rates: Rates) -> None:
    record = {
        "id": "p", "created_at": "2026-11-02T08:00:00Z", "ai_org": "openai", "ai_model": "gpt-4o", "req_units": 1000,
        "res_units": 100, "total_units": 1100, "cost": 50, "cost_currency": "EUR", "is_success": 1,
    }  # fmt: skip
    _, (row,) = imported(tmp_path, [record], currency_rates=rates)
    assert (row["cost_usd"], row["cost_source"]) == ("0.600000000", "reported")


def test_the_script_takes_the_file_and_says_what_came_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rates.csv").write_text(RATES)
    (tmp_path / "u.csv").write_text(table((1, "10", "EUR")))
    maps = [flag for entry in MAPS for flag in ("--map", entry)]
    order = [str(tmp_path / "u.csv"), *maps, "--out", str(tmp_path / "o.csv")]
    assert import_usage.main(order) == ExitCode.USAGE
    assert "--currency-rates FILE" in capsys.readouterr().err
    assert (
        import_usage.main([*order, "--currency-rates", str(tmp_path / "rates.csv"), "--json"]) == ExitCode.OK
    )
    (found,) = json.loads(capsys.readouterr().out)["converted"]
    assert (found["currency"], found["calls"], Decimal(found["usd"])) == ("EUR", 1, Decimal(11))
