"""Who may see the pages: which names the viewer answers to, and the password it may want."""

import base64
import binascii
import hmac
import ipaddress
import re
import secrets
from dataclasses import dataclass, field

PASSWORD_VARIABLE = "VIEWER_PASSWORD"  # noqa: S105  the name, not the word
"""The environment variable that may hold the password."""
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?", re.ASCII)


@dataclass(frozen=True)
class Access:
    """The rules of one running viewer.

    `names` are the host names it answers to, in lower case; `any_address` adds every literal address, which
    no foreign name can be made to point at. Without a password everybody who reaches it may read.
    """

    names: frozenset[str] = LOOPBACK_NAMES
    any_address: bool = False
    password: str | None = None
    cookie_name: str = "finops_viewer"
    """Cookies do not tell ports apart, so a second viewer on this host needs a name of its own."""
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """What the cookie of an admitted browser holds; another one at each start."""

    def answers_to(self, host: str) -> bool | None:
        """Whether `host`, the value of a Host header, names this viewer; None where it is malformed."""
        match = _HOST.fullmatch(host.strip())
        if match is None:
            return None
        name = match["name"].strip("[]").lower().rstrip(".")
        return name in self.names or (self.any_address and _is_address(name))

    def admits(self, *, cookie: str, authorization: str) -> bool:
        """Whether a request with these two headers ('' if absent) may read."""
        return (
            self.password is None
            or _same(_cookie_value(cookie, self.cookie_name), self.session)
            or self.is_password(_basic_password(authorization))
        )

    def is_password(self, attempt: str) -> bool:
        """Whether `attempt` is the password; takes equally long for every wrong one."""
        return self.password is not None and _same(attempt, self.password)

    def cookie(self) -> str:
        """The Set-Cookie value that admits a browser from now on."""
        return f"{self.cookie_name}={self.session}; Path=/; HttpOnly; SameSite=Strict"


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reachable from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(attempt: str, secret: str) -> bool:
    return hmac.compare_digest(attempt.encode("utf-8", "replace"), secret.encode("utf-8", "replace"))


def _cookie_value(header: str, name: str) -> str:
    """The value of one cookie, whatever other programs on this host name have left in the header."""
    for entry in header.split(";"):
        key, _, value = entry.strip().partition("=")
        if key == name:
            return value.strip('"')
    return ""


def _basic_password(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return pair.partition(":")[2]
