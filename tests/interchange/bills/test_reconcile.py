"""Bills against calls: what agrees, what differs, what is not concluded, and the steps between calls and invoice."""

import gzip
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import import_usage
import reconcile as script
from calls.engine import Calls, open_calls
from foundation.outcome import ExitCode, UsageError
from interchange.bills.amounts import DecimalSign
from interchange.bills.charges import Charge
from interchange.bills.dates import DateOrder
from interchange.bills.lines import How
from interchange.bills.reading import read_bill, read_bills
from interchange.reconciliation.reconcile import reconcile
from interchange.reconciliation.result import Reconciliation, Tolerance, Verdict
from settings.currency_rates import read_rates
from tests.conftest import SAMPLES
from tests.interchange.bills.billing import calls_file, day, written

HEAD = "date,model,cost_usd\n"
THREE_DAYS = ("2026-11-01,gpt-4o,", "2026-11-02,gpt-4o,", "2026-11-03,gpt-4o,")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return calls_file(tmp_path / "calls.csv", day(1, "800"), day(2, "1200"), day(3, "1500"))


@pytest.fixture
def calls(path: Path) -> Calls:
    return open_calls(path)


def table(folder: Path, *amounts: str, end: str = "") -> str:
    text = (
        HEAD
        + "".join(f"{before}{amount}\n" for before, amount in zip(THREE_DAYS, amounts, strict=True))
        + end
    )
    return written(folder / "bill.csv", text)


def steps(result: Reconciliation) -> dict[str, Decimal]:
    return {step.name: step.usd for step in result.waterfall}


@pytest.mark.parametrize(
    ("amounts", "end"),
    [
        (("800.00", '"1,200.00"', '"1,500.00"'), ""),
        (("$800.00", '"$1,200.00"', "1500.00"), ""),
        (("800.00", "1200.00", "1500.00"), "Total,,3500.00\n"),
        (("800", "1200", "1500"), "\n,,3500\n"),
    ],
)
def test_amounts_of_spreadsheets_are_read_and_totals_are_no_lines(tmp_path, calls, amounts, end):
    bill = read_bill(table(tmp_path, *amounts, end=end))
    assert (bill.lines_read, bill.line_count, bill.rejected) == (3, 3, ())
    result = reconcile(calls, [bill])
    assert (result.total.billed_usd, result.total.difference_usd) == (3500, 0)
    assert result.verdict is Verdict.AGREES
    assert [entry.difference_usd for entry in result.by_day] == [0, 0, 0]


def test_a_total_that_its_lines_do_not_sum_to_is_an_obstacle(tmp_path, calls):
    result = reconcile(calls, [read_bill(table(tmp_path, "800", "1200", "1500", end="Total,,3501\n"))])
    assert result.verdict is Verdict.OPEN
    assert "line 5 gives a total of 3,501.00, the lines before it sum to 3,500.00" in result.obstacles[0]


def test_subtotals_sum_the_lines_since_the_last_one(tmp_path):
    text = HEAD + "2026-11-01,a,1\n2026-11-01,b,2\nSubtotal,,3\n2026-11-02,a,4\nSubtotal,,4\nTotal,,7\n"
    bill = read_bill(written(tmp_path / "b.csv", text))
    assert (bill.line_count, len(bill.totals), bill.wrong_totals) == (3, 3, ())


def test_a_column_of_two_formats_is_refused_until_one_is_declared(tmp_path):
    name = table(tmp_path, "800.00", '"1200,00"', '"1500,00"')
    with pytest.raises(UsageError, match="written in two ways"):
        read_bill(name)
    bill = read_bill(name, How(decimal=DecimalSign.POINT))
    assert [line.number for line in bill.rejected] == [3, 4]
    assert (bill.lines_read, bill.line_count) == (1, 3)


def test_dates_with_slashes_are_settled_by_the_days_that_follow_each_other(tmp_path, calls):
    text = HEAD + "11/01/2026,gpt-4o,800\n11/02/2026,gpt-4o,1200\n11/03/2026,gpt-4o,1500\n"
    result = reconcile(calls, [read_bill(written(tmp_path / "b.csv", text))])
    assert [entry.name for entry in result.by_day] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert result.verdict is Verdict.AGREES
    one = written(tmp_path / "one.csv", HEAD + "11/01/2026,gpt-4o,800\n")
    with pytest.raises(UsageError, match=r"--bill-dates month-first or --bill-dates day-first"):
        read_bill(one)
    assert read_bill(one, How(dates=DateOrder.DAY_FIRST)).lines[0].day == date(2026, 1, 11)
    proven = HEAD + "11/01/2026,gpt-4o,800\n25/01/2026,gpt-4o,800\n"
    assert read_bill(written(tmp_path / "p.csv", proven)).lines[1].day == date(2026, 1, 25)


@pytest.mark.parametrize(
    ("text", "usd"), [("1234,56", "1234.56"), ("$1,234.56", "1234.56"), ("0.02", "0.02")]
)
def test_a_typed_amount_is_what_it_says(text: str, usd: str):
    assert read_bill(text).lines[0].usd == Decimal(usd)


@pytest.mark.parametrize("text", ["1,234", "1.234"])
def test_a_typed_amount_that_can_be_two_is_refused(text: str):
    with pytest.raises(UsageError, match="can be two amounts"):
        read_bill(text)
    assert read_bill("1,234", How(decimal=DecimalSign.POINT)).lines[0].usd == 1234


def test_a_bill_of_some_days_is_compared_with_the_calls_of_those(tmp_path, calls):
    result = reconcile(calls, [read_bill(written(tmp_path / "b.csv", HEAD + "2026-11-02,gpt-4o,1200\n"))])
    assert (result.total.calls, result.total.calls_usd, result.verdict) == (1, 1200, Verdict.AGREES)
    assert (result.outside.calls, result.outside.calls_usd) == (2, 2300)


def test_several_bills_cover_their_own_days_and_the_same_one_counts_once(tmp_path, calls):
    first = written(tmp_path / "a.csv", HEAD + "2026-11-01,gpt-4o,800\n")
    last = written(tmp_path / "b.csv", HEAD + "2026-11-03,gpt-4o,1500\n")
    result = reconcile(calls, read_bills([first, last]))
    assert (result.total.calls_usd, result.total.billed_usd, result.outside.calls_usd) == (2300, 2300, 1200)
    again = written(tmp_path / "c.csv", HEAD + "2026-11-01,gpt-4o,800\n")
    with pytest.raises(UsageError, match="are the same bill"):
        read_bills([first, again])
    with pytest.raises(UsageError, match="given twice"):
        read_bills([first, first])


def test_the_waterfall_goes_from_the_calls_to_the_invoice(tmp_path):
    # Nova: 0.36 here and billed; Sonnet is billed at 4.50, here at 4.00; a model of 0.25 is on no bill.
    calls = open_calls(
        calls_file(
            tmp_path / "calls.csv",
            {"timestamp": "2026-08-05T10:00:00.000000Z", "model": "amazon.nova-2-lite-v1:0", "cost_usd": "0.36"},
            {"timestamp": "2026-08-05T10:00:00.000000Z", "cost_usd": "4",
             "model": "anthropic.claude-sonnet-4-5-20250929-v1:0"},
            {"timestamp": "2026-08-05T10:00:00.000000Z", "model": "titan", "cost_usd": "0.25"},
        )
    )  # fmt: skip
    result = reconcile(
        calls, [read_bill(str(SAMPLES / "bills" / "aws_cur1.csv"))], invoice_usd=Decimal("3.80")
    )
    assert steps(result) == {
        "calls": Decimal("4.61"),
        "models in the calls only": Decimal("-0.25"),
        "AI discounts": Decimal("-0.9"),
        "AI credits": Decimal("-0.36"),
        "AI tax": Decimal("0.1"),
        "other services and taxes": Decimal("0.08"),
        "on the invoice, in no line of the bill": Decimal("0.02"),
        "not explained": Decimal("0.5"),
    }
    assert sum(steps(result).values()) == result.invoice_usd == Decimal("3.8")
    assert result.verdict is Verdict.OPEN
    assert result.ai_usage_net_usd == Decimal("3.96")


def test_a_difference_within_the_tolerance_agrees(tmp_path, calls):
    bill = [read_bill(table(tmp_path, "800", "1200", "1535"))]
    assert reconcile(calls, bill).verdict is Verdict.DIFFERS
    assert reconcile(calls, bill, tolerance=Tolerance(usd=Decimal(35))).verdict is Verdict.AGREES
    assert reconcile(calls, bill, tolerance=Tolerance(usd=Decimal("34.99"))).verdict is Verdict.DIFFERS
    # 35 of 3,535 is 0.990 %
    assert reconcile(calls, bill, tolerance=Tolerance(share=Decimal("0.01"))).verdict is Verdict.AGREES
    assert reconcile(calls, bill, tolerance=Tolerance(share=Decimal("0.0099"))).verdict is Verdict.DIFFERS


def test_calls_of_unknown_cost_leave_the_question_open(tmp_path):
    calls = open_calls(calls_file(tmp_path / "c.csv", day(1, "800"), day(1, "", cost_source="unknown")))
    result = reconcile(calls, [read_bill("800")])
    assert (result.verdict, result.obstacles) == (Verdict.OPEN, ("1 calls have no known cost.",))


def test_a_cost_that_is_a_lower_bound_leaves_it_open_and_names_the_term(tmp_path):
    bound = day(1, "1", cost_source="partial", cost_gap="code_execution")
    result = reconcile(open_calls(calls_file(tmp_path / "c.csv", day(1, "799"), bound)), [read_bill("800")])
    assert (result.verdict, result.obstacles) == (
        Verdict.OPEN,
        ("1 calls have a cost of at least what is counted.",),
    )
    assert any("code_execution" in sentence for sentence in result.explanations)
    assert "$1.00 of the calls' cost is computed from list prices, without discounts." in result.explanations


def test_a_currency_needs_a_rate_of_the_day_or_of_the_seven_before(tmp_path):
    rates = read_rates(
        written(tmp_path / "r.csv", "date,currency,usd\n2026-10-25,EUR,1.10\n2026-11-02,eur,1.20\n")
    )
    text = "date,model,amount,currency\n2026-11-01,gpt-4o,10,EUR\n2026-11-02,gpt-4o,10,EUR\n2026-11-10,gpt-4o,10,EUR\n"
    name = written(tmp_path / "b.csv", text)
    with pytest.raises(UsageError, match=r"line 2 is in EUR; give dollars .* --currency-rates"):
        read_bill(name)
    bill = read_bill(name, How(rates=rates))
    assert [line.usd for line in bill.lines] == [Decimal("11.00"), Decimal("12.00")]
    assert [(line.number, line.reason) for line in bill.rejected] == [
        (4, "no rate of EUR is given for 2026-11-10 or the seven days before")
    ]


def test_cells_without_a_column_and_open_quotes_are_no_loss_in_silence(tmp_path):
    bill = read_bill(table(tmp_path, "800", "1,200.00", "1500"))
    assert [(line.number, line.reason) for line in bill.rejected] == [
        (3, "has 4 cells where the header has 3")
    ]
    with pytest.raises(UsageError, match="a quote is open"):
        read_bill(table(tmp_path, "800", '"1200', "1500"))


def test_compressed_and_parquet_bills_are_read(tmp_path, calls):
    packed = tmp_path / "bill.csv.gz"
    packed.write_bytes(gzip.compress(Path(table(tmp_path, "800", "1200", "1500")).read_bytes()))
    table_ = tmp_path / "bill.parquet"
    duckdb.sql(
        "select * from (values (date '2026-11-01', 'gpt-4o', 3500.00::decimal(18,9))) t(date, model, cost_usd)"
    ).write_parquet(str(table_))
    for name in (packed, table_):
        assert reconcile(calls, [read_bill(str(name))]).total.billed_usd == 3500


def test_an_answer_with_more_pages_is_not_concluded_from(tmp_path, calls):
    page = {
        "data": [
            {"starting_at": "2026-11-01T00:00:00Z", "results": [{"amount": "80000", "currency": "USD"}]}
        ],
        "has_more": True,
    }
    result = reconcile(calls, [read_bill(written(tmp_path / "p.json", json.dumps(page)))])
    assert (result.total.difference_usd, result.verdict) == (0, Verdict.OPEN)
    assert "more pages follow" in result.obstacles[0]


def test_the_script_refuses_unread_lines_by_number_and_goes_on_when_told(tmp_path, path, capsys):
    order = ["--data", str(path), "--bill", table(tmp_path, "800", "12oo", "1500")]
    assert script.main([*order, "--json"]) == ExitCode.BAD_ROWS
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert "line 3: the amount '12oo' cannot be read" in said.err
    assert (found["verdict"], found["bills"][0]["lines"], found["bills"][0]["accepted"]) == (
        "not concluded",
        3,
        2,
    )
    assert found["bills"][0]["rejected"] == [{"number": 3, "reason": "the amount '12oo' cannot be read"}]
    assert script.main([*order, "--allow-unread", "--tolerance", "100%"]) == ExitCode.THRESHOLD
    assert "Nothing is concluded:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("tolerance", "code"), [("35", 0), ("34.99", 5), ("1%", 0), ("0.9%", 5), ("-1", 2), ("much", 2)]
)
def test_the_tolerance_decides_the_exit_code(tmp_path, path, capsys, tolerance: str, code: int):
    order = [
        "--data",
        str(path),
        "--bill",
        table(tmp_path, "800", "1200", "1535"),
        f"--tolerance={tolerance}",
    ]
    assert script.main(order) == code


def test_without_a_tolerance_a_difference_is_said_and_is_no_failure(tmp_path, path, capsys):
    assert script.main(["--data", str(path), "--bill", table(tmp_path, "800", "1200", "1535")]) == ExitCode.OK
    assert "The calls differ from the AI usage billed." in capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    [
        "aws_cur1.csv", "aws_cur2.csv", "azure_actual_mca.csv", "gcp_export.jsonl", "focus_1_2.csv", "focus_1_4.csv",
        "costroid_openai_costs.json", "costroid_anthropic_cost_report.json",
    ],
)  # fmt: skip
def test_what_the_import_advises_of_a_bill_works(tmp_path, path, capsys, name: str):
    bill = str(SAMPLES / "bills" / name)
    assert import_usage.main([bill, "--out", str(tmp_path / "o.csv")]) == ExitCode.USAGE
    assert "reconcile.py --bill" in capsys.readouterr().err
    assert script.main(["--bill", bill, "--data", str(path)]) == ExitCode.OK
    assert "From the calls to the invoice" in capsys.readouterr().out


def test_the_page_shows_the_steps_and_agrees_with_the_json(tmp_path, path, capsys):
    """$3,500 of calls against $3,535 of usage: billed minus calls is $35, on the third day."""
    out = tmp_path / "pages" / "reconciliation.html"
    order = [
        "--data",
        str(path),
        "--bill",
        table(tmp_path, "800", "1200", "1535"),
        "--out",
        str(out),
        "--json",
    ]
    assert script.main(order) == ExitCode.OK
    said = json.loads(capsys.readouterr().out)
    result = json.loads(out.with_suffix(".json").read_text())["result"]
    assert Decimal(result["difference_usd"]) == Decimal(said["difference_usd"]) == 35
    text = out.read_text()
    assert "The calls differ from the AI usage billed. Billed minus calls is +35.00 USD (+0.99%)." in text
    assert "From $3,500.00 of calls to an invoice of $3,535.00" in text
    assert "Calls and bill by day" in text
    assert script.main([*order[:-3], "--out", str(tmp_path)]) == ExitCode.USAGE


def test_a_page_of_a_bill_that_is_not_read_whole_concludes_nothing(tmp_path, path):
    out = tmp_path / "r.html"
    bill = table(tmp_path, "800", "12oo", "1500")
    assert (
        script.main(["--data", str(path), "--bill", bill, "--allow-unread", "--out", str(out), "--quiet"])
        == 0
    )
    assert "Nothing is concluded: 1 of 3 lines of" in out.read_text()
    assert "line 3: the amount &#39;12oo&#39; cannot be read" in out.read_text()


ROWS = ("2026-11-01,gpt-4o,{}\n", "2026-11-02,gpt-4o,{}\n", "2026-11-03,gpt-4o,{}\n")


def three(folder: Path, head: str, *cells: str, end: str = "") -> str:
    lines = [row.format(cell) for row, cell in zip(ROWS, cells, strict=True)]
    return written(folder / "bill.csv", f"date,model,{head}\n{''.join(lines)}{end}")


def test_the_sign_in_a_heading_is_the_currency_of_its_column(tmp_path):
    """€ 3,500 are not $3,500; at 1.10 they are $3,850."""
    bill = three(tmp_path, "Cost (€)", "800.00", "1200.00", "1500.00")
    with pytest.raises(UsageError, match="line 2 is in EUR"):
        read_bill(bill)
    rates = written(tmp_path / "rates.csv", "date,currency,usd\n2026-11-01,EUR,1.1\n")
    lines = read_bill(bill, How(rates=read_rates(rates))).lines
    assert sum(line.usd for line in lines) == Decimal("3850")
    assert {line.currency for line in lines} == {"EUR"}


@pytest.mark.parametrize(
    "head", ["Cost ($),Cost (€)", "Cost (€),Cost ($)", "currency,Currency,cost", "Cost,Cost"]
)
def test_two_columns_that_mean_the_same_are_not_chosen_between(tmp_path, head):
    cells = ["800,700", "1200,1100", "1500,1400"] if "Cost" in head else [f"USD,EUR,{n}" for n in (1, 2, 3)]
    with pytest.raises(UsageError, match="mean the same and say different things"):
        read_bill(three(tmp_path, head, *cells))


def test_a_quantity_called_amount_is_not_the_cost(tmp_path, calls):
    result = reconcile(
        calls, [read_bill(three(tmp_path, "amount,unit,cost", "9,k,800", "9,k,1200", "9,k,1500"))]
    )
    assert result.verdict is Verdict.AGREES
    assert any("column cost; amount could be amounts, too" in note for note in result.bills[0].notes)


@pytest.mark.parametrize(
    "short", ["2026-11-02,gpt-4o", "2026-11-02,gpt-4o,1200", "2026-11-02,gpt-4o,1200,EUR"]
)
def test_a_line_that_is_cut_short_is_rejected(tmp_path, short):
    """Without its currency a line is not in dollars, without its kind it is no usage."""
    text = f"date,model,cost,currency,kind\n2026-11-01,gpt-4o,800,USD,usage\n{short}\n"
    bill = read_bill(written(tmp_path / "bill.csv", text))
    assert [line.number for line in bill.rejected] == [3]
    assert len(bill.lines) == 1


def test_a_record_of_json_that_lacks_a_key_is_rejected(tmp_path):
    records = [{"date": "2026-11-01", "cost": 800, "currency": "USD"}, {"date": "2026-11-02", "cost": 1200}]
    bill = read_bill(written(tmp_path / "bill.json", json.dumps(records)))
    assert [(line.number, line.reason) for line in bill.rejected] == [(2, "its currency is empty")]


FOCUS = (
    "BilledCost;BillingCurrency;ChargeCategory;ChargePeriodStart;ChargePeriodEnd;ServiceCategory;x_Model\n"
)
FOCUS_LINE = "{};USD;Usage;2026-11-0{}T00:00:00Z;2026-11-0{}T00:00:00Z;{};gpt-4o\n"


def focus(folder: Path, *amounts: str, category: str = "AI and Machine Learning") -> str:
    lines = [FOCUS_LINE.format(text, day, day + 1, category) for day, text in enumerate(amounts, start=1)]
    return written(folder / "focus.csv", FOCUS + "".join(lines))


def test_a_cloud_report_that_a_spreadsheet_wrote_anew_is_not_read_as_thousands(tmp_path):
    """1,800 can be one dollar eighty: where nothing proves it, the user says it; 2,5 proves a comma."""
    with pytest.raises(UsageError, match="BilledCost does not tell whether '1,800'"):
        read_bill(focus(tmp_path, "1,800", "1,200"))
    assert sum(line.usd for line in read_bill(focus(tmp_path, "1,800", "2,5")).lines) == Decimal("4.3")
    assert sum(line.usd for line in read_bill(focus(tmp_path, "1.800", "2.500")).lines) == Decimal("4.3")


def test_a_focus_line_without_a_service_category_is_rejected(tmp_path):
    assert len(read_bill(focus(tmp_path, "1.8", category="")).rejected) == 1


@pytest.mark.parametrize(
    "end",
    [
        ",Total for November 2026,3500\n",
        ",Amount due,3500\n",
        "Rechnungsbetrag,,3500\n",
        "Invoice total:,,3500\n",
    ],
)
def test_the_last_row_of_an_invoice_is_a_total(tmp_path, calls, end):
    bill = read_bill(three(tmp_path, "cost_usd", "800", "1200", "1500", end=end))
    assert reconcile(calls, [bill]).verdict is Verdict.AGREES
    wrong = read_bill(three(tmp_path, "cost_usd", "800", "1200", "1500", end=end.replace("3500", "3501")))
    assert reconcile(calls, [wrong]).verdict is Verdict.OPEN


@pytest.mark.parametrize("name", ["VAT 19%", "Sales tax", "MwSt.", "GST"])
def test_a_line_that_calls_itself_a_tax_is_none_of_the_usage(tmp_path, calls, name):
    result = reconcile(
        calls, [read_bill(three(tmp_path, "cost_usd", "800", "1200", "1500", end=f"2026-11-03,{name},665\n"))]
    )
    assert result.verdict is Verdict.AGREES
    assert (result.invoice_usd, steps(result)["AI tax"]) == (Decimal(4165), Decimal(665))


def test_byte_order_marks_empty_lines_and_brackets_are_read(tmp_path):
    text = '\ufeffdate,model,cost_usd\r\n\r\n2026-11-01,gpt-4o,800.00\r\n,,\r\n2026-11-02,gpt-4o,"($1,200.00)"\r\n\r\n'
    (tmp_path / "bill.csv").write_text(text, encoding="utf-8", newline="")
    bill = read_bill(str(tmp_path / "bill.csv"))
    assert [(line.usd, line.kind) for line in bill.lines] == [(800, Charge.USAGE), (-1200, Charge.CREDIT)]
    assert bill.rejected == ()
