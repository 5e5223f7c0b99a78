"""Meters one call, step by step.

A model call is over in a second; what it cost and whom it served is known then and never again. Metering writes
it down at that moment: who (metadata), what (model and tokens), when, and how it ended.
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

from foundation.console import run
from showcase.instrumentation.assistant import QUESTIONS, asked
from showcase.instrumentation.stage import Body, Stage, demonstrate, show
from showcase.metadata.completion import as_keywords, completion_body
from showcase.printed import heading, say


def play(stage: Stage) -> None:
    """Builds the metadata, makes the call, meters it, and meters it once more by mistake."""
    from revenium_middleware import get_client, initialize_metering

    heading("1. Who is the call for? The metadata")
    question = QUESTIONS[0]
    metadata = question.metadata().session("session_17")
    show(metadata.build())

    heading("2. The call, and what it used")
    completion = asked(question)
    say(f"{completion.model} answered in {completion.milliseconds:,} ms: {completion.usage}")

    heading("3. The body that goes over the wire")
    body = completion_body(completion, metadata)
    show(body)

    heading("4. Sending it with the SDK's direct client")
    say("The Idempotency-Key says which call this is, so that sending it twice meters it once.")
    initialize_metering(api_key=stage.key, base_url=stage.url)
    for attempt in ("first", "second"):
        answer = get_client().ai.create_completion(
            **as_keywords(body), extra_headers={"Idempotency-Key": completion.call_id}
        )
        print(f"  {attempt} time: acknowledged as {answer.label or 'taken'}, id {answer.id}")
    stage.show_stored()


def preview() -> Sequence[Body]:
    """The body of step 3."""
    question = QUESTIONS[0]
    return [completion_body(asked(question, datetime.now(UTC)), question.metadata().session("session_17"))]


def main(argv: Sequence[str] | None = None) -> int:
    """Plays the demonstration."""
    return demonstrate(__doc__, play, preview, argv)


if __name__ == "__main__":
    sys.exit(run(main))
