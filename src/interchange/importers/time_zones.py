"""Times that name no zone: read in the zone that the user names, or as UTC, and what the clocks there make of them.

When clocks are put forward, they skip times; when they are put back, they show some twice. A time that was skipped is
read as if they had not been moved yet, one that came twice as the first of the two, as PEP 495 has it; both are
counted.
"""

from foundation.sql_text import literal

UNZONED, SKIPPED, TWICE = "unzoned", "skipped", "twice"
"""What there is to say of a time without a zone: nothing more, or that clocks never showed it, or twice."""


def in_zone_sql(text: str, zone: str) -> str:
    """SQL for a time as text, with the offset of a zone where it names none."""
    moment = f"zoned_instant(iso_instant({text}), {literal(zone)})"
    return f"case when is_unzoned({text}) then coalesce(cast({moment} as varchar) || 'Z', {text}) else {text} end"


def doubt_sql(text: str, zone: str) -> str:
    """SQL for what there is to say of a time as text; NULL where it names its zone, or is no time."""
    if not zone or zone == "UTC":
        return f"case when is_unzoned({text}) then '{UNZONED}' end"
    return f"case when is_unzoned({text}) then zone_doubt(iso_instant({text}), {literal(zone)}) end"
