"""export_data.py as a user meets it: what it says, what it refuses, and where things lie."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

import export_data
from foundation.outcome import ExitCode
from foundation.places import ROOT
from tests.calls import call_files
from tests.running import run_script


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = [call_files.row(number, cost_usd="" if number == 3 else "0.25") for number in range(10)]
    path = call_files.write(tmp_path / "calls.csv", rows)
    path.write_text(path.read_text() + "not,a,call\n")
    return path


def test_it_says_what_it_wrote_and_what_is_not_in_it(source: Path, tmp_path: Path) -> None:
    done = run_script("export_data.py", "--format", "focus", "--data", source, "--out", tmp_path / "f.csv")
    first, second = done.stdout.splitlines()
    assert first.startswith(f"✅ Exported 10 calls to {tmp_path / 'f.csv'} (")
    assert second == "Cost: $2.250000000; tokens: 1,000 input, 200 output"
    assert "1 of the calls have no known cost" in done.stderr
    assert "1 lines of the file cannot be used" in done.stderr
    assert "openai m1 has no list price: 9 calls, $2.250000000" in done.stderr
    assert "Traceback" not in done.stderr


def test_json_is_one_object(source: Path, tmp_path: Path) -> None:
    done = run_script(
        "export_data.py", "--format", "csv", "--data", source, "--out", tmp_path / "x.csv", "--json",
        "--where", "cost_usd=0.25", "--since", "2026-03-01T00:05",
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert (result["format"], result["path"], result["files"]) == ("csv", str(tmp_path / "x.csv"), 1)
    assert (result["calls"], result["unknown_cost_calls"], result["rejected_lines"]) == (5, 0, 1)
    assert Decimal(result["cost_usd"]) == Decimal("1.25")
    assert result["bytes"] == (tmp_path / "x.csv").stat().st_size


def test_quiet_says_only_what_is_wrong(source: Path, tmp_path: Path) -> None:
    done = run_script(
        "export_data.py", "--format", "jsonl", "--data", source, "--out", tmp_path / "x", "--quiet"
    )
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([], "required: --format"),
        (["--format", "pdf"], "invalid choice: 'pdf'"),
        (["--format", "json", "--plain"], "--plain is about CSV"),
        (["--format", "csv", "--partition-by", "day"], "--partition-by is about Parquet"),
        (["--format", "parquet", "--partition-by", "month"], "invalid choice: 'month'"),
        (["--format", "parquet", "--keep-days"], "--keep-days is about a partitioned folder"),
        (
            ["--format", "parquet", "--partition-by", "day", "--keep-days", "--since", "7d"],
            "--keep-days replaces whole days",
        ),
        (["--format", "csv", "--charge-period", "day"], "--charge-period is about FOCUS"),
        (["--format", "csv", "--where", "nope=1"], "there is no column 'nope'"),
        (["--format", "csv", "--timezone", "Mars"], "--timezone 'Mars' is unknown"),
        (["--format", "focus", "--settings", "missing.toml"], "missing.toml does not exist"),
    ],
)
def test_misuse_is_one_sentence(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], words: str
) -> None:
    arguments = [*flags, "--data", str(source), "--out", str(tmp_path / "x")]
    assert export_data.main(arguments) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_no_data_is_exit_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export_data.main(["--format", "csv", "--data", str(tmp_path / "none.csv")]) == ExitCode.NO_DATA
    assert "Traceback" not in capsys.readouterr().err


def test_the_default_place_is_under_reports(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unique = source.rename(source.with_name(f"default-place-{id(source)}.csv"))
    target = ROOT / "reports" / "export" / f"{unique.stem}.jsonl"
    try:
        assert export_data.main(["--format", "jsonl", "--data", str(unique)]) == ExitCode.OK
        assert f"reports/export/{target.name}" in capsys.readouterr().out
        assert target.read_text().count("\n") == 10
    finally:
        target.unlink(missing_ok=True)


def test_focus_by_the_suffix_is_parquet(source: Path, tmp_path: Path) -> None:
    for name, begins in (("f.parquet", b"PAR1"), ("f.csv", b"AvailabilityZone,")):
        assert (
            export_data.main(["--format", "focus", "--data", str(source), "--out", str(tmp_path / name)]) == 0
        )
        assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_focus_export_reconciles_with_its_own_calls(source: Path, tmp_path: Path) -> None:
    run_script("export_data.py", "--format", "focus", "--data", source, "--out", tmp_path / "f.csv")
    bill = json.loads(
        run_script("reconcile.py", "--bill", tmp_path / "f.csv", "--data", source, "--json").stdout
    )
    assert Decimal(bill["total"]["billed_usd"]) == Decimal(bill["total"]["calls_usd"]) == Decimal("2.25")
    assert [(line["name"], Decimal(line["billed_usd"])) for line in bill["by_model"]] == [
        ("m1", Decimal("2.25"))
    ]


def test_the_statement_of_one_organization_for_one_month(tmp_path):
    """Cents tie out: 10.005 twice and $5 of shared cost (half of ten) are 20.01 + 5 = $25.01."""
    rows = [
        call_files.row(number, organization_id=name, cost_usd=cost, timestamp=f"{day}T12:00:00.000000Z", product_id="p")
        for number, (name, cost, day) in enumerate(
            [("=acme", "10.005", "2026-03-01"), ("=acme", "10.005", "2026-03-31"), ("bolt", "7", "2026-03-02"),
             ("=acme", "9", "2026-04-01")]
        )
    ]  # fmt: skip
    source = call_files.write(tmp_path / "calls.csv", rows)
    (tmp_path / "s.toml").write_text('[chargeback]\nshared_method = "even"\nshared_monthly_usd = 10\n')
    out = tmp_path / "statement.csv"
    run_script("export_data.py", "--format", "statements", "--data", source, "--settings", tmp_path / "s.toml",
               "--organization", "=acme", "--month", "2026-03", "--out", out, "--quiet")  # fmt: skip
    lines = list(csv.DictReader(io.StringIO(out.read_bytes().decode("utf-8-sig"), newline="")))
    assert {(line["organization"], line["month"]) for line in lines} == {("'=acme", "2026-03")}
    assert [(line["kind"], line["amount"]) for line in lines] == [("usage", "20.01"), ("shared cost", "5.00")]
    done = run_script("export_data.py", "--format", "statements", "--data", source, "--organization", "nobody",
                      code=ExitCode.USAGE)  # fmt: skip
    assert "There is no statement of nobody for any month" in done.stderr
    done = run_script("export_data.py", "--format", "statements", "--data", source, "--where", "organization_id=bolt",
                      code=ExitCode.USAGE)  # fmt: skip
    assert "choose statements by --organization" in done.stderr
