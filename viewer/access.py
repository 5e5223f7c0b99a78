"""Who may see the pages: host names (`--allowed-host`), the password (`--auth-file`), guesses."""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass, field

from foundation.host_names import HostNames

PASSWORD_VARIABLE = "VIEWER_PASSWORD"  # noqa: S105  the name, not the word
"""The environment variable that may hold the password."""
_HOLDER_BITS = 64


@dataclass(frozen=True)
class Access:
    """The rules of one running viewer.

    Without a password everybody who reaches it may read.
    """

    hosts: HostNames = field(default_factory=HostNames)
    password: str | None = None
    cookie_name: str = "finops_viewer"
    """Cookies do not tell ports apart, so a second viewer on this host needs a name of its own."""
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """What the cookie of an admitted browser holds; another one at each start."""

    def knows(self, cookie: str) -> bool:
        """Whether a Cookie header ('' if absent) is that of an admitted browser, or none is needed."""
        given = _cookie_values(cookie, self.cookie_name)
        return self.password is None or any(_same(value, self.session) for value in given)

    def is_password(self, attempt: str) -> bool:
        """Whether `attempt` is the password; takes equally long for every wrong one."""
        return self.password is not None and _same(attempt, self.password)

    def cookie(self) -> str:
        """The Set-Cookie value that admits a browser from now on."""
        return f"{self.cookie_name}={self.session}; Path=/; HttpOnly; SameSite=Strict"


class Guesses:
    """Counts wrong passwords by client: who tries hundreds is told to wait, and the log shows it."""

    def __init__(self, allowed: int = 20, seconds: float = 60.0, clients: int = 10_000) -> None:
        """Allows so many wrong passwords in so many seconds, and remembers so many clients."""
        self._allowed = allowed
        self._seconds = seconds
        self._clients = clients
        self._wrong: dict[str, tuple[int, float]] = {}

    def exhausted(self, client: str, now: float) -> bool:
        """Whether this client has to wait before it may try again."""
        count, until = self._wrong.get(_network(client), (0, 0.0))
        return count >= self._allowed and now < until

    def wrong(self, client: str, now: float) -> None:
        """Counts one more; the time runs from the first."""
        client = _network(client)
        count, until = self._wrong.get(client, (0, 0.0))
        if now >= until:
            count, until = 0, now + self._seconds
        if client not in self._wrong and len(self._wrong) >= self._clients:
            self._wrong.pop(next(iter(self._wrong)))
        self._wrong[client] = (count + 1, until)


def _network(client: str) -> str:
    """Who counts as one client: an address, and of IPv6 the network, since each holder has very many addresses."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((int(address), _HOLDER_BITS), strict=False))


def _same(attempt: str, secret: str) -> bool:
    """Compares digests, which are equally long: the time tells nothing, not even the secret's length."""
    digests = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (attempt, secret)]
    return hmac.compare_digest(*digests)


def _cookie_values(header: str, name: str) -> list[str]:
    """The values of the cookies of a name, whatever other programs on this host name have left in the header."""
    entries = (entry.strip().partition("=") for entry in header.split(";"))
    return [value.strip('"') for key, _, value in entries if key == name]


def basic_password(header: str) -> str:
    """The password of an Authorization header of the basic scheme; '' if it has none."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return pair.partition(":")[2]
