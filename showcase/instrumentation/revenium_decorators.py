"""Meters with decorators: a function says once whom its calls serve, and every model call inside carries it.

Decorators nest: an inner one adds to or overrides the outer one. `@meter_tool` meters what an assistant does
besides calling models, such as a look-up in a customer database. `idempotency_key` ties the metering to a
business event, so that doing the same order's work twice does not meter it twice.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from calls.file.locking import beside
from foundation.console import run
from showcase.instrumentation.assistant import MODEL, QUESTIONS, Question
from showcase.instrumentation.fake_provider import fake_provider, openai_usage
from showcase.instrumentation.provider_sdks import messages
from showcase.instrumentation.stage import Body, Stage, demonstrate
from showcase.metadata.builders import ReveniumMetadataBuilder
from showcase.metadata.completion import Completion, Usage, as_keywords, completion_body
from showcase.printed import heading

NEEDS = ("revenium_middleware", "openai")
FLUSH_SECONDS = 30


def of_application() -> ReveniumMetadataBuilder:
    """What all calls of the application share."""
    return ReveniumMetadataBuilder().product("assistant").environment("production")


def of_customer(question: Question) -> ReveniumMetadataBuilder:
    """What the calls for one customer share."""
    return (
        ReveniumMetadataBuilder()
        .customer(question.customer)
        .organization(question.organization)
        .tier(question.tier)
        .feature(question.feature)
    )


def serve_everybody(client: Any) -> None:
    """Answers two customers; metadata is said where it is known, and nowhere else."""
    from revenium_middleware import idempotency_key, meter_tool, revenium_metadata

    @meter_tool("customer-database", operation="lookup", agent="assistant")
    def looked_up(customer: str) -> str:
        return f"the contract of {customer}"

    def ask(question: Question, text: str) -> None:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": text}])
        print(f"  {question.customer}: asked with {len(text):,} characters")

    @revenium_metadata(**as_keywords(of_application().to_revenium()))
    def serve(question: Question) -> None:
        contract = looked_up(question.customer)

        @revenium_metadata(**as_keywords(of_customer(question).task_type("classification").to_revenium()))
        def classify() -> None:
            ask(question, f"What kind of question is this? {question.text}")

        @revenium_metadata(**as_keywords(of_customer(question).task_type("qa").to_revenium()))
        def answer() -> None:
            ask(question, f"{contract} {question.text}")

        classify()
        with idempotency_key(f"order-{uuid4()}"):
            answer()

    for question in (QUESTIONS[0], QUESTIONS[2]):
        serve(question)


def play(stage: Stage) -> None:
    """Serves two customers through decorated functions."""
    import openai
    import revenium_middleware.openai  # noqa: F401  wraps the client
    from revenium_middleware import flush_metering, initialize_metering

    initialize_metering(api_key=stage.key, base_url=stage.url)
    heading("Two customers, each with a look-up and two calls")
    with fake_provider() as url:
        client = openai.OpenAI(api_key="sk-none", base_url=f"{url}/v1", max_retries=0)
        with client:
            serve_everybody(client)
        print(f"  not sent yet after flush_metering: {flush_metering(FLUSH_SECONDS)}")
    stage.show_stored()
    if stage.path is not None:
        heading("The look-ups, kept beside the calls")
        print(beside(stage.path, ".tool_events.jsonl").read_text(encoding="utf-8"))


def preview() -> Sequence[Body]:
    """What the SDK would send for the last call of the first customer."""
    question = QUESTIONS[0]
    counted = openai_usage(messages(question))
    used = Usage(
        counted["prompt_tokens"], counted["completion_tokens"], cached_input_tokens=400, reasoning_tokens=64
    )
    now = datetime.now(UTC)
    metadata = of_customer(question).task_type("qa").product("assistant").environment("production")
    return [completion_body(Completion("openai", MODEL, used, now, now), metadata)]


def main(argv: Sequence[str] | None = None) -> int:
    """Plays the demonstration."""
    return demonstrate(__doc__, play, preview, argv, NEEDS)


if __name__ == "__main__":
    sys.exit(run(main))
