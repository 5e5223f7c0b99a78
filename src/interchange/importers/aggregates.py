"""Files that are no calls (totals, usage reports, charges, batch requests): recognised and refused by name.

Each is refused with what to export instead, also where a mapping is given: a mapping does not make calls of totals.
"""

from typing import Any

from interchange.importers.field_mapping import Sample
from interchange.importers.refused_kinds import REFUSED


def refusal(sample: Sample) -> str:
    """Why the records are no calls, and what to do instead; '' if nothing says so."""
    records = [(record, _keys(record)) for record in sample if record]
    for kind in REFUSED:
        judge = all if kind.whole else any
        if records and judge(kind.fits(record, keys) for record, keys in records):
            return f"is {kind.what}; {kind.instead}"
    return ""


def _keys(record: dict[str, Any]) -> set[str]:
    named = {key.strip().lower() for key in record if isinstance(key, str)}
    return named | {key.replace(" ", "_") for key in named}
