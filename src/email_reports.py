"""Sends pages by mail: a short summary as the text, the chosen pages as attachments."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.ledger import Ledger
from delivery.message import Letter, address, letter
from delivery.smtp_delivery import Delivery, Server, deliver
from foundation.console import Console, Parser, add_output_arguments, run
from foundation.outcome import ExitCode, NoUsableData, UsageError
from foundation.places import ANALYZE, REPORTS, command, shown, text_of
from reporting.manifest import load_manifest, verify

LEDGER = "delivered.jsonl"
PORTS = {"starttls": 587, "tls": 465, "none": 25}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
DEFAULT_PAGES = ("finops_understanding", "customer_profitability")


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line; what a flag leaves out comes from the environment."""
    parser = Parser(
        description="Sends pages by mail.",
        epilog="The password is taken from SMTP_PASSWORD or --password-file, never from a flag.",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=REPORTS,
        help="folder of html/ and json/ (default: reports/)",
    )
    parser.add_argument(
        "--to",
        metavar="ADDRESS",
        action="append",
        help="recipient; may be given several times (REPORT_TO, comma-separated)",
    )
    parser.add_argument("--from", metavar="ADDRESS", dest="sender", help="sender (REPORT_FROM)")
    parser.add_argument("--subject", help="the subject (default: the period of the reports)")
    parser.add_argument(
        "--pages",
        metavar="ID",
        action="append",
        help=f"page to attach; may be given several times (default: {', '.join(DEFAULT_PAGES)})",
    )
    _add_server_arguments(parser)
    parser.add_argument(
        "--again", action="store_true", help="send also to recipients who have these pages already"
    )
    add_output_arguments(parser)
    return parser.parse_args(argv)


def _add_server_arguments(parser: Parser) -> None:
    """Flags of the mail server, which the environment may name instead."""
    parser.add_argument("--host", help="mail server (SMTP_HOST)")
    parser.add_argument(
        "--port", type=int, help="its port (SMTP_PORT; default 587 for starttls, 465 for tls)"
    )
    parser.add_argument(
        "--security",
        choices=sorted(PORTS),
        help="encryption of the connection (SMTP_SECURITY; default starttls); none only on loopback",
    )
    parser.add_argument("--user", help="user name at the mail server (SMTP_USER)")
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="file that holds the password")
    parser.add_argument("--ca-file", metavar="FILE", help="certificates to trust instead of the system's")
    parser.add_argument(
        "--timeout",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="how many seconds to wait for an answer",
    )


def server(options: argparse.Namespace) -> Server:
    """The mail server of the flags and the environment.

    Raises:
        UsageError: no host, a port that is none, or a line without TLS beyond loopback.
    """
    host = options.host or os.environ.get("SMTP_HOST")
    if not host:
        raise UsageError("No mail server is named: give --host or set SMTP_HOST.")
    security = options.security or os.environ.get("SMTP_SECURITY") or "starttls"
    if security not in PORTS:
        raise UsageError(f"SMTP_SECURITY={security} is none of {', '.join(PORTS)}.")
    if security == "none" and host not in LOOPBACK:
        raise UsageError(f"--security none would send the pages readable to {host}: use starttls or tls.")
    port = str(options.port or os.environ.get("SMTP_PORT") or PORTS[security])
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(f"SMTP_PORT={port} is no port; give a number from 1 to 65535.")
    user = options.user or os.environ.get("SMTP_USER", "")
    return Server(
        host=host,
        port=int(port),
        security=security,
        user=user,
        password=_password(options.password_file),
        timeout_seconds=options.timeout,
        ca_file=options.ca_file,
    )


def _password(file: Path | None) -> str:
    if file is None:
        return os.environ.get("SMTP_PASSWORD", "")
    return text_of(file, f"--password-file {file}").strip("\r\n")


def recipients(options: argparse.Namespace) -> list[str]:
    """The addresses, each once.

    Raises:
        UsageError: there is none, or one is no address.
    """
    given = options.to or [
        part.strip() for part in os.environ.get("REPORT_TO", "").split(",") if part.strip()
    ]
    if not given:
        raise UsageError("No recipient: give --to or set REPORT_TO.")
    return list(dict.fromkeys(address(entry, "--to") for entry in given))


def prepared(options: argparse.Namespace) -> Letter:
    """The letter about the set of pages, which must be whole.

    Raises:
        NoUsableData: there are no pages, or they are not those of their manifest.
        UsageError: a header that cannot be used.
    """
    manifest = load_manifest(options.out)
    if manifest is None or verify(manifest, options.out):
        flags = {"--data": manifest.source.path if manifest else None, "--out": options.out}
        raise NoUsableData(
            f"{shown(options.out)} holds no whole set of pages: run `{command(ANALYZE, flags)}` first."
        )
    pages = options.pages or [page for page in DEFAULT_PAGES if manifest.page(page)]
    sender = options.sender or os.environ.get("REPORT_FROM") or ""
    if not sender:
        raise UsageError("No sender: give --from or set REPORT_FROM.")
    return letter(manifest, options.out, pages, sender, options.subject or "")


def report(deliveries: Sequence[Delivery], skipped: Sequence[str], console: Console) -> int:
    """Says who got it and who did not."""
    for entry in deliveries:
        if entry.error:
            console.failure(f"{entry.recipient}: {entry.error}")
        else:
            console.success(f"Sent to {entry.recipient}")
    for recipient in skipped:
        console.say(f"{recipient} got these pages already (--again sends them once more)")
    failed = [entry.recipient for entry in deliveries if entry.error]
    sent = [entry.recipient for entry in deliveries if not entry.error]
    console.result({"sent": sent, "failed": failed, "skipped": list(skipped)})
    return ExitCode.FAILED if failed else ExitCode.OK


def main(argv: Sequence[str] | None = None) -> int:
    """Checks everything, then sends."""
    options = arguments(argv)
    console = Console(quiet=options.quiet, json_output=options.json)
    wanted = recipients(options)
    letter_to_send = prepared(options)
    mail_server = server(options)
    ledger = Ledger(options.out / LEDGER, letter_to_send.run_id)
    skipped = [] if options.again else [recipient for recipient in wanted if ledger.has(recipient)]
    waiting = [recipient for recipient in wanted if recipient not in skipped]
    deliveries = deliver(mail_server, waiting, letter_to_send.to, on_delivered=ledger.remember)
    return report(deliveries, skipped, console)


if __name__ == "__main__":
    sys.exit(run(main))
