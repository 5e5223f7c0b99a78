"""What cross-report filters can ask of a part of a page."""

from dataclasses import KW_ONLY, dataclass
from datetime import date

from reporting.measures import Number


@dataclass(frozen=True, kw_only=True)
class Facets:
    """What cross-report filters can ask of a row or a slice; None where it spans all values."""

    day: date | None = None
    provider: str | None = None
    organization: str | None = None


@dataclass(frozen=True)
class Slice:
    """A part of one value, for the browser to add up again when a filter is on.

    `value` belongs to label number `label` of its series and to the facets.
    """

    label: int
    value: Number
    _: KW_ONLY
    facets: Facets
