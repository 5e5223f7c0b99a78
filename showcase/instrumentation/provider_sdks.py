"""Meters the provider's own SDK without touching the calls: `import revenium_middleware.openai` is enough.

The Revenium SDK wraps the clients of openai and anthropic; each call is then metered in the background, with the
token counts of the provider's answer. What only the application knows goes along as `usage_metadata`. The
provider here is one of our own on loopback, so that nothing is charged; the SDKs are the real ones.
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

from foundation.console import run
from showcase.instrumentation.assistant import QUESTIONS, Question
from showcase.instrumentation.fake_provider import (
    OVERLOADED,
    anthropic_usage,
    fake_provider,
    openai_usage,
)
from showcase.instrumentation.stage import Body, Stage, demonstrate, show
from showcase.metadata.completion import Completion, Usage, as_keywords, completion_body
from showcase.printed import heading, say

NEEDS = ("revenium_middleware", "openai", "anthropic")
OPENAI_MODEL, ANTHROPIC_MODEL = "gpt-4o-mini", "claude-haiku-4-5"
FLUSH_SECONDS = 30


def messages(question: Question) -> list[dict[str, Any]]:
    """A question as both providers take it."""
    return [{"role": "user", "content": question.text}]


def usage_metadata(question: Question) -> dict[str, Any]:
    """What the SDK takes along with a call."""
    return as_keywords(question.metadata().trace("trace_7").to_revenium())


def ask_openai(url: str) -> None:
    """A plain call, a streamed one, and one that the provider refuses."""
    import openai
    import revenium_middleware.openai  # noqa: F401  wraps the client

    with openai.OpenAI(api_key="sk-none", base_url=f"{url}/v1", max_retries=0) as client:
        ann, bob, eve = QUESTIONS[:3]
        answer = client.chat.completions.create(
            model=OPENAI_MODEL, messages=messages(ann), usage_metadata=usage_metadata(ann)
        )
        print(f"  openai: {answer.usage.prompt_tokens} tokens in, {answer.usage.completion_tokens} out")
        words = client.chat.completions.create(
            model=OPENAI_MODEL, messages=messages(bob), stream=True, usage_metadata=usage_metadata(bob)
        )
        print(f"  openai, streamed: {sum(1 for chunk in words if chunk.choices)} chunks")
        try:
            client.chat.completions.create(
                model=OVERLOADED, messages=messages(eve), usage_metadata=usage_metadata(eve)
            )
        except openai.RateLimitError as error:
            print(f"  openai, refused: the application sees {type(error).__name__} as ever")


def ask_anthropic(url: str) -> None:
    """A call that reads from and writes to the provider's cache."""
    import anthropic
    import revenium_middleware.anthropic  # noqa: F401  wraps the client

    with anthropic.Anthropic(api_key="sk-none", base_url=url, max_retries=0) as client:
        question = QUESTIONS[3]
        answer = client.messages.create(
            model=ANTHROPIC_MODEL,
            max_tokens=500,
            messages=messages(question),
            usage_metadata=usage_metadata(question),
        )
        print(
            f"  anthropic: {answer.usage.input_tokens} tokens in beside the cache, {answer.usage.output_tokens} out"
        )


def play(stage: Stage) -> None:
    """Calls two providers and flushes."""
    from revenium_middleware import flush_metering, initialize_metering

    initialize_metering(api_key=stage.key, base_url=stage.url)
    heading("1. The metadata that goes along with a call")
    show(usage_metadata(QUESTIONS[0]))
    heading("2. The calls, as an application makes them")
    with fake_provider() as url:
        ask_openai(url)
        ask_anthropic(url)
        print(f"  not sent yet after flush_metering: {flush_metering(FLUSH_SECONDS)}")
    stage.show_stored()
    print()
    say(
        "Anthropic counts cached tokens beside the input, OpenAI within it; in the file both are inclusive, so that "
        "they can be compared. The SDK (0.12) leaves the plan out of Anthropic calls; the reports take it from the "
        "customer's other calls."
    )


def preview() -> Sequence[Body]:
    """What the SDK would send for the two calls that succeed at once."""
    ann, eve = QUESTIONS[0], QUESTIONS[3]
    counted, beside = openai_usage(messages(ann)), anthropic_usage(messages(eve))
    now = datetime.now(UTC)
    used = Usage(
        counted["prompt_tokens"],
        counted["completion_tokens"],
        cached_input_tokens=counted["prompt_tokens_details"]["cached_tokens"],
        reasoning_tokens=counted["completion_tokens_details"]["reasoning_tokens"],
    )
    read, written = beside["cache_read_input_tokens"], beside["cache_creation_input_tokens"]
    used_beside = Usage(beside["input_tokens"] + read + written, beside["output_tokens"], read, written)
    return [
        completion_body(Completion("openai", OPENAI_MODEL, used, now, now), ann.metadata().trace("trace_7")),
        completion_body(
            Completion("anthropic", ANTHROPIC_MODEL, used_beside, now, now), eve.metadata().trace("trace_7")
        ),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Plays the demonstration."""
    return demonstrate(__doc__, play, preview, argv, NEEDS)


if __name__ == "__main__":
    sys.exit(run(main))
