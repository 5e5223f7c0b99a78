"""Sending until acknowledged: what is tried again, what is not, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from showcase.instrumentation.assistant import QUESTIONS, asked
from showcase.instrumentation.delivery import Delivery
from showcase.metadata.completion import completion_body
from tests.showcase.metering.harness import process, stored

if TYPE_CHECKING:
    from revenium_middleware._metering import ReveniumMetering

BODY = completion_body(asked(QUESTIONS[0]), QUESTIONS[0].metadata())


def client(url: str, key: str = "hak_test") -> ReveniumMetering:
    from revenium_middleware._metering import ReveniumMetering

    return ReveniumMetering(api_key=key, base_url=f"{url}/meter/", max_retries=0)


def test_a_service_that_comes_back_gets_the_call_once(tmp_path):
    path, waits = tmp_path / "calls.csv", []
    with process(path) as server:
        server.kill()

        def wait(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                server.start()

        with client(server.url) as sdk:
            delivered = Delivery(sdk, sleep=wait).send(BODY)
    assert (delivered.call_id, delivered.failed_attempts) == (BODY["transactionId"], 3)
    assert waits == [0.1, 0.2, 0.4]
    assert len(stored(path)) == 1


def test_it_gives_up_after_so_many_attempts_and_waits_no_longer_than_two_seconds(tmp_path):
    from revenium_middleware._metering import APIConnectionError

    waits = []
    with process(tmp_path / "calls.csv") as server:
        server.kill()
        with client(server.url) as sdk, pytest.raises(APIConnectionError):
            Delivery(sdk, give_up_after=8, sleep=waits.append).send(BODY)
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_a_refusal_is_not_tried_again(tmp_path):
    from revenium_middleware._metering import APIStatusError

    waits = []
    others = {"METERING_API_KEYS": "hak_other"}
    with (
        process(tmp_path / "calls.csv", environment=others) as server,
        client(server.url) as sdk,
        pytest.raises(APIStatusError, match="x-api-key"),
    ):
        Delivery(sdk, sleep=waits.append).send(BODY)
    assert waits == []
