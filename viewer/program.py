"""Puts the viewer together and runs it until it is told to stop."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from calls.source import Filters
from foundation.console import Console, printable
from foundation.host_names import names_of
from foundation.outcome import ExitCode
from foundation.places import ROOT
from foundation.release import VERSION
from viewer.access import Access
from viewer.handler import Application
from viewer.inputs import Inputs
from viewer.limits import Limits
from viewer.listening import listen_on, raise_descriptor_limit
from viewer.live_site import Site
from viewer.metrics import Metrics
from viewer.opening import tell_address, tell_files, tell_start, tell_state
from viewer.options import DEFAULT_PORT, Options, parse_options
from viewer.refresh import Command, Refresher, Schedule
from viewer.server import Server
from viewer.up_to_date import is_up_to_date

_LAST_SECONDS = 4.5
"""For the analyzers to end once the viewer was told to."""
SIMULATE = "cd src && python3 run_all_simulators.py"


def analyzers_command(inputs: Inputs, filters: Filters) -> tuple[str, ...]:
    """The command that makes the reports of these files, of calls narrowed as they were before."""
    command = [sys.executable, str(ROOT / "src" / "run_all_analyzers.py"), "--quiet"]
    flags = {
        "--data": inputs.data.absolute(),
        "--out": inputs.reports.absolute(),
        "--settings": inputs.settings and inputs.settings.absolute(),
        "--pricing": inputs.pricing and inputs.pricing.absolute(),
        "--currency": inputs.currency and inputs.currency.code,
        "--currency-rates": inputs.currency and inputs.currency.rates_file.absolute(),
        "--since": filters.since,
        "--until": filters.until,
        "--timezone": filters.timezone,
        "--customers": filters.customers,
    }
    command += [f"{flag}={value}" for flag, value in flags.items() if value is not None]
    command += [f"--where={column}={value}" for column, value in filters.where]
    if filters.allow_credits:
        command.append("--allow-credits")
    return tuple(command)


def main(
    argv: Sequence[str] | None = None,
    *,
    port: int = DEFAULT_PORT,
    command: Command = analyzers_command,
    schedule: Schedule | None = None,
    limits: Limits | None = None,
) -> int:
    """Serves until SIGTERM, SIGINT or SIGHUP; returns the exit code.

    Args:
        argv: the command line, without the program's name.
        port: the port where neither a flag nor the environment names one.
        command: what makes the reports.
        schedule: when it looks and retries; `--refresh-timeout` has the last word on the timeout.
        limits: what a client may take.

    Raises:
        UsageError: an option is impossible, or the port is taken.
    """
    options = parse_options(argv, default_port=port)
    raise_descriptor_limit()
    listener = listen_on(options.host, options.port)
    bound = listener.getsockname()[1]
    metrics = Metrics()
    site = Site(metrics, SIMULATE)
    refresher = Refresher(
        site,
        options.named,
        command,
        partial(is_up_to_date, tool_version=VERSION),
        metrics=metrics,
        log=log,
        schedule=replace(schedule or Schedule(), timeout=options.refresh_timeout),
    )
    application = Application(site.find, _access(options, bound), metrics, _silent if options.quiet else log)
    server = Server(listener, application.respond, limits or Limits(), metrics)
    _stop_on_signals(server, refresher)
    console = Console(quiet=options.quiet)
    with _read_by_somebody():
        tell_start(console)
    refresher.load()
    with _read_by_somebody():
        tell_state(console, refresher.inputs, site.view, SIMULATE)
        tell_address(console, options, bound)
        tell_files(console, refresher.inputs)
    refresher.start()
    server.serve()
    refresher.stop()
    refresher.join(_LAST_SECONDS)
    return ExitCode.OK


@contextlib.contextmanager
def _read_by_somebody() -> Iterator[None]:
    """Where nobody reads what is said, the viewer serves all the same."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def log(line: str) -> None:
    """One line on stderr, with the time; where nobody reads it any more, the viewer goes on without.

    Reasons of failures may hold what files hold: control signs are shown, and a line stays one.
    """
    shown_line = printable(line).replace("\n", "\\n")
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {shown_line}\n")
        sys.stderr.flush()


def _silent(line: str) -> None:
    """Requests go unlogged."""


def _access(options: Options, port: int) -> Access:
    hosts = names_of(options.host, options.allowed_hosts)
    return Access(hosts, options.password, f"finops_viewer_{port}")


def _stop_on_signals(server: Server, refresher: Refresher) -> None:
    def stop(number: int, frame: object) -> None:  # noqa: ARG001
        refresher.stop()
        server.stop()

    hang_up = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]  # as under nohup
    for number in (signal.SIGTERM, signal.SIGINT, *hang_up):
        signal.signal(number, stop)
