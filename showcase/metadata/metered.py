"""Meters what happens inside a `with` block: when it began, when it ended, and whether it failed.

    with metered(send, metadata, provider="openai", model="gpt-4o-mini") as call:
        response = client.chat.completions.create(...)
        call.used(Usage(response.usage.prompt_tokens, response.usage.completion_tokens))

The block is metered once, when it ends. If it raises, the failure is metered, with no tokens unless `used`
was said before, and the exception goes on. Metering itself never raises into the application: what goes wrong
there is logged. Run this file to see a block that succeeds and one that fails.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from showcase.metadata.builders import ReveniumMetadataBuilder
from showcase.metadata.completion import NOTHING_USED, Completion, Failure, Usage, completion_body

Send = Callable[[Mapping[str, object]], object]
"""Takes a metering body to where it goes: over the SDK, into a queue, onto a screen."""

LOG = logging.getLogger(__name__)


class MeteredCall:
    """The call inside a block; says what it used."""

    def __init__(self, provider: str, model: str) -> None:
        now = datetime.now(UTC)
        self._completion = Completion(provider, model, NOTHING_USED, now, now)
        self.said = False

    def used(
        self,
        usage: Usage,
        *,
        model: str = "",
        call_id: str = "",
        stop_reason: str = "END",
        cost_usd: Decimal | None = None,
    ) -> None:
        """What the call used. `model` is the one that answered, `call_id` the provider's id of the answer.

        Raises:
            ValueError: an unknown stop reason.
        """
        self._completion = replace(
            self._completion,
            usage=usage,
            model=model or self._completion.model,
            call_id=call_id or self._completion.call_id,
            stop_reason=stop_reason,
            cost_usd=cost_usd,
        )
        self.said = True

    def ended(self, error: BaseException | None = None) -> Completion:
        """The call as it has ended now."""
        ended = replace(self._completion, ended=max(datetime.now(UTC), self._completion.begun))
        if error is None:
            return ended
        return replace(ended, stop_reason=_stop_reason(error), failure=failure_of(error))


@contextmanager
def metered(
    send: Send, metadata: ReveniumMetadataBuilder, *, provider: str, model: str
) -> Iterator[MeteredCall]:
    """Meters the block and hands `send` the body; works in async functions too."""
    call = MeteredCall(provider, model)
    try:
        yield call
    except BaseException as error:
        _hand_over(send, completion_body(call.ended(error), metadata))
        raise
    if call.said:
        _hand_over(send, completion_body(call.ended(), metadata))
    else:
        LOG.error(
            "A metered block ended without call.used(...): its tokens are unknown, nothing was metered."
        )


def failure_of(error: BaseException) -> Failure:
    """The failure that an exception means; provider SDKs put the HTTP status into `status_code`."""
    code = getattr(error, "status_code", None)
    return Failure(type(error).__name__, code if isinstance(code, int) else None)


def _stop_reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "TIMEOUT"
    return "CANCELLED" if isinstance(error, asyncio.CancelledError | KeyboardInterrupt) else "ERROR"


def _hand_over(send: Send, body: Mapping[str, object]) -> None:
    try:
        send(body)
    except Exception:  # the application's work is done; its metering must not undo it
        LOG.exception("call %s was not metered", body["transactionId"])


def main() -> int:
    """Meters a block that succeeds and one that fails, onto the screen."""
    metadata = ReveniumMetadataBuilder().customer("cust_0042").feature("summaries").task_type("summarization")

    def show(body: Mapping[str, object]) -> None:
        print(json.dumps(body, indent=2))

    def unreachable() -> None:
        raise ConnectionError("the provider does not answer")

    print("A block that succeeds is metered with what it says it used:")
    with metered(show, metadata, provider="openai", model="gpt-4o-mini") as call:
        call.used(Usage(input_tokens=1_200, output_tokens=340, cached_input_tokens=1_024))
    print("\nA block that fails is metered as an error, and the exception goes on:")
    try:
        with metered(show, metadata, provider="anthropic", model="claude-sonnet-4-5"):
            unreachable()
    except ConnectionError as error:
        print(f"\nthe application still sees: {error!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
