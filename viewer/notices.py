"""What the viewer itself has to say: a notice on top of the pages, and a page where there are none."""

import base64
import hashlib
import html
import re
from datetime import timedelta

from foundation.release import NAME

_PLACE = re.compile(rb"<!--notice-->")
_POLICY = re.compile(
    rb"""<meta\s+http-equiv=["']?Content-Security-Policy["']?\s+content="([^"]*)\"""", re.IGNORECASE
)
_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center;
  font: 1.05rem/1.6 system-ui, sans-serif;
  background: light-dark(#f5f6fb, #121826); color: light-dark(#1d2333, #e8ebf4); }
main { max-width: 40rem; margin: 1.5rem; padding: 2rem; border-radius: 1rem;
  background: light-dark(#fff, #1c2436); border-top: .4rem solid #667eea; }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; }
pre { padding: 1rem; border-radius: .5rem; overflow-x: auto; background: light-dark(#eef0f8, #0c111c); }
[role=alert] { border-left: .3rem solid light-dark(#880000, #ee6688); padding-left: .8rem; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY_OF_STYLE = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
)


def page_policy(page: bytes) -> str:
    """The policy that a page declares for itself, as a header, and that no other site may frame it."""
    match = _POLICY.search(page)
    declared = html.unescape(match[1].decode()).strip().rstrip(";") if match else "object-src 'none'"
    return f"{' '.join(declared.split())}; frame-ancestors 'none'"


def with_notice(page: bytes, text: str) -> bytes:
    """The page with an alert before everything else; readable without script or network."""
    notice = (
        '<div class="notice notice--critical" role="alert" id="viewer-notice">'
        f'<span class="notice__icon" aria-hidden="true">⚠</span><p>{html.escape(text)}</p></div>'
    ).encode()
    return _PLACE.sub(lambda match: match[0] + notice, page, count=1)


def building_page() -> bytes:
    """The landing page during the first run of the analyzers."""
    return _page(
        "Making the reports",
        '<p role="status" aria-busy="true">The analyzers are running. '
        "The overview appears here when they are done.</p>",
    )


def failed_page(text: str) -> bytes:
    """The landing page when the first run of the analyzers failed."""
    return _page(
        "No reports yet",
        f'<p role="alert">{html.escape(text)}</p><p>The viewer tries again by itself.</p>',
    )


def age(elapsed: timedelta) -> str:
    """How long ago, in words: "3 hours"."""
    seconds = max(0, int(elapsed.total_seconds()))
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {name}{'s' if count > 1 else ''}"
    return "less than a minute"


def _page(title: str, content: str) -> bytes:
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{title} - {NAME}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY_OF_STYLE}">'
        f"<style>{_STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{content}</main></body></html>\n"
    ).encode()
