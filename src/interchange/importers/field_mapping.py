"""What every importer delivers: one SQL expression a column, all of type VARCHAR, before any is judged.

A format says where a value stands; what a value must look like is said once, in `staging`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from calls.schema import COLUMNS
from interchange.importers.field_sql import NULL
from interchange.importers.fields import Record, RecordFields

AS_COUNTED = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cached_input_tokens": "cached",
    "cache_write_tokens": "write",
    "cache_write_1h_tokens": "write_1h",
    "reasoning_tokens": "reasoning",
    "cost_usd": "cost",
}
"""Columns that a source may mean otherwise than we do, so that a field mapping has them under another name."""
BESIDE = (
    "ended", "latency_guess_ms", "first_token_at", "total", "convention", "reasoning_convention", "skip", "span",
    "answer", "currency", "zone_doubt",
)  # fmt: skip
"""What a field mapping says beside the columns of a call."""


def mapped_name(column: str) -> str:
    """The name of a column in a field mapping."""
    return AS_COUNTED.get(column, column)


NAMES = (*(mapped_name(column.name) for column in COLUMNS), *BESIDE)


class FieldMapping:
    """SQL expressions for one record, by the names of `NAMES`: our columns, and these beside them.

    NULL or blank means: not known. Tokens are as the source counts them.

        ended                 latency_ms is preferred over `ended` minus `timestamp`
        latency_guess_ms      used where `ended` is not known either
        first_token_at        when the first token came, where no duration says it
        total                 all tokens of the call
        convention            whether the input includes cached tokens: it does by our definition ('own'), by the
                              source's documentation it does ('inclusive') or does not ('exclusive'), it should
                              ('assumed'), or nothing is known ('unknown'); reasoning_convention likewise
        cost_source           'computed' where the source itself computed the cost; else a known cost is reported
        skip                  why a record is not a call; blank if it is one
        span                  names the record among those it may be nested with; parent_id names the one around it
        answer                names the provider's answer: two records with the same one are one call
        currency              that of `cost`; a cost without one is in dollars
        zone_doubt            what there is to say of a time that names no zone; see `time_zones`

    Raises:
        TypeError: there is no such name.
    """

    def __init__(self, **columns: str) -> None:
        unknown = columns.keys() - set(NAMES)
        if unknown:
            raise TypeError(f"a field mapping has no {', '.join(sorted(unknown))}")
        inclusive = {"convention": "'inclusive'", "reasoning_convention": "'inclusive'"}
        self._columns = dict.fromkeys(NAMES, NULL) | inclusive | columns

    def __getitem__(self, name: str) -> str:
        return self._columns[name]

    def items(self) -> Iterator[tuple[str, str]]:
        """(name, SQL) of each column."""
        yield from self._columns.items()

    def changed(self, **columns: str) -> "FieldMapping":
        """The field mapping with other expressions for some columns."""
        return FieldMapping(**(self._columns | columns))


Sample = list[dict[str, Any]]
"""The first records of a file, parsed."""


@dataclass(frozen=True)
class Format:
    """A source format: how it is recognised, and where its records hold what a call needs.

    `recognise` judges the first records. Where a file nests records, `shapes` says which keys of its lines are
    read, as types of the engine (a column has `_` for `$`). `relation` turns the relation `{records}` of these into one
    row a record with what it has in common with others, `{shared}`; `fields` and `field_mapping` map such a row.
    """

    name: str
    title: str
    recognise: Callable[[Sample], bool]
    field_mapping: Callable[[Record], FieldMapping]
    shapes: Mapping[str, str] = field(default_factory=dict)
    relation: str = ""
    fields: Callable[[], Record] = RecordFields
    nested: bool = False
    """Whether records can be nested, so that parents may repeat what their children count."""
    ids_by_time: bool = False
    """Whether applications give the ids, so that calls which start at other times may share one."""
    by_time: bool = False
    """Whether a line says what holds for later ones, so that lines must stand in the order of their times."""
    of_agent: bool = False
    """Whether a coding agent's own file and its telemetry may tell of the same calls without an id in common."""
    provider_doubtful: bool = False
    """Whether the provider named may be wrong, so that the model decides."""
    tags: tuple[str, ...] = ("tags",)
    """The path of a list of tags such as `feature:search`."""
    calls_are: str = ""
    """Which records are calls, said where a file has none."""
    remark: str = ""
    """What the numbers of this source do not say, for whoever imports them."""
    lacks_time: str = ""
    """What the file is, if its records tell no time, so that the user has to."""
    precedence: int = 80
    """Where the first records look like several formats, the one with the lowest is taken."""
