"""All parts of a metering service for one CSV put together, to be run by a program or beside one."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from calls.file.locking import beside
from foundation.host_names import HostNames
from foundation.outcome import UsageError
from settings.pricing import Pricing
from showcase.metering.counts import Conventions
from showcase.metering.endpoint import Endpoint
from showcase.metering.intake import Intake
from showcase.metering.ledger import Ledger
from showcase.metering.line_log import LineLog
from showcase.metering.serving import Limits, Server

LOOPBACK = "127.0.0.1"


@contextmanager
def opened(
    path: Path,
    pricing: Pricing,
    api_keys: frozenset[str],
    listener: socket.socket,
    limits: Limits | None = None,
    hosts: HostNames | None = None,
    stated: Conventions | None = None,
) -> Iterator[Server]:
    """A server that stores in the CSV at `path`; afterwards all that it took in is stored.

    Without `api_keys`, any key will do. `hosts` are the names that it answers to (those of loopback),
    `stated` is where cached and reasoning tokens stand in what is sent.

    Raises:
        UserError: the CSV cannot be used, or another metering server has it.
    """
    with ExitStack() as stack:
        stack.callback(listener.close)
        ledger = stack.enter_context(Ledger(path))
        refused = LineLog(beside(path, ".refused.jsonl"))
        stack.callback(refused.close)
        intake = Intake(ledger)
        stack.callback(intake.close)
        endpoint = Endpoint(
            ledger=ledger,
            intake=intake,
            pricing=pricing,
            api_keys=api_keys,
            refused=refused,
            hosts=hosts or HostNames(),
            stated=stated or Conventions(),
        )
        yield Server(listener, endpoint, limits)


def listening(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one.

    Raises:
        UsageError: the port is taken or the address is none of this machine.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise UsageError(
            f"{host} port {port} cannot be listened on ({error.strerror}): name another with --host or --port."
        ) from None


@contextmanager
def beside_us(path: Path, pricing: Pricing, limits: Limits | None = None) -> Iterator[str]:
    """Serves on loopback from a thread of this process; yields the base URL."""
    listener = listening(LOOPBACK, 0)
    url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    with opened(path, pricing, frozenset(), listener, limits) as server:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),), name="metering")
        thread.start()
        try:
            yield url
        finally:
            loop.call_soon_threadsafe(server.stop)
            thread.join()
            loop.close()
