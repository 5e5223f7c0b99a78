"""What an analyzer is: it declares a report, turns calls into a result, and a result into a document."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from analyzers.registry import REPORTS
from calls.engine import Calls
from reporting.document import (
    Alert,
    Category,
    Document,
    Method,
    MetricCard,
    Recommendation,
    Section,
    SummaryLine,
)
from settings.model import Settings

ResultT = TypeVar("ResultT")
_GROUP_TITLES = {Category.FINOPS: "FinOps", Category.UBR: "UBR"}


class Analyzer(ABC, Generic[ResultT]):
    """One report. `analyze` computes and knows no page; `document` arranges and computes no figure."""

    id: ClassVar[str]
    title: ClassVar[str]
    question: ClassVar[str]
    category: ClassVar[Category]
    description: ClassVar[str]
    columns: ClassVar[frozenset[str]] = frozenset()
    """Columns of single calls that it reads besides sums of many; its package says so too, as `COLUMNS`."""
    answers: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Questions of readers, each with the id of the section of its page that answers it."""
    slow_rollups: ClassVar[tuple[str, ...]] = ()
    """Rollups that take long and that it does not ask for at once: they are built while it computes."""

    @property
    def order(self) -> int:
        """Its place in the menu, from 1: that of its line in the registry."""
        return tuple(REPORTS).index(self.id) + 1

    @property
    def filename(self) -> str:
        """The name of its page under reports/html."""
        return f"{self.id}.html"

    @property
    def headline(self) -> str:
        """Its title as a heading of the console, such as "FinOps: Understanding Usage & Cost"."""
        return f"{_GROUP_TITLES[self.category]}: {self.title.title().replace(' And ', ' & ')}"

    @abstractmethod
    def analyze(self, calls: Calls, settings: Settings) -> ResultT:
        """The result: a frozen dataclass of numbers."""

    @abstractmethod
    def steps(self, result: ResultT) -> tuple[str, ...]:
        """What was done for a result, a line or two for the console; figures are the result's."""

    @abstractmethod
    def document(self, result: ResultT) -> Document:
        """The page that shows a result."""


def report(
    analyzer: Analyzer[Any],
    cards: tuple[MetricCard, ...],
    *,
    summary: tuple[str, ...],
    finding: str,
    sections: tuple[Section, ...],
    recommendations: tuple[Recommendation, ...],
    methods: tuple[Method, ...],
    alerts: tuple[Alert, ...] = (),
    summary_lines: tuple[SummaryLine, ...] = (),
) -> Document:
    """The document of an analyzer: named as it is, its first card the headline."""
    return Document(
        id=analyzer.id,
        title=analyzer.title,
        question=analyzer.question,
        category=analyzer.category,
        summary=summary,
        headline=cards[0],
        finding=finding,
        cards=cards,
        sections=sections,
        recommendations=recommendations,
        alerts=alerts,
        methods=methods,
        answers=analyzer.answers,
        summary_lines=summary_lines,
    )
