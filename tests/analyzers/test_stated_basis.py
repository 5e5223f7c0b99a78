"""Whatever names a chance, a range or how sure it is, says on what that was measured, or that it is assumed."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzers.instances import analyzers
from calls.engine import open_calls
from reporting.document import Document, Method
from settings.loader import load_settings
from tests.documents import texts

CLAIM = re.compile(
    r"\bchance\b|probabilit|\blikely\b|rough range|\brange of\b|(80|90|95) ?% (range|interval|from|to)\b|"
    r"\b(80|95)% of the draws|\binterval\b|\bconfidence\b|\bhow sure\b|false discover",
    re.IGNORECASE,
)
BASIS = re.compile(
    r"\bmeasured\b|\breal (daily |hourly )?series\b|past (errors|days)|backtest|"
    r"\bassum|that you set|settings\.toml|simulated|by a test|to be chance|Evidence: ",
    re.IGNORECASE,
)
NO_CLAIMS = re.compile(
    r"(What|Who|Which) .*\?$|needs? \d+\.$|at least what chance makes of a count", re.IGNORECASE
)
"""Questions, why there is no range, and chance in a definition."""


def unfounded(document: Document) -> list[str]:
    """Texts with a claim and no basis; what a method note explains may have its basis in that note."""
    notes = {each.id: " ".join(texts(each)) for each in document.methods}
    return [text for text, method in told(document, "") if not BASIS.search(text + notes.get(method, ""))]


def told(value: object, method: str) -> Iterator[tuple[str, str]]:
    """Every text that claims something, and the method note of the table, chart or note that it stands in."""
    if isinstance(value, str):
        if CLAIM.search(value) and not NO_CLAIMS.search(value):
            yield value, method
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from told(each, method)
    elif dataclasses.is_dataclass(value):
        own = value.id if isinstance(value, Method) else getattr(value, "method", None) or method
        for field in dataclasses.fields(value):
            yield from told(getattr(value, field.name), own)


@pytest.fixture(scope="module")
def simulated(small_csv: Path) -> tuple[Document, ...]:
    settings = dataclasses.replace(load_settings(), own_plans=True)
    with open_calls(small_csv) as calls:
        return tuple(each.document(each.analyze(calls, settings)) for each in analyzers())


def test_each_claim_says_on_what_it_was_measured(simulated: tuple[Document, ...]) -> None:
    claims = [text for document in simulated for text, _ in told(document, "")]
    assert len(claims) > 20
    assert {document.id: unfounded(document) for document in simulated if unfounded(document)} == {}


def test_a_claim_without_a_basis_is_found(simulated: tuple[Document, ...]) -> None:
    bare = dataclasses.replace(simulated[0], finding="It will cost $5, with a chance of 90%.")
    assert unfounded(bare) == ["It will cost $5, with a chance of 90%."]


def test_advice_says_its_evidence_or_what_it_assumes(simulated: tuple[Document, ...]) -> None:
    advice = [each for document in simulated for each in document.recommendations]
    assert len(advice) > 10
    assert [each.action for each in advice if not BASIS.search(each.why)] == []
