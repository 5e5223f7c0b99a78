"""The SQL prices as the Python function does, and the Python function as a third reckoning in fractions."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pytest

from settings.meters import METERS, above, signs
from settings.price_sql import PriceSql, create_sql, insert_sqls
from settings.pricing import Pricing
from settings.terms import Terms
from tests.calls.spark.sessions import one_session
from tests.settings.price_cases import COUNT_COLUMNS, Case, expected, made_cases, made_pricing

CALL_COLUMNS = ("number", *Terms._fields, "timestamp", *COUNT_COLUMNS, "units")


def query(pricing: Pricing, cases: list[Case], prices: str) -> str:
    """One statement that both engines answer: the calls, the rates, and what each call costs."""
    rows = pricing.price_rows(sorted({case.terms for case in cases}))
    sql = PriceSql(rows, (*COUNT_COLUMNS, "units"), lambda name: f'c."{name}"')
    return f"""
        select c.number, {sql.usd} as usd, coalesce({sql.gap}, '') as gap
        from calls as c left join {prices} as p on {sql.join} order by c.number
    """


def call_rows(cases: list[Case]) -> list[tuple[Any, ...]]:
    return [
        (number, *case.terms, case.instant, *(case.counts.get(name) for name in COUNT_COLUMNS), case.units)
        for number, case in enumerate(cases)
    ]


def in_duckdb(pricing: Pricing, cases: list[Case]) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        kinds = {"number": "bigint", "timestamp": "timestamp", "units": "decimal(18,9)"}
        kinds |= dict.fromkeys(Terms._fields, "varchar")
        declared = ", ".join(f'"{name}" {kinds.get(name, "bigint")}' for name in CALL_COLUMNS)
        connection.execute(f"create table calls ({declared})")
        printed = (", ".join("null" if v is None else f"'{v}'" for v in row) for row in call_rows(cases))
        connection.execute(f"insert into calls values {', '.join(f'({row})' for row in printed)}")
        connection.execute(create_sql("prices"))
        for insert in insert_sqls("prices", pricing.price_rows(sorted({case.terms for case in cases}))):
            connection.execute(insert)
        return connection.execute(query(pricing, cases, "prices")).fetchall()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_duckdb_gives_what_python_gives_for_every_combination_of_terms(seed: int) -> None:
    pricing, cases = made_pricing(seed), made_cases(seed, 1500)
    wanted = [expected(pricing, case)[:2] for case in cases]
    found = [(usd, gap) for _, usd, gap in in_duckdb(pricing, cases)]
    different = [(case, one, two) for case, one, two in zip(cases, wanted, found, strict=True) if one != two]
    assert not different, different[:3]
    kinds = Counter(expected(pricing, case)[2] for case in cases)
    assert min(kinds[kind] for kind in ("computed", "partial", "unknown")) > 20


def in_fractions(pricing: Pricing, case: Case) -> Fraction | None:
    """The tokens of a computed call, each at the rate of its narrowest meter, by sets instead of signs."""
    rows = pricing.rows_of(case.terms)
    minute = case.instant.weekday() * 1440 + case.instant.hour * 60 + case.instant.minute
    [row] = [r for r in rows if r.holds(case.instant, case.counts["input_tokens"] or 0, minute)]
    left = {meter.name: case.counts.get(meter.column) or 0 for meter in METERS}
    for meter in sorted(METERS, key=lambda each: -len(above(each.name))):
        for outer in above(meter.name):
            left[outer] -= left[meter.name]
    total = sum(
        (Fraction(row.rate_by_key[m.rate] or 0) * left[m.name] for m in METERS), Fraction(row.tools_usd)
    )
    if searches := case.counts.get("web_search_requests"):
        total += Fraction(row.search_usd or 0) * (1 if row.search_once else searches)
    if case.units:
        total += Fraction(round(max(case.units, row.unit_at_least) * (row.unit_usd or 0), 10))
    return total / 10**6


def test_the_sum_is_that_of_rates_times_tokens_rounded_once() -> None:
    pricing = made_pricing(1)
    checked = ties = 0
    for case in made_cases(7, 2000):
        usd, gap, source = expected(pricing, case)
        if source == "computed" and not gap:
            exact = in_fractions(pricing, case)
            assert exact is not None
            nanos = exact * 10**9
            assert usd == Decimal(round(nanos)).scaleb(-9)  # round() is half-even, too
            checked, ties = checked + 1, ties + (nanos.denominator == 2)
    assert checked > 200
    assert ties > 2


def test_uncached_text_is_what_is_in_no_narrower_meter() -> None:
    assert signs("input") == {
        "input_tokens": 1, "cached_input_tokens": -1, "cache_write_tokens": -1, "input_audio_tokens": -1,
        "input_image_tokens": -1, "input_video_tokens": -1, "cached_input_audio_tokens": 1,
        "cached_input_image_tokens": 1,
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_every_instant_and_size_has_one_row(seed: int) -> None:
    pricing = made_pricing(seed)
    for case in made_cases(seed, 500):
        rows = pricing.rows_of(case.terms)
        first = min((row.starts for row in rows), default=None)
        if first is None or case.instant < first:
            continue
        minute = case.instant.weekday() * 1440 + case.instant.hour * 60 + case.instant.minute
        assert sum(row.holds(case.instant, case.counts["input_tokens"] or 0, minute) for row in rows) == 1


@pytest.mark.spark
def test_spark_gives_what_python_gives() -> None:
    from calls.spark.dialect import to_spark

    pricing, cases = made_pricing(2), made_cases(2, 1500)
    with one_session() as session:
        kinds = {"timestamp": "timestamp_ntz", "units": "decimal(18,9)"} | dict.fromkeys(
            Terms._fields, "string"
        )
        schema = ", ".join(f"`{name}` {kinds.get(name, 'bigint')}" for name in CALL_COLUMNS)
        session.createDataFrame(call_rows(cases), schema).createOrReplaceTempView("calls")
        rows = pricing.price_rows(sorted({case.terms for case in cases}))
        # Views take no rows, so what is inserted elsewhere is a relation of its own here.
        values = ", ".join(sql.partition(" values ")[2] for sql in insert_sqls("prices", rows))
        connection = duckdb.connect()
        connection.execute(create_sql("prices"))
        names = ", ".join(row[0] for row in connection.execute("describe prices").fetchall())
        relation = f"select * from (values {values}) as made({names})"
        session.sql(to_spark(relation)).createOrReplaceTempView("prices")
        found = [
            (row.usd, row.gap) for row in session.sql(to_spark(query(pricing, cases, "prices"))).collect()
        ]
    wanted = [expected(pricing, case)[:2] for case in cases]
    different = [(case, one, two) for case, one, two in zip(cases, wanted, found, strict=True) if one != two]
    assert not different, different[:3]
