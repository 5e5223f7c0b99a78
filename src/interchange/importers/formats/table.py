"""Any CSV, JSON lines or Parquet: columns named as ours are taken, the others by the user's mapping."""

from calls.schema import COLUMN_NAMES, COLUMNS, REQUIRED_NAMES, Kind
from interchange.importers.field_mapping import FieldMapping, Format, Sample, mapped_name
from interchange.importers.field_sql import NULL
from interchange.importers.fields import Record
from interchange.importers.time_zones import doubt_sql
from interchange.spreadsheet_text import unguarded_sql

CURRENCY = ("currency", "cost_currency", "currency_code", "billing_currency", "Currency", "CURRENCY")
"""What tables call the currency of their costs."""


def recognise(sample: Sample) -> bool:
    """Whether records are calls as this toolkit writes them."""
    return any(set(REQUIRED_NAMES) <= record.keys() for record in sample)


def field_mapping(fields: Record) -> FieldMapping:
    """Columns by our own names, whose totals are inclusive by definition."""
    own = {mapped_name(name): fields.text(name) for name in COLUMN_NAMES}
    return FieldMapping(
        **own,
        convention="'own'",
        reasoning_convention="'own'",
        currency=fields.first(*CURRENCY),
        zone_doubt=doubt_sql(own["timestamp"], ""),
    )


def unguarded(field_mapping: FieldMapping) -> FieldMapping:
    """The field mapping with texts as they were before they were made harmless for a spreadsheet."""
    texts = [column.name for column in COLUMNS if column.kind is Kind.TEXT]
    known = {name: field_mapping[name] for name in texts if field_mapping[name] != NULL}
    return field_mapping.changed(**{name: unguarded_sql(sql) for name, sql in known.items()})


def recognise_some(sample: Sample) -> bool:
    """Whether records have at least the required columns of a call."""
    return any({"timestamp", "input_tokens", "output_tokens"} <= record.keys() for record in sample)


def field_mapping_of_some(fields: Record) -> FieldMapping:
    """The same, of a file that others wrote: its totals should be inclusive."""
    return field_mapping(fields).changed(convention="'assumed'", reasoning_convention="'assumed'")


FORMAT = Format("table", "calls by column name", recognise, field_mapping, precedence=0, ids_by_time=True)
SOME_COLUMNS = Format(
    "table", "calls by column name", recognise_some, field_mapping_of_some, precedence=100, ids_by_time=True
)
FORMATS = (FORMAT, SOME_COLUMNS)
