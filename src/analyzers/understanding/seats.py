"""Section on seats and subscriptions paid by the month (`[[seat]]`), against what their calls cost at list price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from analyzers.revenue.plan_lines import Span, months_of, total_if_known
from analyzers.usage.sums import MEASURES, ZERO, Usage, share, total_usage, usage_of
from analyzers.words.figures import usd
from calls.engine import Calls
from reporting.document import Method, Note, Section, Table, Unit, Value
from reporting.filled_tables import Fields, field, filled_table, over, summed
from settings.model import Seat

METHOD = Method(
    id="seats",
    title="Seats and subscriptions",
    formula="fee = seats × price per month × days of the month paid / days of the month, over calendar months",
    assumptions=(
        "Fees are those of settings.toml ([[seat]]), from and until as it says, within the days of the file.",
        "Covered are the calls of these days with the provider, organization and product that the entry names; a call "
        "that several entries name belongs to the first.",
        "The cost of a covered call is what it would cost at list price. It is shown against the fee and never added "
        "to it: paid in all = cost of the other calls + fees.",
    ),
)
COVERED = """
select place,
       {measures}
from (select *, {place} as place from daily_organizations where local_day is not null) as placed
where place is not null
group by place
order by place
"""
COLUMNS = {"provider": "provider", "organization": "organization_id", "product": "product_id"}
"""What an entry can name of a call, and its column."""


@dataclass(frozen=True)
class SeatCost:
    """What a subscription cost over the period, and the calls under it.

    `fee_usd` is the fee of the days of the period, `usage` the covered calls, whose cost is that at list price.
    """

    name: str
    seats: int
    monthly_usd: Decimal
    first_day: date
    fee_usd: Decimal
    usage: Usage
    covers_calls: bool


@dataclass(frozen=True)
class SeatCosts:
    """All subscriptions. `other` are the calls under none of them."""

    seats: tuple[SeatCost, ...]
    fees_usd: Decimal
    covered: Usage
    other_usd: Decimal

    @property
    def paid_usd(self) -> Decimal:
        """The cost of the other calls and the fees."""
        return self.other_usd + self.fees_usd


def seat_costs(calls: Calls, seats: Sequence[Seat], total: Usage) -> SeatCosts | None:
    """The subscriptions of the settings; None where there is none."""
    if not seats:
        return None
    period = calls.source.period
    covered = _covered(calls, seats)
    found = tuple(
        SeatCost(
            name=each.name,
            seats=each.seats,
            monthly_usd=each.monthly_usd,
            first_day=each.first,
            fee_usd=_fee(each, period.first_day, period.last_day),
            usage=covered.get(place, Usage()),
            covers_calls=bool(_named(each)),
        )
        for place, each in enumerate(seats)
    )
    under = total_usage(each.usage for each in found)
    fees = sum((each.fee_usd for each in found), ZERO)
    return SeatCosts(found, fees, under, total.cost_usd - under.cost_usd)


def _fee(seat: Seat, first: date, last: date) -> Decimal:
    begin, end = max(seat.first, first), min(seat.until or last, last)
    if end < begin:
        return ZERO
    months = months_of([Span(seat.name, seat.monthly_usd * seat.seats, begin, end)])
    return total_if_known(month.revenue_usd for month in months) or ZERO


def _named(seat: Seat) -> dict[str, str]:
    """What an entry names of the calls under it, by column."""
    named = {column: getattr(seat, key) for key, column in COLUMNS.items()}
    return {column: value for column, value in named.items() if value}


def _covered(calls: Calls, seats: Sequence[Seat]) -> Mapping[int, Usage]:
    """The calls under each entry that names some, by its place."""
    values: dict[str, Any] = {}
    cases = []
    for place, seat in enumerate(seats):
        named = _named(seat)
        if not named:
            continue
        tests = [f"local_day >= cast($from_{place} as date)"]
        values[f"from_{place}"] = seat.first.isoformat()
        if seat.until:
            tests.append(f"local_day <= cast($until_{place} as date)")
            values[f"until_{place}"] = seat.until.isoformat()
        for column, value in named.items():
            tests.append(f"{column} = ${column}_{place}")
            values[f"{column}_{place}"] = value
        cases.append(f"when {' and '.join(tests)} then {place}")
    if not cases:
        return {}
    query = COVERED.format(place=f"case {' '.join(cases)} end", measures=MEASURES)
    return {int(row.place): usage_of(row) for row in calls.sql(query, **values)}


def section(found: SeatCosts | None) -> tuple[Section, ...]:
    """The fees against what the calls under them would cost; nothing where no subscription is set."""
    if found is None:
        return ()
    words = (
        f"Paid in all: {usd(found.other_usd)} for calls under no subscription and {usd(found.fees_usd)} of fees, "
        f"{usd(found.paid_usd)}. The calls under subscriptions would cost {usd(found.covered.cost_usd)} at list price, "
        "which is in the total cost of this page and in no fee."
    )
    return (Section("seats", "Seats and subscriptions", blocks=(Note(words), _table(found))),)


def _table(found: SeatCosts) -> Table:
    fields: Fields[SeatCost] = (
        field("name", "Subscription", lambda each: each.name),
        field("from", "From", lambda each: each.first_day, Unit.DATE),
        field("seats", "Seats", lambda each: each.seats, Unit.COUNT),
        field("price", "Per seat and month", lambda each: each.monthly_usd, Unit.USD),
        summed("fee", "Fee of the period", lambda each: each.fee_usd, Unit.USD),
        summed("calls", "Calls under it", lambda each: each.usage.calls, Unit.COUNT),
        over("equivalent", "At list price", _equivalent, Unit.USD),
        over("ratio", "List price for a dollar of fee", _ratio, Unit.RATIO),
    )
    return filled_table(
        "seat-costs",
        "Seats and subscriptions against list prices",
        found.seats,
        fields,
        key=lambda each: each.name,
        total="Total",
        method="seats",
    )


def _equivalent(some: Sequence[SeatCost]) -> Value:
    usage = total_usage(each.usage for each in some)
    why = (
        "no call has a known cost" if any(each.covers_calls for each in some) else "the entry names no calls"
    )
    return Value(usage.known_cost_usd, Unit.USD, reason=why, at_least=usage.at_least)


def _ratio(some: Sequence[SeatCost]) -> Value:
    usage, fee = total_usage(each.usage for each in some), sum((each.fee_usd for each in some), ZERO)
    known = usage.known_cost_usd
    ratio = None if known is None else share(known, fee)
    return Value(ratio, Unit.RATIO, reason="no fee, or no known cost", at_least=usage.at_least)
