"""Flags and environment of the viewer: `--port`, `--data`, `--allowed-host`, `--auth-file`, `PORT`, ..."""

import argparse
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.console import Parser, add_settings_arguments
from foundation.host_names import is_loopback
from foundation.outcome import UsageError
from foundation.places import REPORTS, existing_file
from foundation.secret_files import secret_lines
from settings.currency_choice import DOLLARS, add_currency_arguments, currency_from
from viewer.access import PASSWORD_VARIABLE
from viewer.inputs import Named

DEFAULT_PORT = 8000
_PASSWORD_LENGTH = 8


@dataclass(frozen=True)
class Options:
    """What was said; None for a file that was not named. `token_made`: the password is one that this start made up."""

    host: str
    port: int
    named: Named
    allowed_hosts: tuple[str, ...]
    password: str | None
    token_made: bool
    refresh_timeout: float
    quiet: bool

    @property
    def public(self) -> bool:
        """Whether other machines can reach it."""
        return not is_loopback(self.host)


def parse_options(
    argv: Sequence[str] | None = None,
    environment: Mapping[str, str] = os.environ,
    *,
    default_port: int = DEFAULT_PORT,
) -> Options:
    """The options of a command line; the environment fills in what it leaves out, then `default_port`.

    Raises:
        UsageError: a flag or variable has an impossible value, or two contradict each other.
    """
    given = _parser(default_port).parse_args(argv)
    host = given.host or environment.get("VIEWER_HOST") or "127.0.0.1"
    password = _password(given, environment)
    make_token = password is None and not given.no_auth and not is_loopback(host)
    return Options(
        host=host,
        port=_port(given.port, environment.get("VIEWER_PORT"), default_port),
        named=Named(
            reports=Path(given.reports) if given.reports else REPORTS,
            data=existing_file(given.data) if given.data else None,
            settings=_required(given.settings),
            pricing=_required(given.pricing),
            currency=currency_from(given),
            in_dollars=(given.currency or "").upper() == DOLLARS,
        ),
        allowed_hosts=tuple(given.allowed_host),
        password=secrets.token_urlsafe(24) if make_token else password,
        token_made=make_token,
        refresh_timeout=_seconds(given.refresh_timeout),
        quiet=given.quiet,
    )


def _parser(default_port: int) -> argparse.ArgumentParser:
    parser = Parser(description="Serves the reports and runs the analyzers when the calls have changed.")
    parser.add_argument("--host", help="address to listen on (127.0.0.1, or VIEWER_HOST)")
    parser.add_argument(
        "--port", help=f"port to listen on ({default_port}, or VIEWER_PORT; 0 takes a free one)"
    )
    parser.add_argument(
        "--data",
        metavar="FILE",
        help="calls to report on (those of the reports on disk, else data/simulated_calls.csv)",
    )
    parser.add_argument(
        "--reports", "--out", metavar="PATH", dest="reports", help="folder of html/ and json/ (reports/)"
    )
    add_settings_arguments(parser)
    add_currency_arguments(parser)
    parser.add_argument(
        "--allowed-host", metavar="NAME", action="append", default=[],
        help="another host name to answer to, as behind a proxy; may be given several times",
    )  # fmt: skip
    parser.add_argument("--auth-file", metavar="FILE", help="file whose first line is the password")
    parser.add_argument(
        "--no-auth", action="store_true", help="ask for no password, even where other machines can connect"
    )
    parser.add_argument(
        "--refresh-timeout", metavar="SECONDS", default="900", help="stop analyzers that take longer (900)"
    )
    parser.add_argument("--quiet", action="store_true", help="print problems only")
    return parser


def _port(flag: str | None, variable: str | None, default: int) -> int:
    places = (("--port", flag), ("VIEWER_PORT", variable or None), ("PORT =", str(default)))
    where, text = next((where, text) for where, text in places if text is not None)
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise UsageError(
            f"{where} {text} is not a port: give a number from 0 to 65535, such as --port {DEFAULT_PORT}."
        )
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise UsageError(f"--refresh-timeout {text} is not a time: give seconds above 0, such as 900.")
    return seconds


def _required(name: str | None) -> Path | None:
    if name is not None and not Path(name).is_file():
        raise UsageError(
            f"{name} is not a file: name a TOML file, or leave the flag out for the built-in one."
        )
    return Path(name) if name else None


def _password(given: argparse.Namespace, environment: Mapping[str, str]) -> str | None:
    if given.no_auth and given.auth_file:
        raise UsageError("--no-auth and --auth-file contradict each other: leave one out.")
    if given.no_auth:
        return None
    if given.auth_file:
        return _checked_password(_first_line(given.auth_file), f"--auth-file {given.auth_file}")
    if environment.get(PASSWORD_VARIABLE):
        return _checked_password(environment[PASSWORD_VARIABLE], PASSWORD_VARIABLE)
    return None


def _first_line(name: str) -> str:
    return next(iter(secret_lines(Path(name), "--auth-file")), "")


def _checked_password(password: str, where: str) -> str:
    if len(password) < _PASSWORD_LENGTH:
        raise UsageError(
            f"The password of {where} has fewer than {_PASSWORD_LENGTH} characters: choose a longer one."
        )
    return password
