"""The application that the demonstrations meter: an assistant that answers a few customers' questions.

It calls no model; answers, token counts and waiting times are made from the question, the same every time, so
that a demonstration can be run offline and its numbers looked up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

from showcase.metadata.builders import ReveniumMetadataBuilder
from showcase.metadata.completion import Completion, Usage, completion_body

CHARACTERS_PER_TOKEN = 4
MODEL = "gpt-4o-mini"


@dataclass(frozen=True)
class Question:
    """What a customer asks, and in which feature."""

    customer: str
    organization: str
    tier: str
    feature: str
    task_type: str
    text: str

    def metadata(self) -> ReveniumMetadataBuilder:
        """Who the call is for, and what: known to the application, and to nobody after it."""
        return (
            ReveniumMetadataBuilder()
            .organization(self.organization)
            .product("assistant")
            .feature(self.feature)
            .customer(self.customer)
            .tier(self.tier)
            .environment("production")
            .task_type(self.task_type)
        )


CONTRACT = "Summarize this contract: " + "…" * 6_000
QUESTIONS = (
    Question("cust_ann", "org_acme", "pro", "chat", "qa", "Where is my invoice for October?"),
    Question("cust_bob", "org_acme", "enterprise", "summaries", "summarization", CONTRACT),
    Question("cust_eve", "org_globex", "starter", "chat", "qa", "How do I reset my password?"),
    Question("cust_eve", "org_globex", "starter", "search", "classification", "Which tickets are urgent?"),
)


def usage_of(question: Question) -> Usage:
    """The tokens that a model would count: instructions of 800 tokens, half of them cached, and the question."""
    asked = 800 + len(question.text) // CHARACTERS_PER_TOKEN
    return Usage(asked, output_tokens=120 + asked // 10, cached_input_tokens=400)


def asked(question: Question, begun: datetime | None = None, call_id: str = "") -> Completion:
    """The call that answers a question, as it has ended; it takes 20 ms per token of output."""
    usage, begun = usage_of(question), begun or datetime.now(UTC)
    ended = begun + timedelta(milliseconds=20 * usage.output_tokens)
    completion = Completion("openai", MODEL, usage, begun, ended)
    return replace(completion, call_id=call_id) if call_id else completion


def questions(count: int) -> Iterator[Question]:
    """So many questions, the same few over and over."""
    return islice(cycle(QUESTIONS), count)


def bodies(count: int) -> list[dict[str, object]]:
    """The metering bodies of so many calls."""
    return [completion_body(asked(question), question.metadata()) for question in questions(count)]
