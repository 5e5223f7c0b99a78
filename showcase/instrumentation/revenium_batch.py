"""Meters a batch of many calls and makes sure that every single one arrived.

A nightly job makes thousands of calls; losing the metering of some would make the month's margin wrong without
anybody noticing. So calls are sent side by side, each until it is acknowledged, and counted at the end. Sending
the whole batch again changes nothing: every call is recognised.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from foundation.console import run
from showcase.instrumentation.assistant import asked, questions
from showcase.instrumentation.delivery import Delivery
from showcase.instrumentation.stage import Body, Stage, demonstrate
from showcase.metadata.completion import completion_body
from showcase.printed import heading, say

CALLS = 200
THREADS = 16


def batch(count: int, end: datetime) -> list[Body]:
    """The bodies of a batch, a second between two calls, the last one at `end`; each id says its place."""
    return [
        completion_body(
            asked(
                question, end - timedelta(seconds=count - number), f"batch-{end:%Y%m%dT%H%M%S}-{number:06d}"
            ),
            question.metadata(),
        )
        for number, question in enumerate(questions(count))
    ]


def play(stage: Stage) -> None:
    """Sends a batch, and the same batch again."""
    from revenium_middleware import get_client, initialize_metering

    initialize_metering(api_key=stage.key, base_url=stage.url)
    bodies, delivery = batch(CALLS, datetime.now(UTC)), Delivery(get_client())
    for time_of_sending in ("first", "second"):
        heading(f"Sending {CALLS} calls over {THREADS} threads, for the {time_of_sending} time")
        begun = time.perf_counter()
        delivered = delivery.send_all(bodies, THREADS)
        seconds = time.perf_counter() - begun
        tried_again = sum(entry.failed_attempts > 0 for entry in delivered)
        say(
            f"{len(delivered)} acknowledged, {tried_again} of them after another try, "
            f"{len(delivered) / seconds:,.0f} per second"
        )
    stage.show_stored()


def preview() -> Sequence[Body]:
    """The first bodies of the batch."""
    return batch(CALLS, datetime.now(UTC))[:2]


def main(argv: Sequence[str] | None = None) -> int:
    """Plays the demonstration."""
    return demonstrate(__doc__, play, preview, argv)


if __name__ == "__main__":
    sys.exit(run(main))
