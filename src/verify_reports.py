"""Checks that the pages on disk are the set that their manifest describes."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from calls.parquet.files import fingerprint_of
from foundation.console import Console, Parser, add_output_arguments, add_settings_arguments, run
from foundation.outcome import ExitCode, NoUsableData
from foundation.places import ANALYZE, REPORTS, command, shown
from foundation.release import VERSION
from reporting.freshness import are_current
from reporting.manifest import Manifest, load_manifest, strays, verify, why_none
from reporting.manifest_entries import Status
from settings.currency_choice import add_currency_arguments, currency_from, digest_with
from settings.loader import load_settings


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = Parser(
        description="Checks that the pages on disk are those of their manifest, whole and unchanged, "
        "and with --data that the analyzers would make the same pages again."
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=REPORTS,
        help="folder of html/ and json/ (default: reports/)",
    )
    parser.add_argument(
        "--data",
        metavar="FILE",
        help="also check that these calls, the settings and this version are those of the pages",
    )
    parser.add_argument(
        "--fingerprint",
        action="store_true",
        help="print the fingerprint of the calls of --data and nothing else; the exit code is the same",
    )
    add_settings_arguments(parser)
    add_currency_arguments(parser)
    add_output_arguments(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Verifies; names each file that differs or belongs to no set, and each page that is not of the last run."""
    options = arguments(argv)
    if options.fingerprint:
        print(fingerprint_of(options.data or "") or "")  # noqa: T201  nothing else, for scripts
        options.quiet = True
    console = Console(quiet=options.quiet, json_output=options.json)
    manifest = load_manifest(options.out)
    if manifest is None:
        again = command(ANALYZE, {"--out": options.out})
        raise NoUsableData(f"{shown(options.out)}: {why_none(options.out, again)}")
    wrong, stray = verify(manifest, options.out), strays(manifest, options.out)
    behind = [page.id for page in manifest.pages if page.status is not Status.OK]
    again = command(ANALYZE, {"--data": options.data or manifest.source.path, "--out": options.out})
    for name in wrong:
        console.failure(f"{name} differs from the manifest; run `{again}` again.")
    for name in stray:
        console.failure(f"{name} is not in the manifest: no run keeps it up to date; move it elsewhere.")
    for identity in behind:
        console.warning(f"{identity} is not of the last run.")
    stale = options.data is not None and not _same(manifest, options)
    if stale:
        console.failure(
            f"The pages were not made from {options.data} and the settings as they are; run `{again}`."
        )
    if not (wrong or stray):
        console.success(f"{len(manifest.pages)} pages of run {manifest.run_id} are whole.")
    console.result(
        {
            "run_id": manifest.run_id,
            "pages": len(manifest.pages),
            "differ": list(wrong),
            "stray": list(stray),
            "behind": behind,
            "stale": stale,
        }
    )
    # What no run made, no run heals: who asks whether to run again need not know of it.
    bad = wrong or stale or (stray and not options.fingerprint)
    return ExitCode.FAILED if bad else ExitCode.OK


def _same(manifest: Manifest, options: argparse.Namespace) -> bool:
    """Whether the analyzers would make the same pages anew."""
    digest = digest_with(currency_from(options), load_settings(options.settings, options.pricing).digest)
    return are_current(manifest, options.data, digest, VERSION)


if __name__ == "__main__":
    sys.exit(run(main))
