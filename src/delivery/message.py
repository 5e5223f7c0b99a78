"""The mail itself: the ten-line summary as text and HTML, and the chosen pages attached.

Headers are refused, never repaired, when they hold a line break or another control character: such a value
is somebody's attempt to add headers of their own.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from hashlib import sha256
from html import escape
from pathlib import Path

from foundation.outcome import UsageError
from foundation.release import NAME
from reporting.manifest import HTML, Manifest
from reporting.manifest_entries import PageEntry
from reporting.summary import Summary, summary_of

HTML_BYTES_LIMIT = 100_000
"""Mail readers cut a body of more than 102 KB."""
ATTACHED = f"The pages of the {NAME} are attached; each opens in any browser, without a network."
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


@dataclass(frozen=True)
class Letter:
    """What every recipient gets: the same text and pages under a header of their own."""

    sender: str
    subject: str
    text: str
    html: str
    attachments: tuple[Path, ...]
    run_id: str

    def to(self, recipient: str) -> EmailMessage:
        """The message for one recipient; the same run gives the same Message-ID."""
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = recipient
        message["Subject"] = self.subject
        message["Date"] = formatdate(usegmt=True)
        digest = sha256(f"{self.run_id} {recipient.casefold()}".encode()).hexdigest()[:32]
        message["Message-ID"] = f"<{digest}@{Address(addr_spec=self.sender).domain}>"
        message.set_content(self.text)
        message.add_alternative(self.html, subtype="html")
        for path in self.attachments:
            message.add_attachment(
                path.read_bytes(),
                maintype="text",
                subtype="html",
                filename=path.name,
                params={"charset": "utf-8"},
            )
        return message


def letter(manifest: Manifest, reports: Path, pages: Iterable[str], sender: str, subject: str) -> Letter:
    """The letter about a set of pages.

    Raises:
        UsageError: a header that holds control characters, an address that is none, or a page that there is not.
    """
    summary = summary_of(manifest)
    chosen = tuple(_page(manifest, identity) for identity in pages)
    default = f"{NAME}: AI costs, {manifest.source.first_day} to {manifest.source.last_day}"
    return Letter(
        sender=address(sender, "--from"),
        subject=header(subject or default, "--subject"),
        text=_text(summary),
        html=_html(summary),
        attachments=tuple(reports / HTML / page.filename for page in chosen),
        run_id=manifest.run_id,
    )


def address(text: str, flag: str) -> str:
    """A bare mail address.

    Raises:
        UsageError: it is none.
    """
    if not _ADDRESS.fullmatch(text) or not text.isascii():
        raise UsageError(f"{flag}: {header(text, flag)!r} is no mail address; write name@example.com.")
    return text


def header(text: str, flag: str) -> str:
    """A header's text.

    Raises:
        UsageError: it holds a line break or another control character.
    """
    if _CONTROL.search(text):
        raise UsageError(f"{flag} holds a line break or another control character; write it on one line.")
    return text


def _page(manifest: Manifest, identity: str) -> PageEntry:
    page = manifest.page(identity.removesuffix(".html"))
    if page is None:
        known = ", ".join(entry.id for entry in manifest.pages)
        raise UsageError(f"--pages {identity}: there is no such page; there are {known}.")
    return page


def _text(summary: Summary) -> str:
    return f"{summary.text}\n{ATTACHED}\n"


def _html(summary: Summary) -> str:
    rows = "".join(
        f"<tr><td><b>{escape(line.label)}</b></td><td>{escape(line.text)}</td></tr>\n"
        for line in summary.lines
    )
    head, foot = '<!doctype html>\n<html lang="en"><body>\n', f"<p>{ATTACHED}</p>\n</body></html>\n"
    body = f'{head}<table cellpadding="6">\n{rows}</table>\n{foot}'
    if len(body.encode()) > HTML_BYTES_LIMIT:
        return f"{head}<p>{escape(summary.lines[0].text[:1000])}</p>\n{foot}"
    return body
