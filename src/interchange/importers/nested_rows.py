"""Rows out of nested records: the types of what is read of a line, and SQL that unfolds its lists to a row each."""

from collections.abc import Mapping

from foundation.sql_text import identifier


def struct(**members: str) -> str:
    """A struct as a type of the engine."""
    return f"STRUCT({', '.join(f'{identifier(name)} {kind}' for name, kind in members.items())})"


def texts(*names: str) -> dict[str, str]:
    """Members that are texts."""
    return dict.fromkeys(names, "VARCHAR")


def each(*lists: str) -> str:
    """SQL that unfolds the first list with anything in it; a record without one stays a row."""
    cases = " ".join(f"when len({sql}) > 0 then {sql}" for sql in lists)
    return f"unnest(case {cases} else [null] end)"


def members(source: str, whose: str) -> str:
    """SQL for the names and the values of the members of a JSON object."""
    return f"try(json_keys({source})) as {whose}_names, try(json_extract_string({source}, '$.*')) as {whose}_values"


def row_of(columns: Mapping[str, str]) -> str:
    """SQL for the columns of a row, named as `fields.ColumnFields` of the same names reads them."""
    return ", ".join(f"{sql} as f{place}" for place, sql in enumerate(columns.values()))
