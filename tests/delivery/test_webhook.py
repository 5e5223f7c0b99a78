"""Notices to a webhook: a real server takes them, refuses them, drips, redirects or is not there."""

import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from delivery.webhook import TEXT_LIMIT, Webhook, post, webhook
from foundation.outcome import UsageError
from tests.running import run_script


class Hook(ThreadingHTTPServer):
    """Answers each notice with the next of `answers`, 200 when there is none left."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.notices: list[tuple[str, str, bytes]] = []
        self.answers: list[int] = []
        self.authorizations: list[str] = []
        self.drip = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/T0/B0/secret"


class Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.authorizations += self.headers.get_all("Authorization") or []
        self.server.notices.append((self.path, self.headers["Content-Type"], body))
        if self.server.drip.is_set():
            self._drip()
            return
        code = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(code)
        if 300 <= code < 400:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.end_headers()

    do_GET = do_POST  # noqa: N815

    def _drip(self) -> None:
        while self.server.drip.is_set():
            try:
                self.wfile.write(b"H")
            except OSError:
                return
            time.sleep(0.05)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.drip.clear()
    server.shutdown()
    thread.join()
    server.server_close()


def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/secret"


def alarmed(small_csv, tmp_path, *flags, code=5, env=None):
    settings = tmp_path / "settings.toml"
    settings.write_text("[alerts]\nmargin_floor_warning = 0.999\nmargin_floor_critical = 0.99\n")
    return run_script(
        "run_all_analyzers.py", "--data", small_csv, "--out", tmp_path / "reports", "--settings", settings,
        "--only", "customer_profitability", *flags, code=code, **({"env": env} if env else {}),
    )  # fmt: skip


def test_a_crossed_threshold_posts_one_text_that_slack_understands(small_csv, tmp_path, hook):
    said = alarmed(small_csv, tmp_path, "--fail-on", "critical", "--notify", hook.url)
    ((path, kind, body),) = hook.notices
    assert path == "/services/T0/B0/secret"
    assert kind.startswith("application/json")
    notice = json.loads(body)
    assert list(notice) == ["text"]
    assert notice["text"].startswith("Revenium FinOps Showcase, AI cost alerts: ")
    assert "small.csv" in notice["text"]
    assert "critical: The margin is " in notice["text"]
    assert "secret" not in said.stdout + said.stderr
    assert f"Notice sent to 127.0.0.1:{hook.server_port}" in said.stdout


def test_one_report_alone_notifies_too(small_csv, tmp_path, hook):
    settings = tmp_path / "settings.toml"
    settings.write_text("[alerts]\nmargin_floor_warning = 0.999\nmargin_floor_critical = 0.99\n")
    run_script(
        "analyzers/ubr/profitability.py", "--data", small_csv, "--out", tmp_path / "reports", "--settings", settings,
        "--fail-on", "critical", "--notify", hook.url, code=5,
    )  # fmt: skip
    assert len(hook.notices) == 1


def test_nothing_is_posted_when_no_threshold_is_crossed(small_csv, tmp_path, hook):
    run_script(
        "run_all_analyzers.py", "--data", small_csv, "--out", tmp_path, "--only", "customer_profitability",
        "--fail-on", "critical", "--notify", hook.url, "--quiet",
    )  # fmt: skip
    assert hook.notices == []


def test_a_webhook_that_is_not_there_is_said_and_the_exit_code_stays(small_csv, tmp_path):
    said = alarmed(small_csv, tmp_path, "--fail-on", "critical", "--notify", nobody(), "--quiet")
    assert "The notice did not reach 127.0.0.1:" in said.stderr
    assert "Connection refused" in said.stderr
    assert "secret" not in said.stderr
    assert "Traceback" not in said.stderr


def test_the_address_may_come_from_the_environment(small_csv, tmp_path, hook):
    import os

    environment = {**os.environ, "NOTIFY_URL": hook.url}
    alarmed(small_csv, tmp_path, code=0, env=environment)
    assert hook.notices == []
    alarmed(small_csv, tmp_path, "--fail-on", "critical", env=environment)
    assert len(hook.notices) == 1


def test_the_addresses_may_come_from_a_file(small_csv, tmp_path, hook):
    """One a line, as an editor that writes a byte order mark leaves them; no other user sees them."""
    secret = tmp_path / "webhooks"
    secret.write_text(f"\ufeff{hook.url}\r\n\r\n{hook.url}?second\n", encoding="utf-8")
    secret.chmod(0o600)
    said = alarmed(small_csv, tmp_path, "--fail-on", "critical", "--notify-file", secret)
    assert [path for path, _, _ in hook.notices] == [
        "/services/T0/B0/secret",
        "/services/T0/B0/secret?second",
    ]
    assert "secret" not in said.stdout + said.stderr
    said = alarmed(small_csv, tmp_path, "--notify-file", secret, code=2)
    assert "--notify-file says who is told" in said.stderr
    secret.chmod(0o644)
    assert (
        "chmod 600" in alarmed(small_csv, tmp_path, "--fail-on", "critical", "--notify-file", secret).stderr
    )


def test_user_and_password_of_an_address_are_a_header_and_never_shown(small_csv, tmp_path, hook):
    address = hook.url.replace("http://", "http://us%40er:p%3Ass%2Fword@")
    assert post(webhook(address, "--notify"), "a") == ""
    assert hook.authorizations == ["Basic " + base64.b64encode(b"us@er:p:ss/word").decode()]
    for known in (hook.url, nobody()):
        named = known.replace("http://", "http://user:hunter2@")
        hook.answers = [500] * 3
        said = alarmed(small_csv, tmp_path, "--fail-on", "critical", "--notify", named, "--quiet")
        assert "The notice did not reach 127.0.0.1:" in said.stderr
        assert "hunter2" not in said.stdout + said.stderr
    assert "hunter2" not in repr(webhook(named, "--notify"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U0123>", "&lt;@\u2060U0123&gt;"),
        ("<https://evil.example|Invoice>", "&lt;https:\u2060//evil.example|Invoice&gt;"),
        ("@here @all", "@\u2060here @\u2060all"),
        ("[Invoice](http://evil.example)", "[Invoice]\u2060(http:\u2060//evil.example)"),
        ("WWW.evil.example", "WWW\u2060.evil.example"),
        ("R&D &amp; more", "R&amp;D &amp;amp; more"),
        ("a\x1b[31m\u202eb", "a[31mb"),
        ("Łódź 東京 100 %", "Łódź 東京 100 %"),
    ],
)
def test_names_in_a_notice_call_nobody_and_lead_nowhere(hook, name, shown):
    assert post(Webhook(hook.url), f"• critical: {name}.\nRun 1") == ""
    assert json.loads(hook.notices[-1][2])["text"] == f"• critical: {shown}.\nRun 1"


def test_notify_without_fail_on_is_misuse(small_csv, tmp_path, hook):
    said = alarmed(small_csv, tmp_path, "--notify", hook.url, code=2)
    assert "--fail-on" in said.stderr


@pytest.mark.parametrize(
    "url",
    ["", "hooks.example.com", "ftp://example.com/a", "file:///etc/passwd", "http://", "http:///x",
     "http://a b/", "http://a/\n", "http://a:99999/", "http://a:b/", "http://[::1/", "https://ä.example/"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_before_anything_runs(url):
    with pytest.raises(UsageError, match="--notify takes the address of a webhook"):
        webhook(url, "--notify")


def test_an_answer_that_may_pass_is_tried_again_a_bounded_number_of_times(hook):
    hook.answers = [503, 429]
    assert post(Webhook(hook.url), "a", pause_seconds=0.01) == ""
    assert len(hook.notices) == 3
    hook.answers = [503] * 9
    assert post(Webhook(hook.url), "a", pause_seconds=0.01) == "answered 503"
    assert len(hook.notices) == 6


@pytest.mark.parametrize("code", [400, 403, 404, 301, 302, 307, 308])
def test_a_refusal_is_final_and_a_redirect_is_not_followed(hook, code):
    hook.answers = [code]
    assert post(Webhook(hook.url), "a", pause_seconds=0.01) == f"answered {code}"
    assert [path for path, _, _ in hook.notices] == ["/services/T0/B0/secret"]


def test_a_server_that_drips_is_given_up_once_and_for_all(hook):
    hook.drip.set()
    assert post(Webhook(hook.url), "a", answer_seconds=0.5) == "no answer within 0.5 s"
    assert len(hook.notices) == 1


def test_a_long_text_is_cut_at_the_limit(hook):
    for length, kept in ((TEXT_LIMIT, TEXT_LIMIT), (TEXT_LIMIT + 1, TEXT_LIMIT)):
        post(Webhook(hook.url), "x" * length)
        text = json.loads(hook.notices[-1][2])["text"]
        assert len(text) == kept
        assert text.endswith("…") == (length > TEXT_LIMIT)
