"""How sure advice is: the weaker of what the data show and of how likely it is carried out as assumed."""

from dataclasses import dataclass

from reporting.document import Confidence

ORDER = tuple(Confidence)
"""From low to high, as they are declared."""


@dataclass(frozen=True)
class Sureness:
    """How sure the evidence is, and how likely `who` ("the customer", "the team") acts as assumed."""

    evidence: Confidence
    acting: Confidence
    who: str = "the team"

    @property
    def confidence(self) -> Confidence:
        """The weaker of the two."""
        return min(self.evidence, self.acting, key=ORDER.index)

    @property
    def words(self) -> str:
        """Both, in a sentence."""
        return f"Evidence: {self.evidence.value}; that {self.who} acts so: {self.acting.value}."
