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


LEAST_DAYS = 7
"""Days of calls without which nothing that rests on use is more than a guess."""


def moving(task: str, grade_steps: int, days: int) -> Sureness:
    """How sure it is that another model does the work of one: the same on every page.

    Its price is known and its answers are not. A model that does the named task in the same grade, over a week or more,
    is a fair sign; a lower grade is none. That the calls can move is an assumption of settings.toml.
    """
    alike = bool(task) and not grade_steps and days >= LEAST_DAYS
    return Sureness(Confidence.MEDIUM if alike else Confidence.LOW, Confidence.MEDIUM)
