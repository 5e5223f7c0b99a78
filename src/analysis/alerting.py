"""What a run makes of its alerts: exit code 5 with `--fail-on`, and a notice to the webhooks of `--notify`."""

import argparse
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from foundation.console import Console
from foundation.outcome import ExitCode, UsageError
from foundation.release import NAME
from foundation.secret_files import secret_lines

if TYPE_CHECKING:
    from delivery.webhook import Webhook
    from reporting.document import Level
    from reporting.manifest_entries import AlertEntry
    from reporting.summary import Summary

FAIL_ON = ("warning", "critical")
"""The levels that can fail a run."""
MOST_ALERTS = 10
"""How many alerts a notice names."""
URLS_VARIABLE = "NOTIFY_URL"


@dataclass(frozen=True)
class Thresholds:
    """The level from which an alert fails the run (None: no alert does), and the webhooks that are notified."""

    level: "Level | None"
    webhooks: "tuple[Webhook, ...]"


def add_alert_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds `--fail-on`, `--notify` and `--notify-file`."""
    parser.add_argument(
        "--fail-on",
        choices=FAIL_ON,
        help="exit with 5 when a budget, margin or alert threshold is crossed; the pages are written",
    )
    parser.add_argument(
        "--notify",
        metavar="URL",
        action="append",
        help="post a short notice to this webhook when --fail-on fires; may be given several times; other users of the "
        f"machine can see it: {URLS_VARIABLE} and --notify-file keep it secret",
    )
    parser.add_argument(
        "--notify-file", metavar="FILE", type=Path, help="the same for the webhooks in a file, one URL a line"
    )


def thresholds_from(options: argparse.Namespace) -> Thresholds:
    """The thresholds of the flags and the environment.

    Raises:
        UsageError: a webhook without `--fail-on`, or an address that is not valid.
    """
    if options.fail_on is None:
        if options.notify or options.notify_file:
            flag = "--notify" if options.notify else "--notify-file"
            raise UsageError(
                f"{flag} says who is told when --fail-on fires: give --fail-on warning or critical too."
            )
        return Thresholds(None, ())
    from delivery.webhook import webhook  # noqa: PLC0415  most runs tell nobody
    from reporting.document import Level  # noqa: PLC0415

    named = dict(_named(options))
    return Thresholds(Level(options.fail_on), tuple(webhook(url, where) for url, where in named.items()))


def _named(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Each address of a webhook, and where it was named; the environment counts where no flag does."""
    for url in options.notify or ():
        yield url, "--notify"
    if options.notify_file:
        for url in secret_lines(options.notify_file, "--notify-file"):
            yield url, f"--notify-file {options.notify_file}"
    if not (options.notify or options.notify_file):
        for url in os.environ.get(URLS_VARIABLE, "").split():
            yield url, URLS_VARIABLE


def act_on(
    summary: "Summary", reports: Collection[str], thresholds: Thresholds, console: Console
) -> ExitCode:
    """Says which alerts these reports raise, tells the webhooks, and gives the exit code.

    A webhook that cannot be told is said on stderr; the exit code is the alerts' all the same.
    """
    alerts = summary.alerts_from(thresholds.level, reports) if thresholds.level else ()
    for alert in alerts:
        console.warning(f"{alert.level}: {alert.title}")
    if not alerts:
        return ExitCode.OK
    if thresholds.webhooks:
        _tell(thresholds.webhooks, notice(summary, alerts), console)
    return ExitCode.THRESHOLD


def _tell(webhooks: "Sequence[Webhook]", text: str, console: Console) -> None:
    from delivery.webhook import post  # noqa: PLC0415

    for hook in webhooks:
        error = post(hook, text)
        if error:
            console.failure(f"The notice did not reach {hook.host}: {error}.")
        else:
            console.say(f"Notice sent to {hook.host}")


def notice(summary: "Summary", alerts: "Sequence[AlertEntry]") -> str:
    """The text of a notice: how many alerts and of which data, each alert, and where it comes from."""
    from socket import gethostname  # noqa: PLC0415  most runs tell nobody

    head = f"{NAME}, AI cost alerts: {len(alerts)}. {summary.lines[0].text}."
    # A line break in a name would begin a line that looks like one of ours.
    named = [
        " ".join(f"• {alert.level}: {alert.title}. {alert.text}".split()) for alert in alerts[:MOST_ALERTS]
    ]
    rest = len(alerts) - len(named)
    more = [f"and {rest} more"] if rest else []
    return "\n".join([head, *named, *more, f"Run {summary.manifest.run_id} on {gethostname()}"])
