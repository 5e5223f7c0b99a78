"""The lines of chargeback statements for export: of all organizations and months, or of one."""

from datetime import date

from analyzers.alignment.bills import lines_as_table
from analyzers.alignment.statement_lines import monthly_usages, statement_lines
from analyzers.alignment.statements import Statement, chargeback, month_days
from calls.engine import Calls
from foundation.outcome import UsageError
from reporting.document import Table
from settings.model import Settings


def statement_table(
    calls: Calls, settings: Settings, *, organization: str | None = None, month: str | None = None
) -> Table:
    """The lines of the statements of an organization (else of all) and a month such as 2026-11 (else of all).

    Raises:
        UsageError: there is no such statement, or the month is none.
    """
    period = calls.source.period
    days = month_days(period.first_day, period.last_day)
    bill = chargeback(monthly_usages(calls, days), settings.chargeback)
    wanted = _first_of(month) if month else None
    chosen = [each for each in bill.statements if _fits(each, organization, wanted)]
    if not chosen:
        raise UsageError(
            f"There is no statement of {organization or 'any organization'} for {month or 'any month'}; the calls are "
            f"of {period.first_day} to {period.last_day}, and {len(bill.statements):,} statements are made of them."
        )
    lines = statement_lines(calls, chosen)
    return lines_as_table(lines, limit=len(lines))


def _fits(statement: Statement, organization: str | None, month: date | None) -> bool:
    if organization and statement.organization != organization:
        return False
    return month is None or (statement.days is not None and statement.days.first.replace(day=1) == month)


def _first_of(month: str) -> date:
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        raise UsageError(f"--month {month} is no month; write one such as 2026-11.") from None
