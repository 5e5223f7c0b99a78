"""Hands bodies to the SDK's direct client until each is acknowledged, however often the service goes away.

The SDK tries a call three times within two seconds; a restart of the service takes longer. So it is tried again
here, later and later, always under the call's own idempotency key: a call whose acknowledgement got lost is not
metered twice.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from showcase.metadata.completion import as_keywords

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 2.0


@dataclass(frozen=True)
class Delivered:
    """A call that was acknowledged, after so many failed attempts (each of up to three requests)."""

    call_id: str
    failed_attempts: int


class Delivery:
    """Sends bodies with a client (`revenium_middleware.get_client()`), from as many threads as one likes.

    `give_up_after` is how many attempts may fail before the error goes to the caller.
    """

    def __init__(
        self, client: Any, give_up_after: int = 60, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._give_up_after = give_up_after
        self._sleep = sleep

    def send(self, body: Mapping[str, object]) -> Delivered:
        """Sends one body until it is acknowledged.

        Raises:
            revenium_middleware._metering.APIStatusError: the service refuses the call for good (a 4xx).
            revenium_middleware._metering.APIConnectionError: it stays away.
        """
        from revenium_middleware._metering import APIConnectionError, InternalServerError, RateLimitError

        call_id = str(body["transactionId"])
        keywords, headers = as_keywords(body), {"Idempotency-Key": call_id}
        wait, failed = FIRST_WAIT_SECONDS, 0
        while True:
            try:
                self._client.ai.create_completion(**keywords, extra_headers=headers)
            except (APIConnectionError, InternalServerError, RateLimitError):
                failed += 1
                if failed >= self._give_up_after:
                    raise
                self._sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
            else:
                return Delivered(call_id, failed)

    def send_all(self, bodies: Iterable[Mapping[str, object]], threads: int = 16) -> list[Delivered]:
        """Sends many bodies side by side, so that the service can store them together."""
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(self.send, bodies))
