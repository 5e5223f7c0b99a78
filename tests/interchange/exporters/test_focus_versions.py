"""FOCUS 1.3 and 1.4: which columns there are, what stands with a SKU price, and that the same dollars stand in all."""

import csv
import json
from decimal import Decimal

import pytest

import export_data
from foundation.outcome import ExitCode
from interchange.exporters.focus_check import violations
from interchange.exporters.focus_versions import VERSIONS, columns_of
from tests.calls import call_files

ADDED = {
    "AllocatedMethodDetails", "AllocatedMethodId", "AllocatedResourceId", "AllocatedResourceName", "AllocatedTags",
    "ContractApplied", "HostProviderName", "ServiceProviderName",
}  # fmt: skip


@pytest.fixture
def written(tmp_path):
    """A listed model, an unlisted one of $2 for 3,000 tokens, one of unknown cost, and a credit of $1."""
    rows = [
        call_files.row(1, model="gpt-4o", cost_usd="0.5"),
        call_files.row(2, model="nobodys", input_tokens="2000", output_tokens="1000", cost_usd="2"),
        call_files.row(3, model="nobodys", cost_usd=""),
        call_files.row(4, model="gpt-4o", input_tokens="0", output_tokens="0", cost_usd="-1"),
    ]
    source = call_files.write(tmp_path / "calls.csv", rows)

    def written(version):
        out = tmp_path / f"{version}.csv"
        order = ["--format", "focus", "--data", str(source), "--out", str(out), "--allow-credits", "--quiet"]
        assert export_data.main([*order, "--focus-version", version]) == ExitCode.OK
        return out

    return written


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def names_of(version):
    return {column.name for column in columns_of(version) if not column.name.startswith("x_")}


def test_each_version_has_its_columns():
    assert [len(names_of(version)) for version in VERSIONS] == [57, 65, 65]
    assert names_of("1.3") - names_of("1.2") == ADDED
    assert names_of("1.3") - names_of("1.4") == {"ProviderName", "PublisherName"}
    assert names_of("1.4") - names_of("1.3") == {"CommitmentProgramEligibilityDetails", "InvoiceDetailId"}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_dollars_and_calls_stand_in_each(written, version):
    rows = rows_of(written(version))
    assert {name for name in rows[0] if not name.startswith("x_")} == names_of(version)
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal("1.5")
    assert sum(int(row["x_CallCount"]) for row in rows) == 4


@pytest.mark.parametrize("version", ["1.3", "1.4"])
def test_a_charge_with_a_sku_price_has_unit_prices_and_one_without_has_none(written, version):
    """$2 for 0.003 million tokens are 666.67 a million, derived; what costs nothing known has no price."""
    path = written(version)
    rows = rows_of(path)
    assert violations(path, version) == ()
    derived = [row for row in rows if row["x_ListPriceStatus"] == "Derived"]
    (row,) = derived
    assert Decimal(row["ListUnitPrice"]) == pytest.approx(Decimal(2) / Decimal("0.003"))
    assert row["SkuPriceId"]
    (unknown,) = (row for row in rows if row["x_CostStatus"] == "Unknown")
    assert (unknown["SkuPriceId"], unknown["PricingQuantity"], unknown["ListUnitPrice"]) == ("", "", "")
    assert Decimal(unknown["ConsumedQuantity"]) > 0
    (credit,) = (row for row in rows if row["ChargeCategory"] == "Credit")
    assert (credit["SkuPriceId"], credit["BilledCost"]) == ("", "-1.0")
    assert {row["HostProviderName"] for row in rows} == {row["ServiceProviderName"] for row in rows}


def test_the_checker_finds_what_is_broken(written):
    path = written("1.4")
    text = path.read_text()
    assert violations(path, "1.3") == (
        "ProviderName is missing; FOCUS 1.3 has it.",
        "PublisherName is missing; FOCUS 1.3 has it.",
        "CommitmentProgramEligibilityDetails is no column of FOCUS 1.3.",
        "InvoiceDetailId is no column of FOCUS 1.3.",
    )
    rows = rows_of(path)
    priced = next(row for row in rows if row["SkuPriceId"])
    priced["ListUnitPrice"] = priced["HostProviderName"] = ""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert violations(path, "1.4") == (
        "HostProviderName is null in a charge: 1 rows.",
        "ListUnitPrice is null beside a SkuPriceId: 1 rows.",
    )
    assert path.read_text() != text


def test_the_metadata_say_what_the_file_is(written):
    path = written("1.4")
    said = json.loads((path.parent / "1.4.csv.metadata.json").read_text())
    assert (said["Schema"]["FocusVersion"], said["Recency"]["DatasetFile"]) == ("1.4", "1.4.csv")
    assert [column["ColumnName"] for column in said["Schema"]["ColumnDefinition"]] == list(rows_of(path)[0])
    assert "no official tool has passed 1.4" in said["Checked"]


def test_a_version_without_focus_is_misuse(tmp_path, capsys):
    assert export_data.main(["--format", "csv", "--focus-version", "1.4"]) == ExitCode.USAGE
    assert "use it with --format focus" in capsys.readouterr().err
