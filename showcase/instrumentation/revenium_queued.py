"""Meters through the SDK's queue: handing a call over takes microseconds, background threads send it.

The queue survives a service that is away for a while: what could not be sent is kept (up to 20,000 records)
and sent again. It does not survive the process. So a program that ends must flush, and must look at what
`flush_metering` returns: the number of records that are not sent yet.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Sequence

from foundation.console import run
from showcase.instrumentation.assistant import bodies
from showcase.instrumentation.stage import Stage, demonstrate
from showcase.printed import heading, say

CALLS = 20
FLUSH_SECONDS = 30


def play(stage: Stage) -> None:
    """Queues calls, flushes, and asks how it went."""
    from revenium_middleware import (
        AgenticOutcomeClient,
        AgenticOutcomeSettings,
        MeteringErrorEvent,
        flush_metering,
        get_metering_status,
        initialize_metering,
        on_metering_error,
        remove_metering_error_callback,
    )

    def alert(event: MeteringErrorEvent) -> None:
        print(f"  not metered: {event.operation}: {event.error}")

    heading("1. Say who should hear of failures: the queue never raises into the application")
    initialize_metering(api_key=stage.key, base_url=stage.url)
    on_metering_error(alert)
    print("  on_metering_error(alert): here it would print them, an application would raise an alarm")

    heading(f"2. Queue {CALLS} calls")
    client = AgenticOutcomeClient(AgenticOutcomeSettings(api_key=stage.key, meter_base_url=stage.url))
    for body in bodies(CALLS):
        client.emit_completion(body)
    print(f"  {CALLS} handed over; the application goes on")

    heading("3. Flush before the process ends")
    left = flush_metering(FLUSH_SECONDS)
    status = get_metering_status()
    print(f"  not sent yet: {left}; sent: {status.success_count}; failed: {status.error_count}")
    if left:
        say("Some are left: wait longer, or the end of the process loses them.")
    client.close()
    remove_metering_error_callback(alert)
    stage.show_stored()


def main(argv: Sequence[str] | None = None) -> int:
    """Plays the demonstration."""
    return demonstrate(__doc__, play, lambda: bodies(1), argv)


if __name__ == "__main__":
    sys.exit(run(main))
