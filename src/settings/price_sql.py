"""What calls cost, in SQL: a join with rows of rates, one formula over the meters; unknown and partial costs.

`settings.call_price` does the same for one call, and both give the same digits. Rates are USD for a million of what
they bill, with ten decimals; a count times a rate is exact, and so is the sum of all: it is a balanced tree, since
Spark widens a decimal at each addition and would cut digits in a long chain. It is rounded once, half-even.

Only what the calls can hold is asked for: a term or a count that no call has costs nothing.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from foundation.sql_text import literal
from settings.call_price import COUNT_LIMIT, REASONING
from settings.meters import METERS, Meter, signs
from settings.price_rows import NO_LIMIT, WEB_SEARCH, PriceRow
from settings.terms import MINUTES_A_WEEK, Terms

RATE = "decimal(19,10)"
COUNT = "decimal(12,0)"
_TYPES: dict[str, str] = (
    dict.fromkeys(Terms._fields, "varchar")
    | {
        "starts": "timestamp", "ends": "timestamp", "above_input_tokens": "bigint", "until_input_tokens": "bigint",
        "week_from": "bigint", "week_until": "bigint",
    }
    | {f"{meter.name}_rate": RATE for meter in METERS}
    | {
        "search_rate": RATE, "search_once": "boolean", "unit_rate": RATE, "unit_at_least": "decimal(18,9)",
        "tools_cost": RATE, "gap": "varchar", "partial_gap": "varchar",
    }
)  # fmt: skip
"""The columns of the relation of rates."""


def create_sql(table: str) -> str:
    """SQL that makes an empty table of rates."""
    return f"create or replace table {table} ({', '.join(f'{name} {kind}' for name, kind in _TYPES.items())})"


def insert_sqls(table: str, rows: Sequence[PriceRow]) -> list[str]:
    """SQL that adds rows to a table of rates, a thousand at a time."""
    printed = [f"({', '.join(_values(row))})" for row in rows]
    return [
        f"insert into {table} values {', '.join(printed[start : start + 1000])}"
        for start in range(0, len(rows), 1000)
    ]


def _values(row: PriceRow) -> list[str]:
    plain: list[str | int | bool | Decimal | None] = [
        *row.terms, f"{row.starts}", f"{row.ends}", row.above_input_tokens, row.until_input_tokens, row.week_from,
        row.week_until, *row.rates, row.search_usd, row.search_once, row.unit_usd, row.unit_at_least, row.tools_usd,
        row.gap, row.partial_gap,
    ]  # fmt: skip
    return [_literal(value, kind) for value, kind in zip(plain, _TYPES.values(), strict=True)]


def _literal(value: str | int | bool | Decimal | None, kind: str) -> str:
    if value is None:
        return f"cast(null as {kind})"
    text = literal(f"{value:f}" if isinstance(value, Decimal) else f"{value}")
    return text if kind == "varchar" else f"cast({text} as {kind})"


@dataclass(frozen=True)
class PriceSql:
    """SQL about calls that are joined with their row of rates.

    Args:
        rows: the rates of all calls.
        columns: the columns in which some call may hold a value.
        call: SQL for a column of a call.
        rate: the alias of the relation of rates.
    """

    rows: Sequence[PriceRow]
    columns: Collection[str]
    call: Callable[[str], str]
    rate: str = "p"

    @property
    def join(self) -> str:
        """The condition under which a call and a row of rates belong together."""
        price, call = self.rate, self.call
        tests = [
            f"{price}.{term} = {call(term)}" if term in ("provider", "model") else
            f"{price}.{term} = coalesce({call(term)}, '')"
            for place, term in enumerate(Terms._fields)
            if term in ("provider", "model") or any(row.terms[place] for row in self.rows)
        ]  # fmt: skip
        instant = call("timestamp")
        tests += [f"{instant} >= {price}.starts", f"{instant} < {price}.ends"]
        if any(row.above_input_tokens > -1 or row.until_input_tokens < NO_LIMIT for row in self.rows):
            size = call("input_tokens")
            tests += [f"{size} > {price}.above_input_tokens", f"{size} <= {price}.until_input_tokens"]
        if any((row.week_from, row.week_until) != (0, MINUTES_A_WEEK) for row in self.rows):
            minute = minute_of_week(instant)
            tests += [f"{minute} >= {price}.week_from", f"{minute} < {price}.week_until"]
        return " and ".join(tests)

    @property
    def usd(self) -> str:
        """What a call costs in USD, DECIMAL with nine decimals; NULL where it is unknown."""
        terms = [*self._token_terms, *self._other_terms]
        total = f"cast(round_even({_tree(terms)}, 3) as decimal(22,3)) * cast('0.000001' as decimal(7,6))"
        unknown = [f"{self.rate}.gap <> ''", *(f"{tokens} < 0" for tokens in self._differences)]
        if self._reasons:
            unknown.append(self._too_much_reasoning)
        if self._unrated:
            unknown.append(f"(({' or '.join(self._unrated)}) and not ({' or '.join(self._used)}))")
        return f"case when {' or '.join(unknown)} then null else try_cast({total} as decimal(18,9)) end"

    @property
    def gap(self) -> str:
        """The terms without a rate of a call, as `cost_gap` holds them; none where the model has no price at all."""
        lacking = [
            (
                f"({tokens} < 0 or {tokens} >= {COUNT_LIMIT} or ({tokens} <> 0 and {self._rate(meter)} is null))",
                meter.column,
            )
            for meter, tokens in self._tokens.items()
        ]
        if self._reasons:
            lacking.append((self._too_much_reasoning, REASONING))
        named = _listed([f"case when {test} then '{column}' end" for test, column in lacking])
        return (
            f"case when {self.rate}.gap is null then '' when {self.rate}.gap <> '' then {self.rate}.gap "
            f"when {' or '.join(test for test, _ in lacking)} then {named} else {_listed(self._partial)} end"
        )

    def source(self, usd: str, gap: str) -> str:
        """The column `cost_source` of a call, of its cost and its gap."""
        return f"case when {usd} is null then 'unknown' when {gap} <> '' then 'partial' else 'computed' end"

    def _rate(self, meter: Meter) -> str:
        return f"{self.rate}.{meter.name}_rate"

    def _count(self, column: str) -> str:
        return f"coalesce({self.call(column)}, 0)"

    @cached_property
    def _tokens(self) -> dict[Meter, str]:
        """The tokens of each meter alone, for those that a call can have."""
        return {
            meter: _difference(meter, self._count, self.columns)
            for meter in METERS
            if meter.column in self.columns
        }

    @property
    def _differences(self) -> list[str]:
        """The tokens that are no plain count."""
        return [tokens for tokens in self._tokens.values() if tokens.startswith("(")]

    @property
    def _reasons(self) -> bool:
        return REASONING in self.columns

    @property
    def _too_much_reasoning(self) -> str:
        """Reasoning is billed as output, so it has no meter; more of it than output is no count either."""
        return f"{self._count(REASONING)} > {self._count('output_tokens')}"

    @property
    def _token_terms(self) -> list[str]:
        rated = [row for row in self.rows if not row.gap]
        always = {
            meter for place, meter in enumerate(METERS) if all(row.rates[place] is not None for row in rated)
        }
        return [
            f"try_cast({tokens} as {COUNT}) * "
            + (
                self._rate(meter)
                if meter in always
                else f"coalesce({self._rate(meter)}, case when {tokens} = 0 then cast(0 as {RATE}) end)"
            )
            for meter, tokens in self._tokens.items()
        ]

    @property
    def _has_searches(self) -> bool:
        return "web_search_requests" in self.columns

    @property
    def _has_units(self) -> bool:
        return "units" in self.columns

    @property
    def _other_terms(self) -> list[str]:
        price, terms = self.rate, []
        if any(row.tools_usd for row in self.rows):
            terms.append(f"{price}.tools_cost")
        if self._has_searches:
            searches = self._count("web_search_requests")
            billed = f"try_cast(case when {price}.search_once then least({searches}, 1) else {searches} end as {COUNT})"
            terms.append(f"coalesce({billed} * {price}.search_rate, cast(0 as {RATE}))")
        if self._has_units:
            units = self.call("units")
            billed = f"cast(greatest({units}, {price}.unit_at_least) * {price}.unit_rate as decimal(31,10))"
            terms.append(f"case when coalesce({units}, 0) = 0 then 0 else coalesce({billed}, 0) end")
        return terms

    @property
    def _partial(self) -> list[str]:
        """What is billed beside the tokens and has no rate, by name."""
        price, found = self.rate, []
        if any(row.partial_gap for row in self.rows):
            found.append(f"nullif({price}.partial_gap, '')")
        if self._has_searches:
            named = f" and not contains(' ' || {price}.partial_gap || ' ', ' {WEB_SEARCH} ')" if found else ""
            searches = self._count("web_search_requests")
            found.append(
                f"case when {searches} > 0 and {price}.search_rate is null{named} then '{WEB_SEARCH}' end"
            )
        if self._has_units:
            units = self.call("units")
            test = f"coalesce({units}, 0) > 0 and {price}.unit_rate is null"
            found.append(f"case when {test} then 'unit=' || coalesce({self.call('unit')}, '') end")
        return found

    @property
    def _unrated(self) -> list[str]:
        return [f"{named} is not null" for named in self._partial]

    @property
    def _used(self) -> list[str]:
        """Whether something of a call has a rate."""
        price = self.rate
        found = [f"{tokens} > 0" for tokens in self._tokens.values()]
        if any(row.tools_usd for row in self.rows):
            found.append(f"{price}.tools_cost > 0")
        if self._has_searches:
            found.append(f"({self._count('web_search_requests')} > 0 and {price}.search_rate is not null)")
        if self._has_units:
            found.append(f"(coalesce({self.call('units')}, 0) > 0 and {price}.unit_rate is not null)")
        return found


def minute_of_week(instant: str) -> str:
    """SQL for the minutes since Monday 00:00 of an instant."""
    day = f"date_diff('day', cast(date_trunc('week', {instant}) as date), cast({instant} as date))"
    return f"({day} * 1440 + extract(hour from {instant}) * 60 + extract(minute from {instant}))"


def _difference(meter: Meter, count: Callable[[str], str], columns: Collection[str]) -> str:
    parts = [(sign, count(column)) for column, sign in signs(meter.name).items() if column in columns]
    text = parts[0][1] + "".join(f" {'+' if sign > 0 else '-'} {sql}" for sign, sql in parts[1:])
    return f"({text})" if len(parts) > 1 else text


def _tree(terms: Sequence[str]) -> str:
    """A sum as a balanced tree."""
    while len(terms) > 1:
        terms = [f"({' + '.join(pair)})" for pair in (terms[at : at + 2] for at in range(0, len(terms), 2))]
    return terms[0]


def _listed(names: Sequence[str]) -> str:
    """SQL for the names that are not NULL, with blanks between."""
    return f"concat_ws(' ', {', '.join(names)})" if names else "''"
