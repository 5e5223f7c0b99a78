"""Who may read: host names, the password in its three forms, and what is printed."""

import base64
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.host_names import HostNames, is_loopback
from foundation.outcome import UsageError
from tests.viewer.harness import viewer
from viewer.access import Access, Guesses, basic_password
from viewer.options import parse_options

PASSWORD = "correct horse battery"


def basic(password: str, user: str = "anybody") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_per_token_is_made_and_printed_beyond_this_machine(tmp_path: Path) -> None:
    with viewer(tmp_path, "--host", "0.0.0.0", fresh=False) as running:  # noqa: S104
        running.until(lambda: running.get("/health").status == 200, "reports")
        refused = running.get("/")
        assert refused.status == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic ")
        assert b"first" not in refused.body
        token = re.search(r"\?token=(\S+)", running.said)
        assert token
        assert len(token[1]) >= 32
        admitted = running.get(f"/?token={token[1]}")
        assert (admitted.status, admitted.headers["Location"]) == (303, "/")
        cookie = admitted.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert token[1] not in cookie
        assert running.get("/", Cookie=f"other=1; {cookie.partition(';')[0]}").status == 200
        assert running.get("/finops_understanding.html", Authorization=basic(token[1])).status == 200
        assert running.get("/?token=wrong").status == 401
        assert running.get("/", Cookie="finops_viewer=wrong").status == 401
        for path in ("/status", "/metrics", "/manifest.json", "/none"):
            assert running.get(path).status == 401
        assert token[1] not in running.log


def test_each_start_makes_another_token(tmp_path: Path) -> None:
    said = []
    for _ in range(2):
        with viewer(tmp_path, "--host", "0.0.0.0", fresh=False) as running:  # noqa: S104
            running.until(lambda: "token=" in running.said, "the token")
            said.append(running.said)
    assert said[0] != said[1]


@pytest.mark.parametrize("way", ["file", "environment"])
def test_a_password_of_ones_own_is_wanted_on_this_machine_too(tmp_path: Path, way: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\n")
    secret.chmod(0o600)
    arguments = ["--auth-file", str(secret)] if way == "file" else []
    environment = {"VIEWER_PASSWORD": PASSWORD} if way == "environment" else {}
    with viewer(tmp_path, *arguments, environment=environment, fresh=False) as running:
        running.until(lambda: running.get("/health").status == 200, "reports")
        assert running.get("/").status == 401
        assert running.get("/", Authorization=basic("wrong")).status == 401
        assert running.get("/", Authorization=basic(PASSWORD)).status == 200
        assert running.get("/?token=correct+horse+battery").status == 303
        assert PASSWORD not in running.said + running.log


def test_the_password_is_no_secret_of_the_analyzers(tmp_path: Path) -> None:
    with viewer(tmp_path, environment={"VIEWER_PASSWORD": PASSWORD}, fresh=False) as running:
        running.data.write_text("hang")
        running.until(lambda: running.runs, "a run")
        child = running.runs[-1]
        assert b"VIEWER_PASSWORD" not in Path(f"/proc/{child}/environ").read_bytes()


def test_no_auth_serves_everybody_and_warns(tmp_path: Path) -> None:
    with viewer(tmp_path, "--host", "0.0.0.0", "--no-auth") as running:  # noqa: S104
        assert running.get("/").status == 200
        assert "⚠" in running.log
        assert "token=" not in running.said


def test_beyond_this_machine_addresses_are_answered_to_but_foreign_names_are_not(tmp_path: Path) -> None:
    with viewer(tmp_path, "--host", "0.0.0.0", "--no-auth") as running:  # noqa: S104
        assert running.get("/", Host="192.0.2.7:8000").status == 200
        assert running.get("/", Host="evil.example").status == 421


def test_an_auth_file_that_others_can_read_is_warned_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    assert parse_options(["--auth-file", str(secret)], {}).password == PASSWORD
    assert "chmod 600" in capsys.readouterr().err


@pytest.mark.parametrize(("length", "allowed"), [(7, False), (8, True)])
def test_a_password_has_eight_characters_at_least(length: int, allowed: bool) -> None:
    environment = {"VIEWER_PASSWORD": "p" * length}
    if allowed:
        assert parse_options([], environment).password == "p" * 8
    else:
        with pytest.raises(UsageError, match="VIEWER_PASSWORD"):
            parse_options([], environment)


def test_no_auth_outweighs_the_environment() -> None:
    assert parse_options(["--no-auth"], {"VIEWER_PASSWORD": PASSWORD}).password is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),  # noqa: S104
     ("::", False), ("192.168.1.4", False), ("localhost.evil.example", False)],
)  # fmt: skip
def test_which_addresses_stay_on_this_machine(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@given(st.text(), st.text())
def test_nothing_but_the_secret_admits(cookie: str, authorization: str) -> None:
    access = Access(password=PASSWORD)
    assert not access.knows(cookie)
    assert not access.is_password(basic_password(authorization))
    assert access.knows(f"{cookie}; {access.cookie().partition(';')[0]}")


@given(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1))
def test_any_password_travels_in_the_basic_scheme(password: str) -> None:
    assert basic_password(basic(password)) == password


def test_twenty_wrong_passwords_a_minute_are_allowed() -> None:
    guesses = Guesses()
    for count in range(20):
        assert not guesses.exhausted("a", now=count)
        guesses.wrong("a", now=count)
    assert guesses.exhausted("a", now=59.9)
    assert not guesses.exhausted("b", now=59.9)
    assert not guesses.exhausted("a", now=60.0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_a_guesser_is_an_address_or_a_network_of_ipv6(one: str, other: str, same: bool) -> None:
    guesses = Guesses(allowed=1)
    guesses.wrong(one, now=0)
    assert guesses.exhausted(other, now=1) is same


def test_guesses_are_remembered_of_a_bounded_number_of_clients() -> None:
    guesses = Guesses(allowed=1, clients=3)
    for client in "abcd":
        guesses.wrong(client, now=0)
    assert [guesses.exhausted(client, now=1) for client in "abcd"] == [False, True, True, True]


def test_who_guesses_is_told_to_wait_and_the_right_password_always_admits(tmp_path: Path) -> None:
    with viewer(tmp_path, environment={"VIEWER_PASSWORD": PASSWORD}, fresh=False) as running:
        cookie = running.get("/?token=correct+horse+battery").headers["Set-Cookie"].partition(";")[0]
        statuses = [running.get("/", Authorization=basic(f"wrong {count}")).status for count in range(21)]
        assert statuses == [401] * 20 + [429]
        assert running.get("/?token=guess").status == 429
        assert running.get("/", Authorization=basic(PASSWORD)).status == 200
        assert running.get("/?token=correct+horse+battery").status == 303
        assert running.get("/status", Cookie=cookie).status == 200
        assert running.get("/status?token=old", Cookie=cookie).status == 200
        assert running.get("/").status == 401


@given(st.text())
def test_any_host_header_has_an_answer(host: str) -> None:
    assert HostNames().include(host) in {None, True, False}


def test_without_a_password_there_is_none_to_guess() -> None:
    assert not Access().is_password("")
    assert Access().knows("")
