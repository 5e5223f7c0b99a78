"""SQL of importers, written from Python values: JSON paths, lists, and the first of some texts that is there."""

from collections.abc import Iterable

from foundation.sql_text import literal

NULL = "cast(null as varchar)"


def json_path(keys: Iterable[str]) -> str:
    """A path of object keys as JSONPath; a key may hold any character."""
    return "$" + "".join('."' + key.replace("\\", "\\\\").replace('"', '\\"') + '"' for key in keys)


def listed(values: Iterable[str]) -> str:
    """Texts as a comma-separated list of literals."""
    return ", ".join(literal(value) for value in values)


def first_of(*expressions: str) -> str:
    """The first of some texts that is neither NULL nor empty."""
    known = [expression for expression in expressions if expression != NULL]
    if not known:
        return NULL
    return "coalesce(" + ", ".join(f"nullif({expression}, '')" for expression in known) + ")"


def entries_of(source: str) -> str:
    """SQL for a list of structs `name` and `value`, the members of a JSON object; NULL for any other value."""
    zipped = f"list_zip(try(json_keys({source})), try(json_extract_string({source}, '$.*')))"
    return f"list_transform({zipped}, lambda z: struct_pack(name := z[1], value := z[2]))"


def tool_units(name: str, count: str) -> str:
    """SQL for `tool_units` of a call that used one tool so many times; NULL where it did not."""
    return f"case when count_of({count}) > 0 then {literal(name + ':')} || count_of({count}) end"


def carried(sql: str) -> str:
    """SQL for the last value that is not NULL, of this record or of one before it in its file.

    The engine computes it while it reads, in the order of the file, without holding records.
    """
    return f"last_value({sql} ignore nulls) over (rows between unbounded preceding and current row)"


def said_first(sql: str) -> str:
    """SQL for the first value that is not NULL, of the records of a file down to this one."""
    return f"first_value({sql} ignore nulls) over (rows between unbounded preceding and current row)"


def of_record_before(sql: str) -> str:
    """SQL for a value of the record before this one in its file."""
    return f"lag({sql}) over ()"


def folder_name(path: str) -> str:
    """SQL for the last part of a path or an address, without the ending of a repository."""
    return f"nullif(regexp_extract({path}, '([^/\\\\]+?)(\\.git)?[/\\\\]*$', 1), '')"


def joined_sql(fields: Iterable[tuple[str, str]]) -> str:
    """SQL for one text of some fields, each with its name; those that are blank leave no trace."""
    parts = [
        f"case when {sql} <> '' then {literal(name + '=')} || {sql} || chr(31) end" for name, sql in fields
    ]
    return f"concat('', {', '.join(parts)})"
