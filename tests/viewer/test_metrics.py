"""/metrics in the text format of Prometheus: names, types and counts."""

import re
from pathlib import Path

from tests.viewer.harness import Viewer, viewer

SAMPLE = re.compile(r'^(finops_viewer_[a-z_]+)(\{[a-z]+="[^"]*"\})? (\S+)$')


def samples(running: Viewer) -> dict[str, float]:
    """Every sample by name and label; each line is checked against the format."""
    found = {}
    typed: set[str] = set()
    for line in running.get("/metrics").text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in {"counter", "gauge", "summary"}
            assert name not in typed
            typed.add(name)
        elif not line.startswith("# HELP "):
            match = SAMPLE.match(line)
            assert match, line
            assert match[1].removesuffix("_sum").removesuffix("_count") in typed
            found[match[1] + (match[2] or "")] = float(match[3])
    return found


def test_metrics_tell_what_happened(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        before = samples(running)
        assert before['finops_viewer_refreshes_total{outcome="succeeded"}'] == 1
        assert before['finops_viewer_refreshes_total{outcome="failed"}'] == 0
        assert before["finops_viewer_refresh_duration_seconds_count"] == 1
        assert before["finops_viewer_refresh_duration_seconds_sum"] > 0
        for _ in range(7):
            running.get("/none")
        running.data.write_text("fail for good")
        running.until_state("failed")
        after = samples(running)
        key = 'finops_viewer_requests_total{status="404"}'
        assert after[key] - before.get(key, 0) == 7
        assert after['finops_viewer_refreshes_total{outcome="failed"}'] >= 1
        assert 0 <= after["finops_viewer_data_age_seconds"] < 3_600
        assert (
            after["finops_viewer_reports_generated_timestamp_seconds"]
            > before["finops_viewer_start_time_seconds"]
        )


def test_without_data_nothing_is_invented(tmp_path: Path) -> None:
    with viewer(tmp_path, calls=None) as running:
        found = samples(running)
        assert "finops_viewer_data_age_seconds" not in found
        assert found['finops_viewer_refreshes_total{outcome="succeeded"}'] == 0


def test_status_has_the_fields_that_open_pages_read(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        status = running.status()
        assert set(status) == {"state", "run_id", "generated_at", "error", "data_age_seconds"}
        assert status["error"] is None
        assert 0 <= status["data_age_seconds"] < 3_600
        assert running.get("/status").headers["Content-Type"] == "application/json"
