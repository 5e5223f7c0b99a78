"""Any CSV, JSON lines or Parquet: columns named as ours are taken, the others by the user's mapping."""

from calls.schema import COLUMN_NAMES, REQUIRED_NAMES
from interchange.importers.draft import Draft, Format, Sample
from interchange.importers.fields import Fields
from interchange.importers.mapping import DRAFT_NAME


def recognise(sample: Sample) -> bool:
    """Whether records are calls as this toolkit writes them."""
    return any(set(REQUIRED_NAMES) <= record.keys() for record in sample)


def draft(fields: Fields) -> Draft:
    """Columns by our own names."""
    return Draft(**{DRAFT_NAME.get(name, name): fields.text(name) for name in COLUMN_NAMES})


FORMAT = Format("table", "calls by column name", recognise, draft)
