"""What cross-report filters can ask of a part of a page: provider, model, organization, feature, days."""

from dataclasses import KW_ONLY, dataclass
from datetime import date

from reporting.measures import Number


@dataclass(frozen=True, kw_only=True)
class Facets:
    """What cross-report filters can ask of a row or a slice; None where it spans all values."""

    day: date | None = None
    provider: str | None = None
    organization: str | None = None
    model: str | None = None
    feature: str | None = None

    def named(self) -> dict[str, str]:
        """The values that it has, by the filter that asks for them; the day as "period"."""
        day = {"period": self.day.isoformat()} if self.day else {}
        names = {
            "provider": self.provider,
            "model": self.model,
            "organization": self.organization,
            "feature": self.feature,
        }
        return day | {name: value for name, value in names.items() if value is not None}


def one_organization(name: str, organizations: int) -> Facets:
    """The facets of what belongs to an organization, or, where it belongs to several, spans them."""
    return Facets(organization=name if organizations == 1 else None)


DIMENSIONS = ("period", "provider", "model", "organization", "feature")
"""What a reader can filter by."""


@dataclass(frozen=True)
class Slice:
    """A part of one value, for the browser to add up again when a filter is on.

    `value` belongs to label number `label` of its series and to the facets.
    """

    label: int
    value: Number
    _: KW_ONLY
    facets: Facets
