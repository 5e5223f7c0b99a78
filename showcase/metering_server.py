"""Collects metered calls: a loopback stand-in for a metering service that writes the CSV of the reports.

    python3 showcase/metering_server.py --data data/metered_calls.csv

Point the Revenium SDK at it (REVENIUM_METERING_BASE_URL=http://127.0.0.1:8100), let the application work,
then run the analyzers on the file. A call that was acknowledged is on disk.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

try:
    from console import Parser, add_settings_arguments, run
    from outcome import Misuse
    from places import DATA, shown
    from settings.loader import load_settings
    from showcase.metering.endpoint import MeteringServer
    from showcase.metering.intake import Intake
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is missing here: run `pip install -e .` in the project folder or use its .venv."
    )


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = Parser(description="Collects calls that the Revenium SDK meters, as rows of a CSV file.")
    parser.add_argument(
        "--data", type=Path, default=DATA / "metered_calls.csv", help="the CSV that calls are appended to"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument(
        "--port", type=int, default=8100, help="port to listen on (default 8100; 0 takes a free one)"
    )
    parser.add_argument(
        "--keys-file", type=Path, help="file with one accepted API key a line (default: any key)"
    )
    add_settings_arguments(parser)
    return parser.parse_args(argv)


def accepted_keys(path: Path | None) -> frozenset[str]:
    """The API keys of a file, or of METERING_API_KEYS (comma-separated); none means that any key will do."""
    if path is None:
        return frozenset(filter(None, os.environ.get("METERING_API_KEYS", "").split(",")))
    keys = frozenset(filter(None, (line.strip() for line in path.read_text(encoding="utf-8").splitlines())))
    if not keys:
        raise Misuse(f"{path} holds no key; write one key a line.")
    return keys


def main(argv: list[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT, then stores what waits."""
    options = arguments(argv)
    keys = accepted_keys(options.keys_file)
    if options.host not in {"127.0.0.1", "localhost", "::1"} and not keys:
        raise Misuse("Beyond loopback a key is needed: give --keys-file or METERING_API_KEYS.")
    pricing = load_settings(options.settings, options.pricing).pricing
    intake = Intake(options.data)
    try:
        server = MeteringServer((options.host, options.port), intake, pricing, keys)
    except OSError as error:
        raise Misuse(
            f"Port {options.port} is not free ({error.strerror}): name another with --port."
        ) from None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(
        f"Metering at http://{options.host}:{server.server_port}, calls go to {shown(options.data)}",
        flush=True,
    )
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    intake.close()
    return 0


if __name__ == "__main__":
    sys.exit(run(main))
