"""The keys of a rollup in their order, and the same keys numbered: rows that come back as arrays name them so."""

from collections.abc import Sequence


def keys_sql(rollup: str, names: Sequence[str], kept: str) -> str:
    """SQL for the keys of the rows that are kept, in their order."""
    keys = ", ".join(names)
    return f"select {keys} from {rollup} where {kept} group by {keys} order by {keys}"


def numbered_sql(rollup: str, names: Sequence[str], kept: str) -> str:
    """SQL for the same keys, and beside each its `place` among the rows of `keys_sql`, from 0 on."""
    keys = ", ".join(names)
    return (
        f"select {keys}, row_number() over (order by {keys}) - 1 as place "
        f"from {rollup} where {kept} group by {keys}"
    )


def same_keys(names: Sequence[str], one: str, other: str) -> str:
    """SQL that is true where two relations agree in the keys."""
    return " and ".join(f"{one}.{name} = {other}.{name}" for name in names)
