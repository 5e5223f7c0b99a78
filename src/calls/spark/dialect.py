"""Turns the portable SQL of the reports into Spark's dialect."""

import sqlglot
from sqlglot import exp


def to_spark(query: str) -> str:
    """The query in Spark's SQL; `$name` becomes `:name`.

    sqlglot does most of it. Five things that it leaves or gets wrong are changed on the syntax tree: percentiles
    become PERCENTILE, which is exact and interpolates; the ISO weekday gets Spark's name; a division is one
    of doubles, as in DuckDB; and so is an average; rounding half-even gets Spark's name.
    """
    tree = sqlglot.parse_one(query, read="duckdb")
    return tree.transform(_translated).sql(dialect="spark")


def _translated(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.PercentileCont):
        return exp.Anonymous(this="PERCENTILE", expressions=[node.this, node.expression])
    if isinstance(node, exp.Median):
        return exp.Anonymous(this="PERCENTILE", expressions=[node.this, exp.Literal.number("0.5")])
    if isinstance(node, exp.Anonymous) and node.name.upper() == "ROUND_EVEN":
        return exp.Anonymous(this="BROUND", expressions=node.expressions)
    if isinstance(node, exp.Extract) and node.name.upper() == "ISODOW":
        return exp.Extract(this=exp.var("DAYOFWEEK_ISO"), expression=node.expression)
    if isinstance(node, exp.Div | exp.Avg) and not _is_double(node.this):
        node.set("this", exp.cast(node.this, exp.DataType.Type.DOUBLE))
    return node


def _is_double(node: exp.Expression) -> bool:
    return isinstance(node, exp.Cast) and node.is_type(exp.DataType.Type.DOUBLE)
