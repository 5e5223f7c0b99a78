"""Meters failures and retries: a call that failed still took time, and often money.

Each attempt is a call of its own, with its own id; the trace joins them. Failed attempts carry the kind of
error, never its text, which may quote a prompt. So the reports can say what errors cost, and which provider
makes customers wait.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Callable, Sequence

from foundation.console import run
from showcase.instrumentation.assistant import MODEL, QUESTIONS, Question, usage_of
from showcase.instrumentation.delivery import Delivery
from showcase.instrumentation.stage import Body, Stage, demonstrate
from showcase.metadata.completion import Usage
from showcase.metadata.metered import Send, metered
from showcase.printed import heading, say


class RateLimited(Exception):
    """The provider's answer 429, as its SDK raises it."""

    status_code = 429


class Flaky:
    """A model that refuses its first calls and then answers."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)

    def answer(self, question: Question) -> Usage:
        """What answering used.

        Raises:
            Exception: one of the failures, while there are any.
        """
        if self._failures:
            raise self._failures.pop(0)
        return usage_of(question)


def answered(question: Question, model: Callable[[Question], Usage], send: Send, attempts: int = 3) -> bool:
    """Asks up to `attempts` times and meters each attempt; whether one succeeded."""
    metadata = question.metadata().trace(f"trace_{question.customer}").session("session_9")
    for _ in range(attempts):
        try:
            with metered(send, metadata, provider="openai", model=MODEL) as call:
                call.used(model(question))
        except (RateLimited, TimeoutError) as error:
            print(f"  {question.customer}: {type(error).__name__}, asking again")
        else:
            print(f"  {question.customer}: answered")
            return True
    print(f"  {question.customer}: given up after {attempts} attempts")
    return False


def ask_everybody(send: Send) -> None:
    """Three customers: two refusals and an answer, a timeout and an answer, and no answer at all."""
    answered(QUESTIONS[0], Flaky(RateLimited(), RateLimited()).answer, send)
    answered(QUESTIONS[1], Flaky(TimeoutError()).answer, send)
    answered(QUESTIONS[2], Flaky(RateLimited(), TimeoutError(), RateLimited()).answer, send)


def play(stage: Stage) -> None:
    """Asks a model that fails now and then."""
    from revenium_middleware import get_client, initialize_metering

    initialize_metering(api_key=stage.key, base_url=stage.url)
    heading("Three customers ask a model that fails now and then")
    ask_everybody(Delivery(get_client()).send)
    stage.show_stored()
    print()
    say("Eight attempts, two answers: a bill shows two calls, the metered file shows why customers waited.")


def preview() -> Sequence[Body]:
    """The bodies of all attempts."""
    bodies: list[Body] = []
    ask_everybody(bodies.append)
    return bodies


def main(argv: Sequence[str] | None = None) -> int:
    """Plays the demonstration."""
    return demonstrate(__doc__, play, preview, argv)


if __name__ == "__main__":
    sys.exit(run(main))
