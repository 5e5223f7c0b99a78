"""Stands in for the analyzers: publishes nine small pages that hold the words of the "CSV", manifest last.

    fake_analyzers.py DATA REPORTS [JOURNAL]

The first line of DATA may say what happens: "hang", "fail TEXT", "no data", "slow SECONDS", "crash". JOURNAL
gets one line a run.
"""

import hashlib
import json
import os
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from calls import fingerprint

IDS = (
    "finops_understanding", "finops_performance", "finops_realtime", "finops_optimization",
    "finops_alignment", "customer_profitability", "pricing_strategy", "feature_economics",
)  # fmt: skip
POLICY = "default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"


def page(title: str, text: str) -> bytes:
    """A page, padded to the size of a real one."""
    filler = "".join(f"<p>{title} row {row}</p>" for row in range(2_000))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{title}</title></head>'
        f'<body class="report"><h1>{title}</h1><p id="text">{text}</p>{filler}</body></html>'
    ).encode()


def put(path: Path, content: bytes) -> str:
    """Writes a file as the real publisher does, and returns its digest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.staged")
    staged.write_bytes(content)
    os.replace(staged, path)  # noqa: PTH105
    return hashlib.sha256(content).hexdigest()


def publish(reports: Path, text: str, source: str, *, last_call: str | None = None) -> str:
    """Publishes a whole set; returns its run id."""
    run_id = uuid.uuid4().hex
    pages = []
    for id_ in ("index", *IDS):
        content = page(id_, f"{text} {run_id}")
        pages.append(
            {
                "id": id_,
                "title": id_,
                "filename": f"{id_}.html",
                "sha256": put(reports / "html" / f"{id_}.html", content),
            }
        )
    manifest = {
        "format": 1,
        "run_id": run_id,
        "generated_at": datetime.now(UTC).isoformat(),
        "source": {
            "fingerprint": source,
            "period": {"last": last_call or datetime.now(UTC).isoformat()},
        },
        "pages": pages,
    }
    put(reports / "html" / "manifest.json", json.dumps(manifest).encode())
    return run_id


def main(data: str, reports: str, journal: str | None = None) -> int:
    """One run."""
    if journal:
        with Path(journal).open("a") as lines:
            lines.write(f"{os.getpid()}\n")
    fingerprint_before = fingerprint.of_file(data) or ""
    content = Path(data).read_bytes()
    order, _, detail = content.decode().partition("\n")[0].partition(" ")
    if order == "hang":
        time.sleep(3600)
    if order == "fail":
        print(f"❌ {detail}", file=sys.stderr)
        return 1
    if order == "no":
        print("❌ There is not one good row.", file=sys.stderr)
        return 3
    if order == "slow":
        time.sleep(float(detail))
    publish(Path(reports), content.decode(), fingerprint_before)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
