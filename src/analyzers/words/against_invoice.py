"""What is known with metering and what would be known without: one comparison, alike in all reports.

Without metering there is the provider's invoice: one sum per month, by model and key at best. Each call then has no
customer, feature or moment, which is what the questions of the reports are about.
"""

from reporting.document import Section, SideBySide

Answers = tuple[str, str, str]
"""A question, its answer without metering, its answer with it."""

NOTHING_NAMED = "nothing yet: the calls of this file do not name it"


def metering_section(*answers: Answers) -> Section:
    """The section that closes a report."""
    table = SideBySide(
        id="with-and-without",
        title="The same questions, answered from the invoice alone and from metered calls",
        first="Without metering",
        second="With metering",
        rows=answers,
        aspect="Question",
        second_wins=True,
    )
    return Section("metering", "With metering and without", blocks=(table,))
