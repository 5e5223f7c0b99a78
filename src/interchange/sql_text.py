"""SQL written from Python values: literals, identifiers and JSON paths, each escaped."""

from collections.abc import Iterable

NULL = "cast(null as varchar)"


def literal(value: str) -> str:
    """A text as an SQL literal; NUL, which SQL text cannot hold, is left out."""
    return "'" + value.replace("\0", "").replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + name.replace("\0", "").replace('"', '""') + '"'


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
    """SQL for a list of structs `name` and `value`, the members of a JSON object; NULL where it is none."""
    zipped = f"list_zip(try(json_keys({source})), try(json_extract_string({source}, '$.*')))"
    return f"list_transform({zipped}, lambda z: struct_pack(name := z[1], value := z[2]))"
