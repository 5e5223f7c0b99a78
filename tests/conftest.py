"""What every test shares: a skipped test is a failure, since the set-up installs all that tests need."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import marking
from tests.running import run_script
from tests.sharing import made_once

SAMPLES = Path(__file__).parent / "samples"
os.environ.setdefault("NO_COLOR", "1")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts what goes on in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # as nohup starts it
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
settings.register_profile("no clock", deadline=None)  # a busy machine is no fault of what is tested
settings.register_profile("quick", deadline=None, max_examples=10)  # `make quick`: of a property, a sample
settings.load_profile("no clock")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function):
            marking.mark(item)
    marking.sort(items)


def pytest_sessionstart() -> None:
    sys.addaudithook(marking.refuse_unmarked_processes)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    with marking.running(item):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def small_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated file of 12 customers over 16 days; read only."""

    def simulate(folder: Path) -> None:
        run_script(
            "simulator/core.py", "--customers", "12", "--days", "16", "--seed", "5", "--end-date", "2026-11-20",
            "--out", folder / "small.csv", "--quiet",
        )  # fmt: skip

    return made_once(tmp_path_factory, "small_calls", simulate) / "small.csv"


@pytest.fixture(scope="session")
def small_reports(small_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All reports of `small_csv`; read only, copy them to change them."""

    def analyze(folder: Path) -> None:
        run_script("run_all_analyzers.py", "--data", small_csv, "--out", folder / "reports", "--quiet")

    return made_once(tmp_path_factory, "small_reports", analyze) / "reports"


@pytest.fixture(scope="session")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published trace of 19,366 calls in production, imported; read only."""

    def import_trace(folder: Path) -> None:
        run_script(
            "import_usage.py", SAMPLES / "azure_llm_trace/AzureLLMInferenceTrace_conv.csv", "--format", "csv",
            "--map", "timestamp=TIMESTAMP", "--map", "input_tokens=ContextTokens", "--map", "output_tokens=GeneratedTokens",
            "--set", "provider=openai", "--set", "model=gpt-4o", "--out", folder / "calls.csv", "--quiet",
        )  # fmt: skip

    return made_once(tmp_path_factory, "traced", import_trace) / "calls.csv"
