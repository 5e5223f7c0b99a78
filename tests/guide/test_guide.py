"""Every block of the guide, run as it stands by someone who has activated nothing; the console says what it shows.

Only what the guide leaves to its reader is filled in: paths, the port, waiting times. What cannot run as it stands is
listed in docs/workflows.md with its reason, and the reason is tested here.
"""

import csv
import http.client
import json
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
import trustme
import yaml
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.checkout import ROOT
from tests.docs.pages import blocks as pages_blocks
from tests.guide.guide import blocks, missing_lines, text
from tests.guide.terminal import Terminal, wait_until
from tests.mail_sink import sinking

PAGES = {
    "finops_understanding", "finops_performance", "finops_realtime", "finops_optimization", "finops_alignment",
    "customer_profitability", "pricing_strategy", "feature_economics",
}  # fmt: skip
pytestmark = [pytest.mark.script, pytest.mark.slow]
Test = TypeVar("Test", bound=Callable[..., None])
RUN: set[tuple[str, int]] = set()
"""The blocks that a test runs as they stand."""
LISTED: set[tuple[str, int]] = set()
"""The blocks that do not run as they stand; a test runs what can be, or shows why not."""


def of(workflow: str, *places: int, listed: bool = False) -> Callable[[Test], Test]:
    """Says which blocks a test is about."""
    (LISTED if listed else RUN).update((workflow, place) for place in places or (1,))
    return lambda test: test


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    return Terminal(tmp_path_factory.mktemp("guide"))


@dataclass(frozen=True)
class Started:
    """What the quick start said and left."""

    simulators: str
    analyzers: str
    viewer: str
    answers: dict[str, int]
    folder: Path


@pytest.fixture(scope="module")
def started(terminal: Terminal, tmp_path_factory: pytest.TempPathFactory) -> Started:
    """The three steps of the quick start, one after the other."""
    simulators = terminal.run(text("Generate Simulated Data"), terminal.root)
    analyzers = terminal.run(text("Run All Analyzers"))
    with terminal.serving(text("View Reports"), terminal.src) as (port, log):
        answers = {page: get(port, f"/{page}.html")[0] for page in ("index", *PAGES)}
    viewer = log.read_text().replace(str(port), "8000")
    return Started(simulators, analyzers, viewer, answers, terminal.keep(tmp_path_factory.mktemp("started")))


@pytest.fixture(scope="module")
def few(terminal: Terminal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Few calls and their reports."""
    terminal.run(
        "python3 simulator/core.py --customers 12 --days 16 --seed 5 --quiet; python3 run_all_analyzers.py --quiet"
    )
    return terminal.keep(tmp_path_factory.mktemp("few"))


@pytest.fixture
def small(terminal: Terminal, few: Path) -> Terminal:
    """A terminal on a checkout with few calls and their reports."""
    terminal.put(few)
    return terminal


def get(port: int, path: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def calls_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def customers_and_days(path: Path) -> tuple[int, int]:
    calls = calls_of(path)
    return len({call["customer_id"] for call in calls}), len({call["timestamp"][:10] for call in calls})


def pages(folder: Path) -> set[str]:
    return {page.stem for page in folder.glob("*.html")} - {"index"}


@of("Generate Simulated Data", 1, 2)
def test_simulating_says_what_the_guide_shows(terminal: Terminal, started: Started):
    assert missing_lines(text("Generate Simulated Data", 2), started.simulators) == []
    calls = int(re.search(r"Total Calls: ([\d,]+)", started.simulators)[1].replace(",", ""))
    assert calls > 140_000
    assert (started.folder / terminal.data.name).read_bytes().count(b"\n") == calls + 1


@of("Run All Analyzers", 1, 2)
def test_analyzing_says_what_the_guide_shows(started: Started):
    said = started.analyzers
    assert missing_lines(text("Run All Analyzers", 2), said) == []
    assert len(re.findall(r"^📊 Running: (?:FinOps|UBR): .+\n-{70}$", said, re.MULTILINE)) == 8
    written = re.findall(r"^✅ Generated HTML report: reports/html/(\w+)\.html$", said, re.MULTILINE)
    assert set(written) == PAGES == pages(started.folder / "reports" / "html")
    assert (started.folder / "reports" / "html" / "manifest.json").exists()


@of("View Reports", 1, 2)
def test_viewing_says_what_the_guide_shows(started: Started):
    assert missing_lines(text("View Reports", 2), started.viewer) == []
    assert "Traceback" not in started.viewer
    assert set(started.answers.values()) == {200}


def test_the_console_is_held_to_the_guide(started: Started):
    """The comparison itself: a line that changes, moves or is missing is seen, and one that is new at the margin."""
    shown, said = text("Run All Analyzers", 2), started.analyzers
    for old, new in (
        ("📊 ANALYSIS COMPLETE", "Analysis complete"),
        ("220 customers\n", "219 customers\n"),
        ("   Analyzing model efficiency...\n", ""),
        ("✅ Successful: 8", "✅ Successful: 7"),
        ("📊 Running: FinOps: Performance", "Something\n📊 Running: FinOps: Performance"),
    ):
        assert old in said
        assert missing_lines(shown, said.replace(old, new))


def test_the_readme_shows_the_same_blocks_in_eighty_columns(started: Started):
    simulators, analyzers, viewer = (
        block.text
        for block in pages_blocks(ROOT / "README.md")
        if block.language == "text" and "=" * 70 in block.text
    )
    assert missing_lines(text("Generate Simulated Data", 2), simulators) == []
    assert missing_lines(text("Run All Analyzers", 2), analyzers) == []
    assert missing_lines(text("View Reports", 2), viewer) == []
    assert all(len(line) <= 80 for line in "".join((simulators, analyzers, viewer)).splitlines())
    assert missing_lines(simulators, started.simulators) == []
    assert missing_lines(viewer, started.viewer) == []
    console, summary = re.split("^(?=Data )", analyzers, flags=re.MULTILINE)
    own = re.compile(
        r"^   (?!Processing|Analyz|Calculating).*\n", re.MULTILINE
    )  # findings, which the data decide
    assert missing_lines(own.sub("", console), started.analyzers) == []
    labels = re.findall(r"^(\w[\w -]*?)  +\S", summary, re.MULTILINE)
    assert labels == re.findall(r"^(\w[\w -]*?)  +\S", started.analyzers, re.MULTILINE)
    assert len(labels) == 10


@of("Single Traffic Pattern")
def test_a_single_pattern(terminal: Terminal):
    with terminal.serving(text("Single Traffic Pattern"), terminal.root) as (port, log):
        assert get(port, "/finops_understanding.html")[0] == 200
    assert "Generated 45," in log.read_text()
    assert "Unique Customers: 100\n" in log.read_text()
    assert "✅ Reports are up to date" in log.read_text()


@of("Individual Analyzer", 1, 2)
def test_an_individual_analyzer(terminal: Terminal):
    """`open` is the Mac's; what it is given lies there."""
    shutil.rmtree(terminal.reports / "html", ignore_errors=True)
    terminal.run(text("Individual Analyzer"), terminal.root)
    assert pages(terminal.reports / "html") == {"customer_profitability"}
    terminal.run(text("Individual Analyzer", 2))


@of("Custom Simulation", 1, 2, 3)
def test_a_custom_simulation(terminal: Terminal):
    edit = text("Custom Simulation")
    assert edit.startswith("# Edit simulator/core.py\n")
    new = "\n    ".join(edit.splitlines()[1:])
    with terminal.edited("src/simulator/core.py", r"simulator = AICallSimulator\(.*?\n    \)", new):
        terminal.run(text("Custom Simulation", 2))
        said = terminal.run(text("Custom Simulation", 3))
    assert customers_and_days(terminal.data) == (200, 60)
    assert "3 providers, 7 models, 200 customers" in said


@of("Explore Specific Traffic Patterns", 1, 2)
def test_specific_patterns_append_and_the_file_can_be_cleared(small: Terminal):
    before = small.data.read_bytes()
    said = small.run(text("Explore Specific Traffic Patterns"), small.root)
    assert len(re.findall("✅ Appended [\\d,]+ calls to data/simulated_calls.csv", said)) == 3
    assert "Churned Customers: 8 (20.0%)" in said
    assert small.data.read_bytes().startswith(before)
    assert customers_and_days(small.data)[0] == 12 + 50 + 30 + 40
    small.run(text("Explore Specific Traffic Patterns", 2))
    assert not small.data.exists()


@of("Run Integration Examples")
def test_integration_examples(small: Terminal):
    said = small.run(text("Run Integration Examples"), small.root)
    assert "customer_id" in said
    assert said.count("\n") > 200


@of("Test Metadata Builders")
def test_metadata_builders(small: Terminal):
    said = small.run("python3 -", small.root, stdin=text("Test Metadata Builders"))
    assert said == "{'customer_id': 'cust_test', 'feature_id': 'my_feature', 'environment': 'staging'}\n"
    interactive = small.run(
        "python3 -i", small.root, stdin=text("Test Metadata Builders") + "\nprint(1 + 1)\n"
    )
    assert interactive.endswith("2\n")


@of("Daily Report Generation", 1, 2)
def test_the_script_of_cron(terminal: Terminal):
    """Cron starts it by its path in the home folder, with next to no environment."""
    folder = terminal.elsewhere / "cron"
    for name in ("tmp", "archives", "log"):
        (folder / name).mkdir(parents=True)
    script = filled(
        text("Daily Report Generation"),
        {
            "/path/to/revenium-flow": terminal.root, "/tmp/": f"{folder / 'tmp'}/",
            "/archives/": f"{folder / 'archives'}/", "/var/log/": f"{folder / 'log'}/",
        },
    )  # fmt: skip
    program = folder / "daily_reports.sh"
    program.write_text(script)
    program.chmod(0o755)
    *when, command = text("Daily Report Generation", 2).split()
    assert when == ["0", "2", "*", "*", "*"]
    terminal.run(filled(command, {"/path/to/daily_reports.sh": program}), Path(terminal.variables["HOME"]))
    (archive,) = (folder / "archives").iterdir()
    assert re.fullmatch(r"reports_\d{8}", archive.name)
    assert pages(archive) == PAGES
    assert "SIMULATION COMPLETE" in (folder / "tmp" / "sim.log").read_text()
    assert "✅ Successful: 8" in (folder / "tmp" / "analyze.log").read_text()
    assert (folder / "log" / "revenium_reports.log").read_text().startswith("Reports generated: ")


def filled(script: str, places: dict[str, object]) -> str:
    """The text with the reader's own paths; each of the guide's stands in it."""
    assert all(old in script for old in places)
    return re.sub("|".join(map(re.escape, places)), lambda match: str(places[match[0]]), script)


@of("Continuous Monitoring")
def test_continuous_monitoring(small: Terminal):
    manifest = small.reports / "html" / "manifest.json"
    before = manifest.read_bytes()
    with small.running(text("Continuous Monitoring"), small.src) as (process, log):
        time.sleep(1)
        assert log.read_text() == ""
        small.run("python3 simulator/scenarios/burst_traffic.py --customers 3 --days 5 --quiet")
        wait_until(lambda: manifest.read_bytes() != before)
        wait_until(lambda: "📊 ANALYSIS COMPLETE" in log.read_text())
        assert process.poll() is None
    assert log.read_text().startswith("New data detected, running analyzers...\n")
    assert json.loads(manifest.read_text())["source"]["used"] == len(calls_of(small.data))


@of("Report Distribution", 1, listed=True)
def test_report_distribution_by_mail(small: Terminal):
    """As it stands it lacks an import; with it, a real server takes the mail."""
    program = text("Report Distribution")
    refused = subprocess.run(
        [str(small.python), "-"], input=program, cwd=small.src, check=False, capture_output=True, text=True
    )
    assert "NameError: name 'date' is not defined" in refused.stderr
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        known = (getattr(data, "login", b""), getattr(data, "password", b"")) == (b"user", b"password")
        return AuthResult(success=known, handled=False)

    with sinking(tls_context=context, require_starttls=True, authenticator=authenticate) as (sink, port):
        program = filled(program, {"'smtp.gmail.com', 587": f"'localhost', {port}"})
        small.run("python3 -", stdin=f"from datetime import date\n{program}")
    assert [address for address, _ in sink.received] == ["finance@company.com", "cto@company.com"]
    assert b"Subject: Revenium FinOps Report - 20" in sink.received[0][1]


@of("Data Export", 1)
@of("Data Export", 2, listed=True)
@of("Data Export", 3)
def test_data_export(small: Terminal):
    shared = small.elsewhere / "shared"
    shared.mkdir()
    small.run(filled(text("Data Export"), {"/shared/": f"{shared}/"}))
    (copied,) = shared.iterdir()
    assert re.fullmatch(r"ai_usage_\d{8}\.csv", copied.name)
    assert copied.read_bytes() == small.data.read_bytes()
    assert not (small.src / "export").exists()  # why it does not run as it stands
    (small.src / "export").mkdir()
    small.run("python3 -", stdin=text("Data Export", 2))
    assert json.loads((small.src / "export" / "data.json").read_text()) == calls_of(small.data)
    small.run("python3 -", stdin=text("Data Export", 3))


@of("Port 8000 Already in Use")
def test_a_port_that_is_taken(small: Terminal):
    """Whom `lsof` names is killed; the next start finds the port free and the pages whole."""
    with small.serving("python3 serve.py", small.root / "viewer") as (port, _):
        taken = small.run(f"python3 serve.py --port {port}", small.root / "viewer", code=2)
        assert f"{port}" in taken
        small.run(filled(text("Port 8000 Already in Use"), {"8000": port}))
    with small.edited("viewer/serve.py", r"PORT = 8000", f"PORT = {port}"):  # noqa: SIM117  the edit comes first
        with small.serving("python3 serve.py", small.root / "viewer", VIEWER_PORT="") as (_, log):
            assert get(port, "/health") == (200, "OK")
            assert f"port {port}..." in log.read_text()


@of("No Data Found")
def test_no_data_found(terminal: Terminal):
    terminal.data.unlink(missing_ok=True)
    refused = terminal.run("python3 run_all_analyzers.py", code=3)
    assert "run `python3 run_all_simulators.py`" in refused.splitlines()[-1]
    check, *others = text("No Data Found").split("\n\n")
    terminal.run(check, terminal.root, code=2)
    said = terminal.run("\n".join(others), terminal.root)
    said += terminal.run(check, terminal.root)
    assert re.search(r"^45\d{3} data/simulated_calls.csv$", said, re.MULTILINE)


@of("Import Errors")
def test_import_errors(small: Terminal):
    """Three ways, each from the project folder."""
    here, simulators, analyzers, viewer = text("Import Errors").strip().split("\n\n")
    assert small.run(here).strip() == str(small.src)
    small.run(simulators, small.root)
    small.run(analyzers, small.root)
    with small.serving(viewer, small.root) as (port, _):
        assert get(port, "/health")[0] == 200


@of("Charts Not Rendering", 1, listed=True)
def test_charts_need_no_network(small: Terminal):
    for page in (small.reports / "html").glob("*.html"):
        assert not re.search(r"<(?:script|link)[^>]+(?:src|href)=\"https?:", page.read_text(encoding="utf-8"))


@of("Memory Issues", 1, listed=True)
def test_fewer_customers_and_days(terminal: Terminal):
    """Its first half is the same edit; its second is Python in a block of shell, with names of the reader's own."""
    half, _, chunks = text("Memory Issues").partition("# Or process in chunks")
    new = "\n    ".join(half[half.index("simulator =") :].rstrip().splitlines())
    with terminal.edited("src/simulator/core.py", r"simulator = AICallSimulator\(.*?\n    \)", new):
        terminal.run("python3 simulator/core.py --quiet")
    assert customers_and_days(terminal.data) == (50, 15)
    seen: list[int] = []
    names = {"csv": csv, "process_chunk": lambda chunk: seen.append(len(chunk))}
    exec(chunks, names)  # noqa: S102
    names["process_csv_in_chunks"](terminal.data, 1_000)
    assert sum(seen) == len(calls_of(terminal.data))
    assert set(seen[:-1]) == {1_000}


@of("A/B Testing Scenarios")
def test_two_scenarios(terminal: Terminal):
    first, edit, second = re.split(
        r"(# Edit SUBSCRIPTION_TIERS in simulator/core.py\n)", text("A/B Testing Scenarios")
    )
    assert edit
    terminal.run(first)
    with terminal.edited("src/simulator/core.py", r"\*\*SHIPPED_PRICES,", '**SHIPPED_PRICES, "pro": 129,'):
        said = terminal.run(second)
    assert "Margin is the same" not in said
    assert {call["tier_price_usd"] for call in calls_of(terminal.root / "data" / "scenario_b.csv")} >= {"129"}
    assert (terminal.reports / "html" / "comparison.html").exists() or "comparison" in said


@of("Batch Processing Multiple Datasets")
def test_many_data_sets(small: Terminal):
    folder = small.root / "data" / "historical"
    folder.mkdir()
    for name in ("october", "november 2026"):
        shutil.copy(small.data, folder / f"{name}.csv")
    said = small.run(text("Batch Processing Multiple Datasets"))
    assert said.count("Completed data/historical/") == 2
    for name in ("october", "november 2026"):
        assert pages(small.src / "archives" / name) == PAGES


@of("Automated Testing", 1, listed=True)
def test_the_steps_of_the_github_workflow(terminal: Terminal):
    """It installs nothing: its first step says so. Where the environment is, each step runs as it stands."""
    (job,) = yaml.safe_load(text("Automated Testing"))["jobs"].values()
    steps = [step["run"] for step in job["steps"] if "run" in step]
    assert len(steps) == 3
    aside = terminal.root / ".venv-aside"
    (terminal.root / ".venv").rename(aside)
    try:
        refused = terminal.run(steps[0], terminal.root, code=1)
    finally:
        aside.rename(terminal.root / ".venv")
    assert (
        refused == "duckdb is missing here: run `pip install -e .` or `make setup` in the project folder.\n"
    )
    for step in steps:
        terminal.run(step, terminal.root)


@of("Profile Performance")
def test_profiles(small: Terminal):
    lines = text("Profile Performance")
    shell = "\n".join(line.removeprefix("# > ") for line in lines.splitlines() if line.startswith("# > "))
    assert shell == "sort cumulative\nstats 20"
    said = small.run(lines, stdin=f"{shell}\nquit\n")
    assert "Ordered by: cumulative time" in said
    assert "simulator/core.py" in small.run("python3 -m pstats sim.prof", stdin="stats core.py\nquit\n")
    assert "run_all_analyzers.py" in small.run(
        "python3 -m pstats analyze.prof", stdin="stats run_all_analyzers\nquit\n"
    )


@of("Optimize for Large Datasets", 1, 2, listed=True)
def test_sketches_for_large_files(small: Terminal):
    """Both leave their functions to the reader; the first runs as soon as they are there."""
    names = {"csv": csv, "process_row": lambda row: row["call_id"]}
    exec(text("Optimize for Large Datasets"), names)  # noqa: S102
    calls = calls_of(small.data)
    assert list(names["stream_process_csv"](small.data)) == [call["call_id"] for call in calls]
    assert "split_data_into_chunks(data" in text("Optimize for Large Datasets", 2)


@of("Deploy to Production", 1, 2, 3, 4, listed=True)
def test_the_image_of_the_guide_installs_nothing_and_ours_does():
    assert "pip" not in text("Deploy to Production")
    assert "pip install" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    ours = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert "docker build" in ours or "docker compose" in ours


@of("Health Checks", 1, listed=True)
@of("Health Checks", 2)
def test_health(small: Terminal):
    """The viewer has the endpoint; the block of the guide would be a second one."""
    mailed = Path(small.variables["STAND_INS"]) / "mail.log"
    once, _, forever = text("Health Checks", 2).partition("# Automated monitoring\n")
    with small.serving("python3 serve.py", small.root / "viewer") as (port, _):
        assert small.run(filled(once, {"8000": port})).strip() == "OK"
        with small.running(filled(forever, {"8000": port}), small.root) as (process, log):
            wait_until(lambda: log.read_text().count("OK") >= 2)
            assert process.poll() is None
    assert not mailed.exists()
    with small.running(filled(forever, {"8000": port}), small.root):
        wait_until(mailed.exists)
        wait_until(lambda: "Health check failed!" in mailed.read_text())
    assert "-s Alert admin@company.com" in mailed.read_text()
    small.data.unlink()
    with small.serving("python3 serve.py", small.root / "viewer") as (port, _):
        assert get(port, "/health")[0] == 503


@of("Generate Documentation", 1, listed=True)
def test_documentation(small: Terminal):
    """By name it runs from src/; by path Python finds neither the packages nor the modules of the project."""
    by_name, _, by_path = text("Generate Documentation").partition("# Convert to HTML\n")
    small.run(by_name)
    for name, found in (
        ("simulator.core", "AICallSimulator"),
        ("analyzers.finops.understanding", "Analyzer"),
    ):
        assert found in (small.src / f"{name}.html").read_text(encoding="utf-8")
    few = filled(by_path, {"src/**/*.py": "src/methods/*line.py"})
    assert "No module named" in small.run(few, small.root, code=1)


def test_every_block_has_its_test_and_what_differs_is_listed():
    assert set(blocks()) == RUN | LISTED
    assert not RUN & LISTED
    page = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in page.splitlines() if re.match(r"\| [A-Z]", line)]
    assert set(rows) - {"Workflow"} == {workflow for workflow, _ in LISTED}
