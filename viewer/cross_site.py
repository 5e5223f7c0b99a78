"""Which requests were caused by a page of another site, which any page that a user opens can do.

A browser says where a request comes from: by `Sec-Fetch-Site` (Fetch Metadata, to addresses it trusts, this
machine among them), by `Origin` where a script or a form sends it, by `Referer` elsewhere. Programs that are no
browsers say nothing of it. Another port of the same host counts as another site: another program serves it.
"""

from collections.abc import Mapping
from enum import Enum, auto
from urllib.parse import urlsplit

_OWN = frozenset({"same-origin", "none"})
"""From a page of ours, or from the user: an address typed in, a bookmark."""
_DEFAULT_PORTS = (":80", ":443")


class Sender(Enum):
    """Who caused a request."""

    OURS = auto()
    """A page of this viewer, the user, or a program."""
    LINK = auto()
    """A page of another site that leads the user here, as links do: the answer is shown to the user alone."""
    FOREIGN = auto()
    """A page of another site that loads or sends something behind the user's back."""


def sender_of(headers: Mapping[str, str]) -> Sender:
    """Who caused the request with these headers."""
    site = headers.get("Sec-Fetch-Site", "").strip().lower()
    if site:
        return Sender.OURS if site in _OWN else _led_or_loaded(headers)
    host = _authority(f"//{headers.get('Host', '')}")
    if "Origin" in headers:
        return Sender.OURS if _authority(headers["Origin"]) == host else Sender.FOREIGN
    if "Referer" in headers and _authority(headers["Referer"]) != host:
        return Sender.LINK
    return Sender.OURS


def _led_or_loaded(headers: Mapping[str, str]) -> Sender:
    """A user is led to a page only in a tab; a frame is part of the page around it."""
    asked = (headers.get("Sec-Fetch-Mode", ""), headers.get("Sec-Fetch-Dest", ""))
    return Sender.LINK if asked == ("navigate", "document") else Sender.FOREIGN


def _authority(address: str) -> str:
    """Host and port of an address, without the port that its scheme has anyway; '' if it has none."""
    try:
        found = urlsplit(address.strip()).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
    for port in _DEFAULT_PORTS:
        found = found.removesuffix(port)
    return found
