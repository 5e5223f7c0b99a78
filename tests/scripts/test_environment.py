"""Scripts that are started by a Python without the packages: they go on with `.venv`, or say one sentence."""

import ast
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from foundation import environment
from tests.checkout import ROOT, copy_checkout, give_environment

FOLDERS = ("src", "viewer", "showcase")
STARTED_BY_OTHERS = {Path("viewer/guard.py")}
"""A program of the standard library alone, which the viewer starts with its own Python."""
SCRIPTS = sorted(
    path.relative_to(ROOT)
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    and path.relative_to(ROOT) not in STARTED_BY_OTHERS
)
SMALL = ("--customers", "5", "--days", "5", "--quiet")
SENTENCE = "duckdb is missing here: run `pip install -e .` or `make setup` in the project folder.\n"
OLDEST_GRAMMAR = (3, 8)
"""Of the Python that older systems come with."""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python of this version without a single package."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python3"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "checkout")


def run(
    python: Path, *arguments: str, cwd: Path, code: int = 0, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs Python as one who has activated nothing."""
    done = subprocess.run(
        [str(python), *arguments], cwd=cwd, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "NO_COLOR": "1", **variables}, timeout=300,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.mark.parametrize("script", SCRIPTS, ids=str)
def test_a_script_asks_for_its_environment_before_it_imports_anything(script: Path):
    source = (ROOT / script).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=OLDEST_GRAMMAR)  # else an old Python has a syntax error to tell
    first = tree.body[1]
    assert isinstance(first, ast.If)
    assert ast.unparse(first.test) == "__name__ == '__main__'"
    assert ast.unparse(first.body[-1]) == "environment.require()"


def test_there_are_scripts_in_every_folder():
    assert {script.parts[0] for script in SCRIPTS} == set(FOLDERS)
    assert len(SCRIPTS) >= 45


def test_what_is_needed_is_what_the_project_depends_on():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split("[>=<~ ]", wanted)[0] for wanted in project["dependencies"]}
    assert {name.removeprefix("python-") for name in names} == set(environment.NEEDED)
    assert project["requires-python"] == ">=" + ".".join(map(str, environment.OLDEST))


@pytest.mark.parametrize("script", SCRIPTS, ids=str)
def test_every_script_goes_on_with_the_environment_of_its_checkout(script: Path, bare: Path, shared: Path):
    done = run(bare, script.name, "--help", cwd=shared / script.parent)
    assert not done.stderr
    assert "usage:" in done.stdout or script.parts[0] == "showcase"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with its environment; read only."""
    copied = copy_checkout(tmp_path_factory.mktemp("shared") / "checkout")
    give_environment(copied)
    return copied


def test_arguments_flags_and_folder_stay_what_they_are(bare: Path, checkout: Path):
    give_environment(checkout)
    run(bare, "-X", "utf8", "simulator/core.py", *SMALL, "--out", "../data/a b.csv", cwd=checkout / "src")
    assert (checkout / "data" / "a b.csv").read_bytes().count(b"\n") > 100


def test_without_an_environment_it_is_one_sentence(bare: Path, checkout: Path):
    for script in ("src/run_all_analyzers.py", "viewer/serve.py", "src/analyzers/ubr/profitability.py"):
        assert run(bare, script, cwd=checkout, code=1).stderr == SENTENCE


def test_an_environment_that_lacks_the_packages_too_is_tried_once(bare: Path, checkout: Path):
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(bare)
    assert run(bare, "src/run_all_analyzers.py", cwd=checkout, code=1).stderr == SENTENCE


@pytest.mark.parametrize("content", ["", "no program"])
def test_an_environment_that_does_not_start_is_the_sentence(bare: Path, checkout: Path, content: str):
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").write_text(content)
    (programs / "python").chmod(0o755)
    assert run(bare, "src/run_all_analyzers.py", cwd=checkout, code=1).stderr == SENTENCE


def test_an_environment_whose_python_was_removed_is_the_sentence(bare: Path, checkout: Path):
    programs = checkout / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(checkout / "removed")
    assert run(bare, "src/run_all_analyzers.py", cwd=checkout, code=1).stderr == SENTENCE


def test_a_python_that_is_too_old_is_one_sentence_or_goes_on(bare: Path, checkout: Path):
    module = checkout / "src" / "foundation" / "environment.py"
    source = module.read_text(encoding="utf-8")
    module.write_text(source.replace("OLDEST = (3, 11)", "OLDEST = (4, 0)"), encoding="utf-8")
    this = "{}.{}".format(*sys.version_info)
    said = f"Python 4.0 or newer is needed, this is {this}: run `make setup` in the project folder."
    assert run(bare, "src/reprice.py", cwd=checkout, code=1).stderr == f"{said}\n"
    imported = run(bare, "-c", "import showcase", cwd=checkout, code=1).stderr
    assert imported.endswith(f"ImportError: {said}\n")
    ast.parse(source, feature_version=OLDEST_GRAMMAR)


def test_a_python_of_older_systems_has_all_that_the_sentence_needs(bare: Path, checkout: Path):
    """Python 3.8: neither `functools.cache` nor the arguments of Python itself."""
    program = (
        "import functools, runpy, sys; del functools.cache, sys.orig_argv; "
        "runpy.run_path('run_all_analyzers.py', run_name='__main__')"
    )
    assert run(bare, "-c", program, cwd=checkout / "src", code=1).stderr == SENTENCE


def test_ctrl_c_while_python_is_replaced_is_not_lost(bare: Path, checkout: Path):
    """It is held back until the next one can say what it says: before, Python would fail to start."""
    give_environment(checkout)
    program = (
        "import os, runpy, signal, sys; replaced = os.execv\n"
        "def interrupted(*command):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    replaced(*command)\n"
        "os.execv = interrupted; sys.orig_argv[1:] = ['run_all_analyzers.py']\n"
        "runpy.run_path('run_all_analyzers.py', run_name='__main__')"
    )
    done = run(bare, "-c", program, cwd=checkout / "src", code=-signal.SIGINT)
    assert (done.stdout, done.stderr) == ("", "Stopped.\n")


def test_a_profile_is_of_the_script_that_was_asked_for(bare: Path, checkout: Path):
    give_environment(checkout)
    command = ["-m", "cProfile", "-o", "sim.prof", "simulator/core.py", *SMALL]
    run(bare, *command, cwd=checkout / "src")
    told = run(bare, "-m", "pstats", "sim.prof", cwd=checkout / "src").stdout
    assert "sim.prof% " in told
    listed = subprocess.run(
        [str(bare), "-c", "import pstats; pstats.Stats('sim.prof').print_stats('core.py')"],
        cwd=checkout / "src", check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert "simulator/core.py" in listed
    assert (checkout / "data" / "simulated_calls.csv").exists()


def test_a_profile_without_an_environment_is_the_sentence(bare: Path, checkout: Path):
    done = run(bare, "-m", "cProfile", "-o", "sim.prof", "simulator/core.py", cwd=checkout / "src")
    assert done.stderr == SENTENCE


def test_documentation_is_of_modules_that_need_the_packages(bare: Path, checkout: Path):
    give_environment(checkout)
    names = ("simulator.core", "analyzers.finops.understanding", "calls.engine")
    done = run(bare, "-m", "pydoc", "-w", *names, cwd=checkout / "src")
    assert done.stdout.splitlines() == [f"wrote {name}.html" for name in names]
    assert "AICallSimulator" in (checkout / "src" / "simulator.core.html").read_text(encoding="utf-8")


def test_a_program_of_somebody_else_is_never_replaced_or_ended(bare: Path, checkout: Path):
    give_environment(checkout)
    program = (
        "from showcase.metadata.builders import ReveniumMetadataBuilder as Builder\n"
        "print(Builder().customer('cust_test').build())\n"
        "try:\n"
        "    import viewer.program\n"
        "except ModuleNotFoundError as missing:\n"
        "    print(missing)\n"
        "print('still here')\n"
    )
    done = run(bare, "-c", program, cwd=checkout)
    assert done.stdout.splitlines()[0] == "{'customer_id': 'cust_test'}"
    assert done.stdout.splitlines()[-1] == "still here"


def test_the_modules_of_the_checkout_come_before_others_of_the_same_name(checkout: Path, tmp_path: Path):
    other = tmp_path / "other"
    (other / "outcome").mkdir(parents=True)
    (other / "outcome" / "__init__.py").write_text("")
    program = "from showcase.metadata.builders import ReveniumMetadataBuilder"
    run(Path(sys.executable), "-c", program, cwd=checkout, PYTHONPATH=str(other))
    run(
        Path(sys.executable),
        "src/analyzers/ubr/profitability.py",
        "--help",
        cwd=checkout,
        PYTHONPATH=str(other),
    )
