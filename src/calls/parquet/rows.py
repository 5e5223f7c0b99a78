"""What a row of Parquet is judged by, in SQL that both engines answer: types, reasons to leave it out, flags."""

import re
from collections.abc import Mapping

from calls.schema import CHARGE_CATEGORIES, COLUMNS, NEGATIVE_CATEGORIES, REQUIRED_NAMES, Column, Kind
from calls.values import CATEGORY
from foundation.outcome import NoUsableData
from foundation.sql_text import identifier, literal

ROWS, TYPED = "parquet_rows", "typed_rows"
"""The relation that an engine makes of the files, and that of their rows in the types of the schema."""
_WHOLE = r"u?(tiny|small|big|huge)?int(eger)?|decimal\(\d+,\s*0\)"
_TYPES: Mapping[Kind, str] = {
    Kind.TIMESTAMP: r"timestamp.*|date",
    Kind.COUNT: _WHOLE,
    Kind.DECIMAL: rf"{_WHOLE}|decimal.*|double|float|real",
}
"""The types, as either engine names them, of columns that are not text; Spark reads unsigned numbers as decimals."""
_YEARS = ("2000-01-01 00:00:00", "2100-01-01 00:00:00")


def check_columns(shown: str, types: Mapping[str, str]) -> None:
    """Refuses files whose columns are not those of a call.

    Raises:
        NoUsableData: a required column is missing, or holds a type that its values cannot have.
    """
    missing = [name for name in REQUIRED_NAMES if name not in types]
    if missing:
        named = (
            f"column {missing[0]!r} is"
            if len(missing) == 1
            else f"columns {', '.join(map(repr, missing))} are"
        )
        raise NoUsableData(
            f"{shown}: {named} missing; docs/data-schema.md lists the columns, import_usage.py converts other files."
        )
    for column in COLUMNS:
        allowed = _TYPES.get(column.kind)
        if allowed and column.name in types and not re.fullmatch(allowed, types[column.name].lower()):
            raise NoUsableData(
                f"{shown}: column {column.name!r} holds {types[column.name].lower()}, not {column.kind}; "
                "import_usage.py converts other files."
            )


def typed_sql(types: Mapping[str, str]) -> str:
    """The rows in the types of the schema, and whether one of their values does not fit its type."""
    values = [f"{_typed(column, types)} as {identifier(column.name)}" for column in COLUMNS]
    lost = [
        f"({identifier(column.name)} is not null and {_typed(column, types)} is null)"
        for column in COLUMNS
        if column.name in types and column.kind in {Kind.COUNT, Kind.DECIMAL}
    ]
    return f"select {', '.join(values)}, ({' or '.join(lost)}) as does_not_fit from {ROWS}"


def _typed(column: Column, types: Mapping[str, str]) -> str:
    name = identifier(column.name)
    if column.name not in types:
        return column.kind.nothing
    if column.kind is Kind.TEXT:
        return f"coalesce(cast({name} as varchar), '')"
    return (
        f"cast({name} as timestamp)"
        if column.kind is Kind.TIMESTAMP
        else f"try_cast({name} as {column.kind})"
    )


def reason_sql(*, allow_credits: bool) -> str:
    """Why a row of `typed_rows` is left out, NULL for a good one."""
    whens = " ".join(f"when {test} then '{reason}'" for reason, test in _reasons(allow_credits).items())
    return f"case {whens} end"


def _reasons(allow_credits: bool) -> dict[str, str]:
    lacking = [
        f"{identifier(column.name)} = ''"
        if column.kind is Kind.TEXT
        else f"{identifier(column.name)} is null"
        for column in COLUMNS
        if column.needed
    ]
    negative = [
        f"coalesce({identifier(column.name)} < 0, false)"
        for column in COLUMNS
        if column.kind in {Kind.COUNT, Kind.DECIMAL} and column.name != "cost_usd"
    ]
    reasons = {
        "bad_number": " or ".join(("does_not_fit", *negative)),
        "missing_value": " or ".join(lacking),
        "bad_timestamp": f"\"timestamp\" < timestamp '{_YEARS[0]}' or \"timestamp\" >= timestamp '{_YEARS[1]}'",
    }
    reasons["bad_charge_category"] = f"{CATEGORY} not in ({_words('', *CHARGE_CATEGORIES)})"
    uncredited = f"coalesce(cost_usd < 0, false) and {CATEGORY} not in ({_words(*NEGATIVE_CATEGORIES)})"
    return reasons if allow_credits else reasons | {"negative_cost": uncredited}


def _words(*words: str) -> str:
    return ", ".join(literal(word) for word in words)


def text_sql() -> str:
    """A row as the CSV would print it, for who looks at what was left out."""
    return (
        "concat_ws(',', "
        + ", ".join(f"coalesce(cast({identifier(c.name)} as varchar), '')" for c in COLUMNS)
        + ")"
    )
