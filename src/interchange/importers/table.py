"""Any CSV, JSON lines or Parquet: columns named as ours are taken, the others by the user's mapping."""

from dataclasses import replace

from calls.schema import COLUMN_NAMES, COLUMNS, REQUIRED_NAMES, Kind
from interchange.importers.draft import Draft, Format, Sample
from interchange.importers.fields import Record
from interchange.importers.mapping import DRAFT_NAME
from interchange.importers.sql_text import NULL
from interchange.spreadsheet_text import unguarded_sql


def recognise(sample: Sample) -> bool:
    """Whether records are calls as this toolkit writes them."""
    return any(set(REQUIRED_NAMES) <= record.keys() for record in sample)


def draft(fields: Record) -> Draft:
    """Columns by our own names."""
    return Draft(**{DRAFT_NAME.get(name, name): fields.text(name) for name in COLUMN_NAMES})


def unguarded(draft: Draft) -> Draft:
    """The draft with texts as they were before they were made harmless for a spreadsheet."""
    texts = [column.name for column in COLUMNS if column.kind is Kind.TEXT]
    known = {name: getattr(draft, name) for name in texts if getattr(draft, name) != NULL}
    return replace(draft, **{name: unguarded_sql(sql) for name, sql in known.items()})


FORMAT = Format("table", "calls by column name", recognise, draft)
