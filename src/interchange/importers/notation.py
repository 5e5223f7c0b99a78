"""How a file writes numbers (`--decimal`): which mark parts decimals, and which one parts thousands.

`1.000` is one in one country and a thousand in the next. A file is written one way, so that its own numbers tell:
`1.250` is no whole number, hence 1,250 tokens, and `0,05` can only be five cents. Where nothing tells, the file
is refused.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from foundation.outcome import UsageError
from foundation.sql_text import identifier, literal
from interchange.importers.field_mapping import FieldMapping
from interchange.importers.field_sql import NULL
from interchange.importers.fields import Record, with_layers

DECIMAL_MARKS = (".", ",")
DOUBTFUL = "number_notation"
"""Why a record is left out until the notation of its file is known."""
SPACES = "''’ \u00a0\u202f"
"""Marks that part thousands and nothing else, as they stand in an SQL text."""
PARTED = f"[1-9][0-9]{{0,2}}([.,{SPACES}][0-9]{{3}})+"
"""A whole number whose thousands may be parted."""
EVIDENCE = "notation_evidence"
_MARKED = f"[-+$]*[0-9][0-9.,{SPACES}]*"
_TELLS = {
    # Three zeros may be decimals; other digits, or two groups, part thousands in a number that is whole.
    "thousands": f"regexp_full_match(t, '{PARTED}') and not regexp_full_match(t, '[0-9]+[.,]000')",
    "parted": f"regexp_full_match(t, '{PARTED}')",
    "decimals": f"regexp_full_match(t, '{_MARKED}[.,][0-9]*') and not regexp_full_match(t, '[-+$]*{PARTED}')",
    "small": "regexp_full_match(t, '[0-9]{1,3}')",
    "large": "regexp_full_match(t, '[0-9]{4,}')",
}


def doubtful_sql(counts: Iterable[str], amounts: Iterable[str]) -> str:
    """SQL for whether a record has a number that the notation of its file decides."""
    wholes = [
        f"(regexp_matches({name}, '[.,{SPACES}]') and regexp_full_match({name}, '{PARTED}'))"
        for name in map(identifier, counts)
    ]
    money = [
        f"(regexp_matches({name}, '[,{SPACES}]') and regexp_full_match({name}, '{_MARKED}'))"
        for name in map(identifier, amounts)
    ]
    return f"coalesce({' or '.join(wholes + money)}, false)"


def read_as(sql: str, decimal: str) -> str:
    """SQL for a number with a point for decimals and no other mark, where `decimal` is the mark of its file.

    A number that is not written so gets a mark that no number has.
    """
    thousands = "," if decimal == "." else "."
    whole = f"([1-9][0-9]{{0,2}}([{thousands}{SPACES}][0-9]{{3}})+|[0-9]*)"
    written = f"[-+$]*{whole}([{decimal}][0-9]*)?([eE][-+]?[0-9]+)?"
    plain = f"replace(translate({sql}, '{thousands}{SPACES}', ''), ',', '.')"
    return (
        f"case when not regexp_matches({sql}, '[.,{SPACES}]') then {sql} "
        f"when regexp_full_match({sql}, '{written}') then {plain} "
        f"else translate({sql}, '.,', '??') end"
    )


def evidence_sql(
    relation: str, fields: Record, field_mapping: FieldMapping, counts: Iterable[str], amounts: Iterable[str]
) -> str:
    """SQL that adds to table `notation_evidence` how often the numbers of a relation tell what.

    A row is a column and a mark: how many of its numbers tell that the mark parts thousands, or decimals, and an
    example of one that may be either.
    """
    kinds = [(name, "count") for name in counts] + [(name, "amount") for name in amounts]
    known = [(name, kind) for name, kind in kinds if field_mapping[name] != NULL]
    texts = {"count": "cleaned({})", "amount": "without_mark(cleaned({}))"}
    found = ", ".join(
        f"{texts[kind].format(field_mapping[name])} as {identifier(name)}" for name, kind in known
    )
    tells = ", ".join(f"count(*) filter (where {test}) as {name}" for name, test in _TELLS.items())
    each = " union all ".join(
        f"select {literal(name)} as name, {literal(kind)} as kind, {identifier(name)} as t from numbers"
        for name, kind in known
    )
    last = "regexp_extract(t, '([.,])[0-9]*$', 1)"
    return f"""
        insert into {EVIDENCE}
        with numbers as materialized (select {found} from {with_layers(relation, fields)}), each as ({each})
        select name, kind, {last} as mark, {tells}, min(t) filter (where regexp_full_match(t, '{PARTED}')) as example
        from each where t <> '' group by all
    """


TABLE = f"""
    create or replace temp table {EVIDENCE} (
        name varchar, kind varchar, mark varchar, {", ".join(f"{name} bigint" for name in _TELLS)}, example varchar
    )
"""


def decided(
    file: str, rows: Iterable[tuple[str, str, str, int, int, int, int, int, str]], named: Mapping[str, str]
) -> str:
    """The decimal mark of a file, by its evidence; `named` says what the file calls a column.

    Raises:
        UsageError: nothing tells, or numbers tell different things.
    """
    rows = list(rows)
    votes = Counter(vote for row in rows for vote in _votes(row))
    votes.update(
        vote for name in {row[0] for row in rows} for vote in _mixed([row for row in rows if row[0] == name])
    )
    if len(votes) == 1:
        return next(iter(votes))
    doubtful = next((row for row in rows if row[8] and row[2]), None)
    if doubtful is None:
        return "."
    column = named.get(doubtful[0], doubtful[0])
    raise UsageError(
        f"{file}: {doubtful[8]} in column {column} may be {_with_thousands(doubtful[8])} or "
        f"{_with_decimals(doubtful[8])}{', and other numbers tell both' if votes else ''}; say which mark parts "
        f"decimals with --decimal , or --decimal . (the other one parts thousands)."
    )


def _votes(row: tuple[str, str, str, int, int, int, int, int, str]) -> list[str]:
    """The marks of decimals that a column's numbers with one mark tell of."""
    _, kind, mark, thousands, _, decimals, *_ = row
    if mark not in DECIMAL_MARKS:
        return []
    other = "," if mark == "." else "."
    return [other] * bool(kind == "count" and thousands) + [mark] * bool(decimals)


def _mixed(rows: list[tuple[str, str, str, int, int, int, int, int, str]]) -> list[str]:
    """Decimals are written in every cell or in none: 12.000 beside 900 parts thousands, unless 1250 is there too."""
    if rows[0][1] != "count" or any(row[7] for row in rows) or not any(row[6] for row in rows):
        return []
    marks = {row[2] for row in rows if row[4] and row[2]}
    return ["," if mark == "." else "." for mark in marks] if len(marks) == 1 else []


def _with_thousands(text: str) -> str:
    return f"{int(''.join(sign for sign in text if sign.isdigit())):,}"


def _with_decimals(text: str) -> str:
    return text.replace(",", ".")
