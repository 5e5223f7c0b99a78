"""Any CSV, JSON lines or Parquet: columns named as ours are taken, the others by the user's mapping."""

from calls.schema import COLUMN_NAMES, COLUMNS, REQUIRED_NAMES, Kind
from interchange.importers.draft import Draft, Format, Sample, draft_name
from interchange.importers.field_sql import NULL
from interchange.importers.fields import Record
from interchange.spreadsheet_text import unguarded_sql


def recognise(sample: Sample) -> bool:
    """Whether records are calls as this toolkit writes them."""
    return any(set(REQUIRED_NAMES) <= record.keys() for record in sample)


def draft(fields: Record) -> Draft:
    """Columns by our own names, whose totals are inclusive by definition."""
    own = {draft_name(name): fields.text(name) for name in COLUMN_NAMES}
    return Draft(**own, convention="'own'", reasoning_convention="'own'")


def unguarded(draft: Draft) -> Draft:
    """The draft with texts as they were before they were made harmless for a spreadsheet."""
    texts = [column.name for column in COLUMNS if column.kind is Kind.TEXT]
    known = {name: draft[name] for name in texts if draft[name] != NULL}
    return draft.changed(**{name: unguarded_sql(sql) for name, sql in known.items()})


def recognise_some(sample: Sample) -> bool:
    """Whether records have at least the columns of ours that a call cannot do without."""
    return any({"timestamp", "input_tokens", "output_tokens"} <= record.keys() for record in sample)


def draft_of_some(fields: Record) -> Draft:
    """The same, of a file that others wrote: its totals should be inclusive."""
    return draft(fields).changed(convention="'assumed'", reasoning_convention="'assumed'")


FORMAT = Format("table", "calls by column name", recognise, draft, precedence=0)
SOME_COLUMNS = Format("table", "calls by column name", recognise_some, draft_of_some, precedence=100)
FORMATS = (FORMAT, SOME_COLUMNS)
