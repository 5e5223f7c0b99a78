"""Advice is as sure as the weaker of its evidence and of how likely it is carried out."""

import pytest

from analyzers.advice.confidence import Sureness, moving
from reporting.document import Confidence

LOW, MEDIUM, HIGH = Confidence


@pytest.mark.parametrize(
    ("evidence", "acting", "weaker"),
    [(HIGH, LOW, LOW), (LOW, HIGH, LOW), (HIGH, MEDIUM, MEDIUM), (HIGH, HIGH, HIGH), (MEDIUM, LOW, LOW)],
)
def test_the_weaker_counts(evidence: Confidence, acting: Confidence, weaker: Confidence) -> None:
    assert Sureness(evidence, acting).confidence is weaker


def test_both_are_said() -> None:
    assert Sureness(HIGH, LOW, "the customer").words == "Evidence: high; that the customer acts so: low."


@pytest.mark.parametrize(
    ("task", "steps", "days", "evidence"),
    [("chat", 0, 7, MEDIUM), ("chat", 0, 6, LOW), ("chat", 1, 30, LOW), ("", 0, 30, LOW)],
)
def test_another_model_is_no_more_than_likely_to_do_the_work(
    task: str, steps: int, days: int, evidence: Confidence
) -> None:
    assert moving(task, steps, days) == Sureness(evidence, MEDIUM)
