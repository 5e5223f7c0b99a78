import pytest

from calls.rollups.shared import ROLLUPS
from calls.spark.dialect import to_spark


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("select quantile_cont(x, 0.95) as p from t", "SELECT PERCENTILE(x, 0.95) AS p FROM t"),
        ("select median(x) as m from t", "SELECT PERCENTILE(x, 0.5) AS m FROM t"),
        ("select extract(isodow from x) as d from t", "SELECT EXTRACT(DAYOFWEEK_ISO FROM x) AS d FROM t"),
        ("select a / nullif(b, 0) as r from t", "SELECT CAST(a AS DOUBLE) / NULLIF(b, 0) AS r FROM t"),
        ("select cast(a as double) / b as r from t", "SELECT CAST(a AS DOUBLE) / b AS r FROM t"),
        ("select avg(x) as m from t", "SELECT AVG(CAST(x AS DOUBLE)) AS m FROM t"),
        ("select a from t where a = $name", "SELECT a FROM t WHERE a = :name"),
        ('select "timestamp" as at from t', "SELECT `timestamp` AS at FROM t"),
    ],
)
def test_what_sqlglot_would_get_wrong_is_mended(duckdb: str, spark: str) -> None:
    assert to_spark(duckdb) == spark


def test_mended_parts_are_found_inside_others() -> None:
    got = to_spark(
        "select avg(a / b) as m, sum(median(x) / 2) over (order by y) as n from (select 1 as a) as t"
    )
    assert "AVG(CAST(CAST(a AS DOUBLE) / b AS DOUBLE))" in got
    assert "CAST(PERCENTILE(x, 0.5) AS DOUBLE) / 2" in got


def test_rollups_can_be_said_in_spark() -> None:
    for query in ROLLUPS.values():
        assert to_spark(query.sql).startswith("SELECT")
