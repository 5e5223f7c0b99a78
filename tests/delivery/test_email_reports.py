"""Rows E1 to E3 of the faults: pages by mail through a real SMTP server with STARTTLS."""

import email
import email.policy
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.mail_sink import Sink, sinking
from tests.running import SRC, run_script

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return authority, path


@pytest.fixture
def sink(authority: tuple[trustme.CA, Path]) -> Iterator[tuple[Sink, list[object]]]:
    """The sink and the flags that reach it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert("localhost").configure_cert(context)

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        known = getattr(data, "password", b"") == PASSWORD.encode()
        return AuthResult(success=known, handled=False)

    secured = {"tls_context": context, "require_starttls": True, "authenticator": authenticate}
    with sinking(auth_required=True, **secured) as (handler, port):
        yield (
            handler,
            ["--host", "localhost", "--port", port, "--ca-file", authority[1], "--user", "reporter"],
        )


@pytest.fixture
def reports(small_reports: Path, tmp_path: Path) -> Path:
    return shutil.copytree(small_reports, tmp_path / "reports")


def send(reports: Path, flags: list[object], *more: object, code: int = 0, password: str = PASSWORD) -> str:
    done = run_script(
        "email_reports.py", "--out", reports, "--from", "finops@example.com", *flags, *more,
        code=code, env={**os.environ, "SMTP_PASSWORD": password},
    )  # fmt: skip
    return done.stdout + done.stderr


def test_e2_message_has_text_html_and_the_pages(sink, reports):
    handler, flags = sink
    said = send(reports, flags, "--to", "cfo@example.com")
    ((recipient, content),) = handler.received
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert recipient == "cfo@example.com"
    assert message["To"] == "cfo@example.com"
    html = message.get_body(("html",)).get_content()
    text = message.get_body(("plain",)).get_content()
    assert "<script" not in html
    assert len(html.encode()) < 102_400
    assert text.startswith("Data  ")
    assert "The pages of the Revenium FinOps Showcase are attached" in text
    assert message["Subject"].startswith("Revenium FinOps Showcase: AI costs, ")
    assert (reports / "summary.txt").read_text(encoding="utf-8").rstrip() in text.replace("\r\n", "\n")
    attached = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    for name, page in attached.items():
        assert page.replace("\r\n", "\n") == (reports / "html" / name).read_text(encoding="utf-8")
    assert "customer_profitability.html" in attached
    assert PASSWORD not in said


def test_e2_password_is_no_flag(reports):
    done = run_script("email_reports.py", "--password", "x", code=2)
    assert "--help" in done.stderr


def test_e2_a_server_without_starttls_gets_nothing(reports):
    with sinking() as (handler, port):
        said = send(reports, ["--host", "127.0.0.1", "--port", port], "--to", "a@example.com", code=1)
    assert handler.received == []
    assert "STARTTLS" in said
    assert "set SMTP_SECURITY=tls, or none for a server on this machine" in said
    assert "Traceback" not in said


def test_e2_no_readable_line_beyond_loopback(reports):
    said = send(
        reports, ["--host", "mail.example.com", "--security", "none"], "--to", "a@example.com", code=2
    )
    assert "starttls or tls" in said


@pytest.mark.parametrize("sign", ["\r", "\n", "\n\n", "\x0b", "\x85", "\u2028"])
@pytest.mark.parametrize("flag", ["--subject", "--to", "--from"])
def test_e1_a_header_with_a_line_break_is_refused_before_connecting(sink, reports, flag, sign):
    handler, flags = sink
    to = [] if flag == "--to" else ["--to", "a@example.com"]
    send(reports, flags, *to, flag, f"a{sign}Bcc: all@example.com", code=2)
    assert handler.attempts == []


@pytest.mark.parametrize(
    "bad", ["nobody", "a@", "@example.com", "a@b@c", "a b@example.com", "<a@example.com>", "ä@example.com"]
)
def test_e1_what_is_no_address_is_refused(reports, bad):
    assert "no mail address" in send(reports, ["--host", "127.0.0.1"], "--to", bad, code=2)


def test_e1_a_page_that_is_none_is_refused(sink, reports):
    handler, flags = sink
    said = send(reports, flags, "--to", "a@example.com", "--pages", "../../etc/passwd", code=2)
    assert "customer_profitability" in said
    assert handler.attempts == []


def test_e3_a_recipient_refused_for_good_is_named_and_not_tried_again(sink, reports):
    handler, flags = sink
    handler.answers["gone@example.com"] = ["550 no such user"] * 9
    said = send(reports, flags, "--to", "gone@example.com", "--to", "cfo@example.com", code=1)
    assert "gone@example.com: refused: 550" in said
    assert [address for address, _ in handler.received] == ["cfo@example.com"]
    assert handler.attempts.count("gone@example.com") == 1


def test_e3_a_passing_refusal_is_tried_again_and_nobody_else_is(sink, reports):
    handler, flags = sink
    handler.answers["later@example.com"] = ["451 come again"]
    send(reports, flags, "--to", "later@example.com", "--to", "cfo@example.com")
    assert sorted(address for address, _ in handler.received) == ["cfo@example.com", "later@example.com"]
    assert handler.attempts.count("later@example.com") == 2


def test_e3_a_second_run_sends_to_nobody_twice(sink, reports):
    handler, flags = sink
    send(reports, flags, "--to", "cfo@example.com")
    said = send(reports, flags, "--to", "CFO@example.com", "--to", "new@example.com")
    assert [address for address, _ in handler.received] == ["cfo@example.com", "new@example.com"]
    assert "already" in said
    send(reports, flags, "--to", "cfo@example.com", "--again")
    assert len(handler.received) == 3


def test_e3_no_server_ends_with_one_sentence(reports):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        flags: list[object] = ["--host", "127.0.0.1", "--port", taken.getsockname()[1], "--timeout", "2"]
        said = send(reports, flags, "--to", "a@example.com", code=1)
    assert "a@example.com: no connection" in said
    assert "Traceback" not in said


def test_e3_a_wrong_password_is_said_and_not_printed(sink, reports):
    handler, flags = sink
    said = send(reports, flags, "--to", "a@example.com", code=1, password="guessed wrong")
    assert "user name or password" in said
    assert "guessed wrong" not in said
    assert handler.received == []


def test_pages_that_differ_from_their_manifest_are_not_sent(sink, reports):
    handler, flags = sink
    page = reports / "html" / "customer_profitability.html"
    page.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert "run_all_analyzers" in send(reports, flags, "--to", "a@example.com", code=3)
    assert handler.attempts == []


def test_e2_tls_from_the_first_byte_works_too(authority, reports):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert("localhost").configure_cert(context)
    with sinking(ssl_context=context) as (handler, port):
        flags = ["--host", "localhost", "--port", port, "--security", "tls", "--ca-file", authority[1]]
        send(reports, flags, "--to", "a@example.com")
    assert len(handler.received) == 1


def test_e2_a_server_of_another_name_gets_nothing(authority, reports):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert("elsewhere.example").configure_cert(context)
    with sinking(tls_context=context, require_starttls=True) as (handler, port):
        flags = ["--host", "localhost", "--port", port, "--ca-file", authority[1]]
        said = send(reports, flags, "--to", "a@example.com", code=1)
    assert "certificate" in said.lower()
    assert handler.attempts == []


def test_e2_the_password_may_lie_in_a_file_and_is_in_no_process_list(sink, reports, tmp_path):
    handler, flags = sink
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n")
    command = [
        sys.executable,
        str(SRC / "email_reports.py"),
        "--out",
        str(reports),
        "--from",
        "a@example.com",
    ]
    command += [*map(str, flags), "--to", "cfo@example.com", "--password-file", str(secret)]
    environment = {name: value for name, value in os.environ.items() if name != "SMTP_PASSWORD"}
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    listed = Path(f"/proc/{running.pid}/cmdline").read_bytes() if Path("/proc").exists() else b""
    said = b"".join(running.communicate(timeout=60))
    assert running.returncode == 0, said
    assert PASSWORD.encode() not in listed + said
    assert len(handler.received) == 1


def test_e3_a_server_that_never_answers_is_given_up(reports):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        flags: list[object] = ["--host", "127.0.0.1", "--port", silent.getsockname()[1], "--timeout", "0.2"]
        said = send(reports, flags, "--to", "a@example.com", code=1)
    assert "timed out" in said
    assert "Traceback" not in said
