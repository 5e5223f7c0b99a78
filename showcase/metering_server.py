"""Collects metered calls over HTTP: it takes in what the Revenium SDK sends and writes the CSV of the reports.

    python3 showcase/metering_server.py --data data/metered_calls.csv

Point the SDK at it (REVENIUM_METERING_BASE_URL=http://127.0.0.1:8100 and any REVENIUM_METERING_API_KEY that
begins with hak_), let the application work, then run the analyzers on the file. A call that was acknowledged
is on disk, once, however often it was sent and whenever the server was killed.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "src"))
    from foundation import environment

    environment.require()

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from foundation.console import Console, Parser, add_settings_arguments, run
from foundation.host_names import is_loopback, names_of
from foundation.outcome import ExitCode, UsageError
from foundation.places import DATA, shown
from foundation.secret_files import secret_lines
from settings.loader import load_settings
from showcase.metering.counts import Conventions
from showcase.metering.service import listening, opened
from showcase.metering.serving import Server


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = Parser(description="Collects calls that the Revenium SDK meters, as rows of a CSV file.")
    parser.add_argument(
        "--data",
        metavar="FILE",
        type=Path,
        default=DATA / "metered_calls.csv",
        help="the CSV that calls are appended to (default: data/metered_calls.csv)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--port", type=_port, default=8100, help="port to listen on (default: 8100; 0 takes a free one)"
    )
    parser.add_argument(
        "--keys-file",
        metavar="FILE",
        type=Path,
        help="file with one accepted API key a line (default: those of METERING_API_KEYS, else any)",
    )
    parser.add_argument(
        "--allowed-host", metavar="NAME", action="append", default=[],
        help="another host name to answer to, as behind a proxy; may be given several times",
    )  # fmt: skip
    for flag, whole in (("--cached-tokens", "input"), ("--reasoning-tokens", "output")):
        parser.add_argument(
            flag,
            default="",
            choices=("inside", "outside"),
            help=f"where they stand to the {whole} tokens of what is sent (default: told by totals and provider)",
        )
    add_settings_arguments(parser)
    return parser.parse_args(argv)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise ValueError(text)
    return port


def accepted_keys(path: Path | None) -> frozenset[str]:
    """The API keys of a file, or of METERING_API_KEYS (comma-separated); none means that any key will do.

    Raises:
        UsageError: the file holds no key.
    """
    listed = os.environ.get("METERING_API_KEYS", "").split(",")
    named = secret_lines(path, "--keys-file") if path else listed
    keys = frozenset(filter(None, map(str.strip, named)))
    if path is not None and not keys:
        raise UsageError(f"{path} holds no key; write one key a line.")
    return keys


def main(argv: list[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT, then answers what is under way and stores what waits."""
    options = arguments(argv)
    keys = accepted_keys(options.keys_file)
    if not is_loopback(options.host) and not keys:
        raise UsageError("Beyond loopback a key is needed: give --keys-file or METERING_API_KEYS.")
    pricing = load_settings(options.settings, options.pricing).pricing
    listener = listening(options.host, options.port)
    address = f"http://{options.host}:{listener.getsockname()[1]}"
    hosts = names_of(options.host, options.allowed_host)
    stated = Conventions(options.cached_tokens, options.reasoning_tokens)
    with opened(options.data, pricing, keys, listener, hosts=hosts, stated=stated) as server:
        Console().say(f"Metering at {address}, calls go to {shown(options.data)}")
        asyncio.run(_until_stopped(server))
    Console().say("Stopped; what was taken in is stored.")
    return ExitCode.OK


async def _until_stopped(server: Server) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    await server.serve()


if __name__ == "__main__":
    sys.exit(run(main))
