"""From the records of one bill to its lines: the columns settle how numbers, dates and currencies are written."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal

from foundation.outcome import UsageError
from interchange.bills import amounts, dates
from interchange.bills.amounts import DecimalSign, Written
from interchange.bills.charges import (
    BadLine,
    Bill,
    BillLine,
    Charge,
    Format,
    RawCharge,
    Rejected,
    Total,
    exact_product,
    exact_sum,
)
from interchange.bills.dates import DateOrder
from interchange.bills.formats.plain import AMOUNTS, CURRENCIES, KIND_COLUMNS
from interchange.bills.records import Record, Records
from settings import currency_rates
from settings.currency_codes import CODES
from settings.currency_rates import Rates

_TOTAL = re.compile(
    r"((grand|sub|invoice)[ -]?)?(total|totals|totale|sum)( \(?(usd|eur|due|amount|cost)\)?| (for|of|in) .*)?:?"
    r"|(amount|balance|total) (due|payable):?|(zwischen)?summe\b.*|gesamt(summe|betrag)?:?|rechnungs(summe|betrag):?",
    re.IGNORECASE,
)
_DIVISION = Context(prec=50)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class How:
    """What the user says about how bills are written."""

    decimal: DecimalSign | None = None
    dates: DateOrder | None = None
    rates: Rates | None = None


@dataclass(frozen=True)
class _RawRecord:
    number: int
    raw_charges: Sequence[RawCharge]
    is_total: bool


class Reader:
    """Reads one file: first all charges as written, then, once the columns are settled, all lines."""

    def __init__(self, name: str, found: Records, form: Format, how: How) -> None:
        self._name, self._found, self._form, self._how = name, found, form, how
        self._rejected = list(found.rejected)
        self._silent = 0
        self._records = list(self._all_records())
        self._refuse_contradictions()
        self._signs = self._decimal_signs()
        self._dates = how.dates or self._date_order()
        self._marks = self._currency_marks()
        self._home = self._home_currency()

    def bill(self) -> Bill:
        """The bill.

        Raises:
            UsageError: it is in a currency for which there are no rates.
        """
        lines: list[BillLine] = []
        totals: list[Total] = []
        read, since = 0, 0
        for entry in self._records:
            try:
                if entry.is_total:
                    totals.append(self._total(entry, lines, since))
                    since = len(lines)
                else:
                    lines += [self._line(entry.number, raw) for raw in entry.raw_charges]
                    read += 1
            except BadLine as error:
                self._rejected.append(Rejected(entry.number, str(error)))
        records = len(self._found.records) + len(self._found.rejected)
        return Bill(
            name=self._name,
            format=self._form.name,
            lines=tuple(lines),
            rejected=tuple(sorted(self._rejected, key=lambda line: line.number)),
            totals=tuple(totals),
            notes=tuple(self._notes()),
            lines_read=read,
            line_count=records - len(totals) - self._silent,
            digest=self._found.digest,
            has_more=self._found.has_more,
        )

    def _all_records(self) -> Iterator[_RawRecord]:
        for record in self._found.records:
            is_total = self._is_total(record)
            fields = record.fields
            if is_total and self._form.plain:
                fields = {name: cell for name, cell in fields.items() if name not in KIND_COLUMNS}
            try:
                raw_charges = self._form.charges(fields)
            except BadLine as error:
                self._rejected.append(Rejected(record.number, str(error)))
                continue
            if raw_charges:
                yield _RawRecord(record.number, raw_charges, is_total)
            else:
                self._silent += 1

    def _is_total(self, record: Record) -> bool:
        """Whether a row sums others: its first word says so, or a table's row holds an amount and nothing else."""
        cells = record.cells
        alone = self._form.plain and len(cells) == 1 and len(self._found.columns) > 1
        return alone or (bool(cells) and _TOTAL.fullmatch(cells[0]) is not None)

    def _decimal_signs(self) -> dict[str, DecimalSign]:
        """The decimal sign of each column of amounts: as declared by user or format, else as its cells prove it."""
        cells: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for entry in self._records:
            for raw in entry.raw_charges:
                for column, text in (
                    (raw.column, raw.amount),
                    (raw.usd_column, raw.usd),
                    (raw.net_column, raw.net),
                ):
                    cells[column].append((entry.number, text))
        return {column: self._how.decimal or self._decimal_sign(column, cells[column]) for column in cells}

    def _decimal_sign(self, column: str, cells: Sequence[tuple[int, str]]) -> DecimalSign:
        """Clouds write a point and no thousands; where a comma stands, somebody has written the file anew."""
        if not self._form.plain and not any("," in text for _, text in cells):
            return DecimalSign.POINT
        return amounts.settled(self._name, self._found.columns.get(column, column), cells)

    def _refuse_contradictions(self) -> None:
        """Two columns that may both be the amount, its currency or its kind are not chosen between."""
        read = {column for entry in self._records for raw in entry.raw_charges
                for column in (raw.column, raw.usd_column, raw.net_column)}  # fmt: skip
        for name in sorted({*read, *CURRENCIES, *KIND_COLUMNS} & self._found.repeated.keys()):
            columns = " and ".join(self._found.repeated[name])
            raise UsageError(
                f"{self._name}: the columns {columns} mean the same and say different things; take one of them out."
            )

    def _date_order(self) -> DateOrder | None:
        if self._form.month_first:
            return DateOrder.MONTH_FIRST
        texts = (
            text for entry in self._records if not entry.is_total
            for raw in entry.raw_charges for text in (raw.starts, raw.ends) if text
        )  # fmt: skip
        return dates.order_of(self._name, texts)

    def _currency_marks(self) -> dict[str, set[str]]:
        """The currencies that the heading and the cells of each column are marked with."""
        marks: dict[str, set[str]] = defaultdict(set)
        for entry in self._records:
            for raw in entry.raw_charges:
                marks[raw.column].add(amounts.mark_in(self._found.columns.get(raw.column, "")))
                try:
                    marks[raw.column].add(Written(raw.amount).currency)
                except BadLine:
                    continue
        return {column: found - {""} for column, found in marks.items()}

    def _home_currency(self) -> str:
        """The one currency of a bill that says its dollars itself, by most of its lines; '' for others."""
        named = Counter(
            (raw.currency or "").upper()
            for entry in self._records
            for raw in entry.raw_charges
            if raw.usd or raw.local_per_usd
        )
        return named.most_common(1)[0][0] if named else ""

    def _total(self, entry: _RawRecord, lines: list[BillLine], since: int) -> Total:
        """A total sums all lines before it, or, as a subtotal, those since the last one."""
        stated = exact_sum(self._amount(raw, Written(raw.amount)) for raw in entry.raw_charges)
        parts = exact_sum(line.amount for line in lines[since:])
        everything = exact_sum(line.amount for line in lines)
        return Total(entry.number, stated, parts if stated == parts else everything)

    def _amount(self, raw: RawCharge, written: Written) -> Decimal:
        return exact_product(written.value(self._signs[raw.column]), raw.scale)

    def _line(self, number: int, raw: RawCharge) -> BillLine:
        written = Written(raw.amount)
        amount = self._amount(raw, written)
        currency = self._currency(raw, written)
        day, last_day = self._days(raw)
        kind = raw.kind or (Charge.CREDIT if amount < 0 else Charge.USAGE)
        usd = self._usd(number, raw, amount, currency, day)
        net = Written(raw.net).value(self._signs[raw.net_column]) if raw.net else None
        return BillLine(
            day=day,
            model=raw.model,
            usd=usd,
            kind=kind,
            ai=raw.ai,
            last_day=last_day,
            service=raw.service,
            amount=amount,
            currency=currency,
            net_usd=net if currency == "USD" else None,
        )

    def _currency(self, raw: RawCharge, written: Written) -> str:
        """What the line's own column says, else the mark of its amount, else that of its column, else dollars."""
        named = (raw.currency or "").upper()
        marks = self._marks.get(raw.column, set())
        if named and written.currency and named != written.currency:
            raise BadLine(f"its amount is marked {written.currency} and its currency is {named}")
        if not named and raw.currency is not None and not written.currency:
            raise BadLine("its currency is empty")
        if not (named or written.currency) and len(marks) > 1:
            raise BadLine("its amount has no mark, and those of its column have several")
        currency = named or written.currency or next(iter(marks), "USD")
        if currency not in CODES:
            raise BadLine(f"{raw.currency or currency!r} is no currency of ISO 4217")
        return currency

    def _days(self, raw: RawCharge) -> tuple[date | None, date | None]:
        starts = dates.moment(raw.starts, self._dates)
        ends = dates.moment(raw.ends, self._dates)
        if starts is None:
            return None, None
        last = max(starts, ends - _INSTANT) if ends else starts
        return starts.date(), last.date()

    def _usd(self, number: int, raw: RawCharge, amount: Decimal, currency: str, day: date | None) -> Decimal:
        """Dollars: the bill's own where it says them, else by the user's rates."""
        if currency != self._home and (raw.usd or raw.local_per_usd):
            raise BadLine(f"its currency is {currency}, that of the bill is {self._home}")
        if currency == "USD":
            return amount
        if raw.usd:
            return Written(raw.usd).value(self._signs[raw.usd_column])
        if raw.local_per_usd:
            return _divided(amount, raw.local_per_usd)
        return exact_product(amount, self._rate(number, currency, day))

    def _rate(self, number: int, currency: str, day: date | None) -> Decimal:
        """Dollars for one unit on a day, from the user's file."""
        if self._how.rates is None:
            raise UsageError(
                f"{self._name}: line {number} is in {currency}; give dollars for a unit of it with "
                f"{currency_rates.FLAG} FILE (columns date, currency, usd)."
            )
        if day is None:
            raise BadLine(f"it is in {currency} and has no date, so that no rate holds")
        rate = self._how.rates.usd_for_one(currency, day)
        if rate is None:
            raise BadLine(f"no rate of {currency} is given for {day} or the seven days before")
        return rate

    def _notes(self) -> Iterator[str]:
        if self._form.plain and DecimalSign.COMMA in self._signs.values():
            yield "Its amounts are read with a decimal comma."
        others = [self._found.columns[name] for name in AMOUNTS if name in self._found.columns]
        if self._form.plain and len(others) > 1:
            rest = " and ".join(others[1:])
            yield f"Its amounts are those of the column {others[0]}; {rest} could be amounts, too, and are not read."
        if self._dates and not self._form.month_first:
            yield f"Its dates are read {self._dates}."
        said = (raw.currency is not None for entry in self._records for raw in entry.raw_charges)
        if self._form.plain and not any(said) and not any(self._marks.values()):
            yield "It names no currency; its amounts are taken as US dollars."
        if self._home not in {"", "USD"}:
            yield f"It is in {self._home}; dollars are those that the bill itself gives."


def _divided(amount: Decimal, local_per_usd: str) -> Decimal:
    rate = Written(local_per_usd).value(DecimalSign.POINT)
    if rate <= 0:
        raise BadLine(f"its rate {local_per_usd!r} is not above zero")
    return _DIVISION.divide(amount, rate)
