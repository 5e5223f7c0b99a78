"""The Dockerfile, followed step by step in an empty folder, and what runs in the image that it makes."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.checkout import ROOT, copy_checkout
from tests.docs.dockerfile import Image, in_context, parsed
from tests.docs.test_commands import health
from tests.mail_sink import free_port

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The image, in a folder that its own user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="image-"))
    folder.chmod(0o755)
    checkout = copy_checkout(folder / "checkout")
    (checkout / "data" / "simulated_calls.csv").write_text("must not get into the image")
    (checkout / "src" / "__pycache__").mkdir()
    (checkout / "src" / "__pycache__" / "old.pyc").write_text("neither must this")
    context = folder / "context"
    for name in in_context(checkout, (ROOT / ".dockerignore").read_text(encoding="utf-8")):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(checkout / name, context / name, follow_symlinks=False)
    built = Image(folder / "root", context)
    built.build(parsed(DOCKERFILE))
    yield built
    shutil.rmtree(folder)


def inside(
    image: Image, *command: str, code: int = 0, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command as the image's user."""
    done = subprocess.run(
        image.as_user(list(command)), check=False, capture_output=True, text=True, cwd=image.place("."),
        env=image.variables() | environment, timeout=300,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_the_dockerfile_is_slim_unprivileged_and_asks_for_its_health():
    stages = [entry.rest for entry in parsed(DOCKERFILE) if entry.name == "FROM"]
    assert len(stages) == 2
    assert all(stage.startswith("python:3.13-slim") for stage in stages)
    last = DOCKERFILE[DOCKERFILE.rindex("FROM ") :]
    assert "pip install" not in last
    assert "apt-get" not in last
    assert "USER finops" in last
    assert "VIEWER_HOST=0.0.0.0" in last
    assert "/health" in last


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_image_serves_what_is_simulated_in_it(image: Image):
    port = free_port()
    setting = {"VIEWER_PORT": str(port), "VIEWER_PASSWORD": "a long enough password"}
    check = [word.replace(":8000/", f":{port}/") for word in image.healthcheck]
    server = subprocess.Popen(
        image.as_user(image.command), cwd=image.place("."), env=image.variables() | setting,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert health(port) == (503, "No data")
        inside(image, *check, code=1)
        expected = 10001 if image.as_user([]) else os.geteuid()
        assert inside(image, "python", "-c", "import os; print(os.getuid())").stdout == f"{expected}\n"
        inside(image, "python", "src/simulator/core.py", "--customers", "5", "--days", "3", "--quiet")
        inside(image, "python", "src/run_all_analyzers.py", "--quiet")
        until_healthy(port)
        inside(image, *check)
        inside(image, "python", "src/verify_reports.py")
    finally:
        server.terminate()
        assert server.wait(timeout=30) == 0


def until_healthy(port: int) -> None:
    import time

    until = time.monotonic() + 120
    while health(port) != (200, "OK"):
        assert time.monotonic() < until
        time.sleep(0.5)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_image_holds_no_data_and_no_leftovers(image: Image):
    app = image.place("/app")
    assert image.volumes == ["/app/data", "/app/reports"]
    assert not (app / "src" / "__pycache__" / "old.pyc").exists()
    assert list((app / "src" / "__pycache__").glob("run_all_analyzers.*.pyc"))
    assert not (app / "tests").exists()
    assert "must not get into the image" not in "".join(
        path.read_text(encoding="utf-8") for path in app.rglob("*.csv") if path.stat().st_size < 1000
    )
    if os.geteuid() == 0:
        assert (app / "data").stat().st_uid == 10001
        assert (app / "src").stat().st_uid == 0


WRITABLE = """
import os
print(*sorted({os.path.relpath(path).split("/")[0] for top in (".", "../opt/venv") for path, _, files in os.walk(top)
               if any(os.access(os.path.join(path, name), os.W_OK) for name in [".", *files])}))
"""
"""The folders at the top that this user can write to, or anything in."""


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_who_runs_the_image_cannot_change_its_code(image: Image):
    if image.as_user([]):  # where this process may become that user
        assert inside(image, "python", "-c", WRITABLE).stdout == "archives data reports\n"
    owned = [entry for entry in parsed(DOCKERFILE) if entry.flags.get("chown") or "chown" in entry.rest]
    assert [entry.rest.rpartition("chown ")[2] for entry in owned] == ["finops:finops data reports archives"]


def test_compose_keeps_calls_and_pages_and_wants_a_password():
    (service,) = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"].values()
    assert service["build"] == "."
    targets = {volume.split(":")[1] for volume in service["volumes"]}
    (volumes,) = (entry.words() for entry in parsed(DOCKERFILE) if entry.name == "VOLUME")
    assert targets == set(volumes)
    assert service["environment"]["VIEWER_PASSWORD"].startswith("${VIEWER_PASSWORD:?")
    assert service["ports"] == ["127.0.0.1:8000:8000"]


def test_compose_grants_no_more_than_is_needed():
    (service,) = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"].values()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"] == ["/tmp"]
    assert not {"privileged", "cap_add", "devices", "network_mode", "pid", "user"} & set(service)
