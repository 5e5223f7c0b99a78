"""Rows V14 to V16: the calls change, the analyzers fail or hang, the reports on disk are damaged."""

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.viewer.harness import Viewer, viewer

PAGES = ("/", "/index.html", "/finops_understanding.html", "/feature_economics.html")


def test_v14_fifty_requests_for_stale_pages_start_one_run(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        old = running.status()["run_id"]
        running.data.write_text("slow 1")
        seen: list[int] = []
        clients = [threading.Thread(target=lambda: seen.append(running.get("/").status)) for _ in range(50)]
        running.until_state("refreshing")
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert running.status()["run_id"] == old  # none of the fifty waited for the run
        assert seen == [200] * 50
        running.until_state("fresh")
        assert running.status()["run_id"] != old
        assert len(running.runs) == 2  # that of the start, and this one


def test_v14_old_pages_are_served_while_new_ones_are_made(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        running.data.write_text("slow 1")
        running.until_state("refreshing")
        assert b'<p id="text">first' in running.get("/").body
        assert b"role=" not in running.get("/").body
        running.until_state("fresh")
        assert b'<p id="text">slow 1' in running.get("/").body


def test_v14_rows_that_arrive_during_a_run_are_seen_after_it(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        running.data.write_text("slow 0.5")
        running.until_state("refreshing")
        with running.data.open("a") as file:
            file.write("\nlate row")
        running.until(lambda: b"late row" in running.get("/").body, "the late row")
        running.until_state("fresh")


def replace_with_an_older_file(running: Viewer) -> None:
    older = running.folder / "older.csv"
    older.write_text("older")
    os.utime(older, (1_000_000_000, 1_000_000_000))
    shutil.copy2(older, running.data)


def rewrite_with_the_same_size_and_time(running: Viewer) -> None:
    stat = running.data.stat()
    running.data.write_text("older")
    os.utime(running.data, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize("change", [replace_with_an_older_file, rewrite_with_the_same_size_and_time])
def test_v14_a_change_that_times_do_not_show_is_seen(
    tmp_path: Path, change: Callable[[Viewer], None]
) -> None:
    with viewer(tmp_path) as running:
        change(running)
        running.until(lambda: b'<p id="text">older' in running.get("/").body, "the older calls")


def test_v14_a_fresh_set_is_not_made_again(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        assert len(running.runs) == 1
    with viewer(tmp_path, calls=None, fresh=False) as again:
        again.until_state("fresh")
        assert len(again.runs) == 1


def test_v14_a_run_by_somebody_else_is_taken_over(tmp_path: Path) -> None:
    with viewer(tmp_path) as running, viewer(tmp_path, calls=None) as other:
        other.data.write_text("second")
        running.until(lambda: b"second" in running.get("/").body, "the new set")
        running.until_state("fresh")
        running.until(lambda: running.status()["run_id"] == other.status()["run_id"], "the same set in both")


def test_v14_other_settings_make_a_set_stale(tmp_path: Path) -> None:
    with viewer(tmp_path):
        pass
    settings = tmp_path / "settings.toml"
    settings.write_text("[service_levels]\nlatency_ms = 1234\n")
    with viewer(tmp_path, "--settings", str(settings), calls=None, fresh=False) as again:
        again.until(lambda: len(again.runs) > 1, "a second run")


def test_v15_a_failure_is_told_on_every_page_that_still_shows_old_figures(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        before = {path: running.get(path) for path in PAGES}
        running.data.write_text('fail the <disk> is "full"')
        running.until_state("failed")
        for path in PAGES:
            now = running.get(path)
            assert now.status == 200
            text = now.text
            assert 'role="alert"' in text
            assert "the &lt;disk&gt; is &quot;full&quot;" in text
            assert "Old figures are shown, made on" in text
            assert '<p id="text">first' in text
            assert now.headers["ETag"] != before[path].headers["ETag"]
            policy = now.headers["Content-Security-Policy"]
            assert policy == before[path].headers["Content-Security-Policy"]
        status = running.status()
        assert 'the <disk> is "full"' in status["error"]
        assert running.get("/health").text == "OK"


def test_v15_a_failure_does_not_tell_where_files_lie(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        running.data.write_text(f"fail {running.data}: cannot be read")
        running.until_state("failed")
        assert "calls.csv: cannot be read" in running.get("/").text
        assert str(tmp_path) not in running.get("/").text + running.get("/status").text


def test_v15_the_banner_goes_when_the_refresh_succeeds(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        running.data.write_text("fail once")
        running.until_state("failed")
        running.data.write_text("mended")
        running.until(lambda: b"mended" in running.get("/").body, "the new set")
        running.until_state("fresh")
        assert 'role="alert"' not in running.get("/").text
        assert running.status()["error"] is None


def test_v15_retries_wait_longer_each_time_and_not_for_requests(tmp_path: Path) -> None:
    with viewer(tmp_path, schedule={"first_retry": 3_600, "last_retry": 3_600}) as running:
        running.data.write_text("fail always")
        running.until_state("failed")
        for _ in range(100):
            running.get("/")
        assert len(running.runs) == 2


def test_v15_a_failure_is_tried_again_by_itself(tmp_path: Path) -> None:
    with viewer(tmp_path, schedule={"first_retry": 0.1}) as running:
        running.data.write_text("fail always")
        running.until(lambda: len(running.runs) >= 4, "further attempts")
        assert "Next attempt in 0 s." in running.log


def test_v15_a_run_that_hangs_is_stopped(tmp_path: Path) -> None:
    with viewer(tmp_path, "--refresh-timeout", "0.7") as running:
        running.data.write_text("hang")
        running.until_state("failed")
        assert "took longer than" in running.get("/").text
        assert not is_alive(int(running.runs[1]))
        assert 'finops_viewer_refreshes_total{outcome="timed_out"} ' in running.get("/metrics").text


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_v15_a_report_that_failed_alone_says_so_itself(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        running.data.write_text("part division by zero")
        running.until_state("failed")
        assert "finops_understanding: division by zero" in running.status()["error"]
        assert "part division" in running.get("/feature_economics.html").text  # the others are new
        assert 'id="viewer-notice"' not in running.get("/feature_economics.html").text


@pytest.mark.parametrize("calls", ["no There is not one good row.", None])
def test_v15_without_data_the_landing_page_names_the_command(tmp_path: Path, calls: str | None) -> None:
    with viewer(tmp_path, calls=calls, fresh=False) as running:
        running.until_state("failed")
        landing = running.get("/")
        assert landing.status == 200
        assert "python3 run_all_simulators.py" in landing.text
        assert running.get("/health").text == "No data"
        assert running.get("/finops_understanding.html").status == 404
        running.data.write_text("first")
        running.until(lambda: b'<p id="text">first' in running.get("/").body, "the first reports")
        assert running.get("/health").text == "OK"


def test_v15_calls_that_vanish_leave_the_old_pages_with_a_banner(tmp_path: Path) -> None:
    with viewer(tmp_path) as running:
        running.data.unlink()
        running.until_state("failed")
        assert "There are no calls" in running.get("/").text
        assert '<p id="text">first' in running.get("/").text
        assert (running.get("/health").status, running.get("/health").text) == (503, "No data")
        assert len(running.runs) == 1


def damage_a_page(reports: Path) -> None:
    (reports / "html" / "feature_economics.html").write_text("<html>torn")


def damage_a_json_report(reports: Path) -> None:
    (reports / "json" / "feature_economics.json").write_text("{")


def break_the_manifest(reports: Path) -> None:
    (reports / "html" / "manifest.json").write_text('{"format": 1, "run_id"')


def other_version(reports: Path) -> None:
    manifest = json.loads((reports / "html" / "manifest.json").read_text())
    (reports / "html" / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))


def point_outside(reports: Path) -> None:
    manifest = json.loads((reports / "html" / "manifest.json").read_text())
    manifest["pages"][0]["filename"] = "../../calls.csv"
    (reports / "html" / "manifest.json").write_text(json.dumps(manifest))


def lose_a_page(reports: Path) -> None:
    (reports / "html" / "pricing_strategy.html").unlink()


def lose_everything(reports: Path) -> None:
    shutil.rmtree(reports / "html")


DAMAGES = [
    damage_a_page, damage_a_json_report, break_the_manifest, other_version, point_outside, lose_a_page,
    lose_everything,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_v16_a_damaged_set_is_not_served_but_healed(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    with viewer(tmp_path) as running:
        run = running.status()["run_id"]
        damage(running.reports)
        while running.status()["run_id"] == run:
            for path in PAGES:
                shown = running.get(path)
                assert shown.status == 200
                assert '<p id="text">first' in shown.text
        running.until_state("fresh")
        assert len(running.runs) == 2


def test_v16_what_cannot_be_healed_is_told(tmp_path: Path) -> None:
    with viewer(tmp_path, schedule={"first_retry": 3_600, "last_retry": 3_600}) as running:
        running.data.write_text("fail no space left")
        running.until_state("failed")
        damage_a_page(running.reports)
        running.until(lambda: "no space left" in running.get("/feature_economics.html").text, "the banner")
        assert "<html>torn" not in running.get("/feature_economics.html").text


@pytest.mark.parametrize("damage", DAMAGES)
def test_v16_a_viewer_started_on_a_damaged_set_runs_the_analyzers_first(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    with viewer(tmp_path):
        pass
    damage(tmp_path / "reports")
    with viewer(tmp_path, calls=None, fresh=False) as again:
        assert "torn" not in again.get("/feature_economics.html").text
        again.until(lambda: again.get("/health").status == 200, "the healed set")
        assert len(again.runs) == 2
        assert '<p id="text">first' in again.get("/feature_economics.html").text
