"""Which host names a server answers to (`--allowed-host`): a page of another site can make its name point here.

A browser then takes what the server says for that page's own (DNS rebinding). The Host header tells, for it holds the
name that the browser was given.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?", re.ASCII)


@dataclass(frozen=True)
class HostNames:
    """The host names of a server, in lower case.

    `any_address` adds every literal address, which no foreign name can be made to point at.
    """

    names: frozenset[str] = LOOPBACK_NAMES
    any_address: bool = False

    def include(self, host: str) -> bool | None:
        """Whether `host`, the value of a Host header, is one of them; None where it is malformed."""
        match = _HOST.fullmatch(host.strip())
        if match is None:
            return None
        name = match["name"].strip("[]").lower().rstrip(".")
        return name in self.names or (self.any_address and _is_address(name))


def names_of(listening: str, allowed: Iterable[str] = ()) -> HostNames:
    """The names of a server that listens on an address, with those that its user allows besides."""
    names = LOOPBACK_NAMES | {name.lower().strip("[]") for name in allowed} | {listening.lower()}
    if is_loopback(listening):
        return HostNames(names)
    return HostNames(names | {socket.gethostname().lower()}, any_address=True)


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reachable from this machine only."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
