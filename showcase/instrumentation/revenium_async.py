"""Meters calls of an asynchronous application, without keeping its event loop waiting.

The asynchronous client sends while other coroutines run. Calls that are under way together are sent together;
a semaphore keeps their number bounded, so that a slow metering service slows nothing but metering.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import asyncio
import sys
from collections.abc import Sequence

from foundation.console import run
from showcase.instrumentation.assistant import Question, asked, bodies, questions
from showcase.instrumentation.stage import Stage, demonstrate
from showcase.metadata.completion import as_keywords, completion_body
from showcase.printed import heading, say

CALLS = 12
AT_ONCE = 4


async def serve_and_meter(stage: Stage) -> int:
    """Answers questions side by side and meters each as it ends; returns how many were acknowledged."""
    from revenium_middleware._metering import AsyncReveniumMetering

    at_once = asyncio.Semaphore(AT_ONCE)
    async with AsyncReveniumMetering(api_key=stage.key, base_url=stage.api_url) as client:

        async def handle(question: Question) -> str:
            completion = asked(question)  # await the model here
            body = completion_body(completion, question.metadata())
            async with at_once:
                answer = await client.ai.create_completion(
                    **as_keywords(body), extra_headers={"Idempotency-Key": completion.call_id}
                )
            return answer.id or ""

        return len(await asyncio.gather(*map(handle, questions(CALLS))))


def play(stage: Stage) -> None:
    """Serves some questions at the same time."""
    heading(f"{CALLS} questions at the same time, up to {AT_ONCE} being metered")
    acknowledged = asyncio.run(serve_and_meter(stage))
    say(f"{acknowledged} of {CALLS} calls acknowledged")
    stage.show_stored()


def main(argv: Sequence[str] | None = None) -> int:
    """Plays the demonstration."""
    return demonstrate(__doc__, play, lambda: bodies(1), argv)


if __name__ == "__main__":
    sys.exit(run(main))
