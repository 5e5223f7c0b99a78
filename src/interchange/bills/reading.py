"""`reconcile.py --bill`: from a file to lines with exact dollars; nothing is dropped, nothing is guessed."""

from collections.abc import Iterable
from pathlib import Path

from foundation.outcome import NoUsableData, UsageError
from foundation.places import text_of
from interchange.bills import amounts
from interchange.bills.amounts import DecimalSign, Written
from interchange.bills.charges import BadLine, Bill, BillLine, Format
from interchange.bills.formats import FORMATS
from interchange.bills.formats.plain import AMOUNTS
from interchange.bills.lines import How, Reader
from interchange.bills.records import Records, read_records
from settings import currency_rates


def read_bill(text: str, how: How | None = None) -> Bill:
    """Reads a bill: `text` is an amount in dollars or the path of a report (CSV, JSON, JSON lines or Parquet).

    Raises:
        UsageError: neither an amount nor a readable report, or one whose numbers, dates or currency are not settled.
        NoUsableData: the file is empty.
    """
    how = how or How()
    try:
        return _typed(Written(text), how)
    except BadLine:
        pass
    path = Path(text)
    if not path.is_file():
        text_of(path, f"--bill {text} is no amount in dollars such as 1234.56, and as a file it")
    found = read_records(text)
    return Reader(text, found, _format(text, found), how).bill()


def read_bills(texts: Iterable[str], how: How | None = None) -> list[Bill]:
    """Several bills; see `read_bill`.

    Raises:
        UsageError: two files are the same, which would count twice.
    """
    bills = [read_bill(text, how) for text in texts]
    seen: dict[str, str] = {}
    for bill in bills:
        if bill.digest and seen.setdefault(bill.digest, bill.name) != bill.name:
            raise UsageError(f"{bill.name} and {seen[bill.digest]} are the same bill; name it once.")
    names = [bill.name for bill in bills if bill.digest]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"{twice} is given twice; name it once.")
    return bills


def _typed(written: Written, how: How) -> Bill:
    name = f"--bill {written.text}"
    if written.currency not in {"", "USD"}:
        raise UsageError(
            f"{name} is in {written.currency}; give dollars, or a file of charges and {currency_rates.FLAG} FILE."
        )
    if written.is_ambiguous and how.decimal is None:
        raise UsageError(f"{name} can be two amounts; say {amounts.FLAG} point or {amounts.FLAG} comma.")
    sign = how.decimal or written.proves or DecimalSign.POINT
    usd = written.value(sign)
    return Bill(written.text, "an amount", (BillLine(None, "", usd, amount=usd),), lines_read=1, line_count=1)


def _format(name: str, found: Records) -> Format:
    if not found.records and not found.rejected:
        raise NoUsableData(f"{name} has no lines; export it again.")
    columns = set(found.columns)
    for entry in FORMATS:
        if any(needed <= columns for needed in entry.needs):
            return entry
    raise UsageError(
        f"{name} has no amounts; a bill is a report of OpenAI, Anthropic, OpenRouter, AWS, Azure, Google Cloud or "
        f"FOCUS, or has one of the columns {', '.join(('cost_usd', *AMOUNTS[2:6]))}."
    )
