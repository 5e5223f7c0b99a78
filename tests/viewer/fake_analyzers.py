"""Stands in for the analyzers: publishes nine small pages that hold the words of the "CSV", manifest last.

    fake_analyzers.py DATA REPORTS [JOURNAL]

The first line of DATA may say what happens: "hang", "hang on", "fail TEXT", "part TEXT", "no data", "slow SECONDS".
JOURNAL gets one line a run.
"""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from analyzers.registry import REPORTS
from calls.file import fingerprint
from foundation.release import VERSION
from reporting.manifest import Manifest
from reporting.manifest_entries import DimensionsEntry, FileDigest, PageEntry, SourceEntry, Status
from settings.loader import load_settings

IDS = tuple(REPORTS)
POLICY = "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"


def page(title: str, text: str) -> bytes:
    """A page, padded to the size of a small real one."""
    filler = "".join(f"<p>{title} row {row}</p>" for row in range(2_000))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{title}</title></head>'
        f'<body class="report"><!--notice--><!--/notice-->'
        f'<h1>{title}</h1><p id="text">{text}</p>{filler}</body></html>'
    ).encode()


def put(path: Path, content: bytes) -> FileDigest:
    """Writes a file as the real publisher does, and returns its digest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.staged")
    staged.write_bytes(content)
    staged.replace(path)
    return FileDigest.of(content)


def entry(identity: str, text: str, reports: Path, source: str) -> PageEntry:
    """A page and its JSON report, on disk and as the manifest lists them."""
    file = put(reports / "html" / f"{identity}.html", page(identity, text))
    json_report = put(reports / "json" / f"{identity}.json", json.dumps({"text": text}).encode())
    now = datetime.now(UTC).isoformat()
    return PageEntry(
        identity, identity, "finops", 1, f"{identity}.html", "", Status.OK, "", "", now, source, source,
        "", "", None, (), (), (), file, json_report,
    )  # fmt: skip


def publish(reports: Path, text: str, data: Path, source: str, failed: str = "") -> str:
    """Publishes a whole set, the first report marked stale if one `failed`; returns its run id."""
    run_id = uuid.uuid4().hex
    shown = f"{text} {run_id}"
    pages = [entry(identity, shown, reports, source) for identity in IDS]
    if failed:
        pages[0] = replace(pages[0], status=Status.STALE, reason=failed)
    manifest = Manifest(
        tool_version=VERSION,
        settings_digest=load_settings().digest,
        settings_file=None,
        pricing_file=None,
        currency=None,
        run_id=run_id,
        generated_at=datetime.now(UTC).isoformat(),
        source=SourceEntry(
            str(data),
            1,
            data.stat().st_mtime_ns,
            source,
            1,
            1,
            0,
            0,
            0,
            "",
            "",
            "",
            "",
            "UTC",
            None,
            None,
            (),
            False,
            None,
            None,
            "1",
            torn_tail=False,
            gaps=(),
        ),
        dimensions=DimensionsEntry("", "", (), (), (), ()),
        entities=(),
        highlights=(),
        pages=tuple(pages),
        index=put(reports / "html" / "index.html", page("index", shown)),
        quality=put(reports / "json" / "data_quality.json", b"{}"),
    )
    put(reports / "html" / "manifest.json", json.dumps(manifest.as_json()).encode())
    return run_id


def hang_on(journal: str | None) -> None:
    """Does not end by SIGTERM, nor does the process that it starts, which is noted too."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    started = subprocess.Popen(["sleep", "3600"])
    with Path(journal or os.devnull).open("a") as lines:
        lines.write(f"{started.pid}\n")


def main(data: str, reports: str, journal: str | None = None) -> int:
    """One run."""
    if journal:
        with Path(journal).open("a") as lines:
            lines.write(f"{os.getpid()}\n")
    source = fingerprint.of_file(data) or ""
    content = Path(data).read_text()
    order, _, detail = content.partition("\n")[0].partition(" ")
    if order == "hang":
        if detail:
            hang_on(journal)
        time.sleep(3600)
    if order in {"fail", "no"}:
        print(f"❌ {detail}", file=sys.stderr)
        return 1 if order == "fail" else 3
    if order == "slow":
        time.sleep(float(detail))
    publish(Path(reports), content, Path(data), source, detail if order == "part" else "")
    return 1 if order == "part" else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
