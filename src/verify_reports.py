"""Checks that the pages on disk are the set that their manifest describes."""

if __name__ == "__main__":
    from foundation import environment

    environment.require()

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from foundation.console import Console, Parser, add_output_arguments, run
from foundation.outcome import ExitCode, NoUsableData
from foundation.places import ANALYZE, REPORTS, command, shown
from reporting.manifest import load_manifest, strays, verify, why_none
from reporting.manifest_entries import Status


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = Parser(
        description="Checks that the pages on disk are those of their manifest, whole and unchanged."
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=REPORTS,
        help="folder of html/ and json/ (default: reports/)",
    )
    add_output_arguments(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Verifies; names each file that differs or belongs to no set, and each page that is not of the last run."""
    options = arguments(argv)
    console = Console(quiet=options.quiet, json_output=options.json)
    manifest = load_manifest(options.out)
    if manifest is None:
        again = command(ANALYZE, {"--out": options.out})
        raise NoUsableData(f"{shown(options.out)}: {why_none(options.out, again)}")
    wrong, stray = verify(manifest, options.out), strays(manifest, options.out)
    behind = [page.id for page in manifest.pages if page.status is not Status.OK]
    again = command(ANALYZE, {"--data": manifest.source.path, "--out": options.out})
    for name in wrong:
        console.failure(f"{name} differs from the manifest; run `{again}` again.")
    for name in stray:
        console.failure(f"{name} is not in the manifest: no run keeps it up to date; move it elsewhere.")
    for identity in behind:
        console.warning(f"{identity} is not of the last run.")
    if not (wrong or stray):
        console.success(f"{len(manifest.pages)} pages of run {manifest.run_id} are whole.")
    console.result(
        {
            "run_id": manifest.run_id,
            "pages": len(manifest.pages),
            "differ": list(wrong),
            "stray": list(stray),
            "behind": behind,
        }
    )
    return ExitCode.FAILED if wrong or stray else ExitCode.OK


if __name__ == "__main__":
    sys.exit(run(main))
