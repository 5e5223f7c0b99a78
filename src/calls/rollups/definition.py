"""What a rollup is: a relation that holds, in few rows, what the reports ask of all calls.

Every row holds sums over some calls that agree in the keys, and several rows may have the same keys: a query adds
up what it needs. So a file can be summed chunk by chunk, and calls that came later are added without reading the
others again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

MONEY_TYPE = "decimal(38,9)"
SUM_TYPE = "bigint"
WIDE_SUM_TYPE = "decimal(38,0)"
"""Whole numbers of any size. Rows of them come back at a quarter of the speed."""


@dataclass(frozen=True)
class Rollup:
    """Sums of some relations, by keys.

    Attributes:
        keys: the columns that the rows of a sum agree in: name, and SQL over the source.
        sums: whole numbers that add up: name, and an aggregate.
        money: amounts in USD that add up: name, and an aggregate.
        others: what adds up by another aggregate: name, its SQL over the source, and that aggregate.
        source: the FROM and WHERE of its SQL.
        needs: the relations that the source names.
    """

    keys: Mapping[str, str]
    sums: Mapping[str, str]
    money: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    source: str = "from calls"
    needs: tuple[str, ...] = ("calls",)

    @property
    def sql(self) -> str:
        """The portable SQL that makes it."""
        columns = {
            **self.keys,
            **{name: f"cast({sql} as {SUM_TYPE})" for name, sql in self.sums.items()},
            **{name: f"cast({sql} as {MONEY_TYPE})" for name, sql in self.money.items()},
            **{name: sql for name, (sql, _) in self.others.items()},
        }
        return self._grouped([f"{sql} as {name}" for name, sql in columns.items()], self.source)

    def added_up(self, relation: str) -> str:
        """SQL that adds up the rows of a relation like this one, so that no two of them agree in the keys."""
        columns = [
            *self.keys,
            *(f"cast(sum({name}) as {SUM_TYPE}) as {name}" for name in self.sums),
            *(f"cast(sum({name}) as {MONEY_TYPE}) as {name}" for name in self.money),
            *(f"{aggregate}({name}) as {name}" for name, (_, aggregate) in self.others.items()),
        ]
        return self._grouped(columns, f"from {relation}")

    def _grouped(self, columns: list[str], source: str) -> str:
        places = ", ".join(str(place) for place in range(1, len(self.keys) + 1))
        return f"select {', '.join(columns)} {source} group by {places}"


@dataclass(frozen=True)
class SingleCalls:
    """Single calls that reports look at one by one, and the relations that its SQL names."""

    sql: str
    needs: tuple[str, ...] = ("calls",)

    def added_up(self, relation: str) -> str:
        """SQL that gives the rows of a relation like this one."""
        return f"select * from {relation}"


def columns(*names: str) -> dict[str, str]:
    """Columns that keep their name."""
    return {name: name for name in names}


def widened(query: str) -> str:
    """A query that casts its sums to `SUM_TYPE`, with room for sums that are larger."""
    return query.replace(f" as {SUM_TYPE})", f" as {WIDE_SUM_TYPE})")
