"""The documentation against the code: what is generated, what is linked, which flags and files it names."""

import importlib.util
import pydoc
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from interchange.importers.detection import NAMES
from tests.checkout import ROOT
from tests.docs.pages import KINDS, PAGES, blocks, commands

SCRIPTS = re.compile(r"(?<![\w/.])(?:\.\./|[\w./-]*/)?(?P<name>\w+\.(?:py|sh))\b(?P<rest>[^\n|;&`]*)")
GENERATED = re.compile(r"<!-- generated: .*?<!-- end -->", re.DOTALL)
FOLDERS = ("src", "viewer", "showcase", "benchmarks", "docs", "tests", ".github")
"""Folders of the checkout that no run writes into."""
WRITTEN = [*PAGES, *(ROOT / f"{name}.md" for name in ("CONTRIBUTING", "SECURITY", "CHANGELOG")),
           *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("README.md")))]  # fmt: skip
"""What is written about the toolkit, beyond `PAGES`."""
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def generator():
    spec = importlib.util.spec_from_file_location("documentation_generator", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def alike(text: str) -> str:
    """The text as every Python prints it: argparse wraps and writes aliases in two ways."""
    text = re.sub(r"(--[a-z-]+) ([A-Z]+), (--[a-z-]+) \2", r"\1, \3 \2", text)
    return " ".join(text.split())


@pytest.mark.script
def test_what_is_generated_is_what_the_code_says():
    for path, text in generator().generated().items():
        assert alike(path.read_text(encoding="utf-8")) == alike(text), f"{path.name}: run `make docs`"


def test_the_table_of_formats_is_what_the_importer_takes():
    text = (ROOT / "docs" / "integration.md").read_text(encoding="utf-8")
    block = text.partition("<!-- generated: importers -->")[2].partition("<!-- end -->")[0]
    named = [name for row in block.splitlines()[3:] for name in re.findall(r"`([a-z-]+)`", row.split("|")[1])]
    assert sorted(named) == sorted(set(NAMES) - {"auto"})


def test_every_script_has_its_help_in_the_documentation():
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    scripts = [path for path in (ROOT / "src").glob("*.py") if "__main__" in path.read_text(encoding="utf-8")]
    scripts += [*(ROOT / "src" / "ops").glob("[!e]*.sh"), ROOT / "viewer" / "serve.py"]
    for path in scripts:
        assert f"<!-- generated: help {path.relative_to(ROOT)} -->" in text, (
            f"docs/commands.md lacks {path.name}"
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        assert linked.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in anchors(linked), f"{page.name} links to {target}"


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_block_says_whether_it_runs_here(page: Path):
    for block in blocks(page):
        assert block.language, f"{block} names no language"
        if block.language == "bash":
            assert block.kind in KINDS, f"{block} is marked {block.kind!r}"


@pytest.mark.parametrize("kind", KINDS)
def test_every_command_block_is_bash(kind: str):
    for block in commands(kind):
        subprocess.run(["bash", "-n", "-c", block.text], check=True)


@cache
def flags_of(script: Path) -> frozenset[str]:
    command = [str(script)] if script.suffix == ".sh" else [sys.executable, str(script)]
    said = subprocess.run([*command, "--help"], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return frozenset(FLAG.findall(said))


def known_scripts() -> dict[str, Path]:
    folders = ("src/*.py", "src/ops/*.sh", "viewer/serve.py", "src/simulator/*.py", "src/simulator/scenarios/*.py",
               "src/analyzers/finops/*.py", "src/analyzers/ubr/*.py", "showcase/metering_server.py",
               "showcase/instrumentation/*.py", "docs/generate.py")  # fmt: skip
    found = (path for pattern in folders for path in ROOT.glob(pattern))
    return {path.name: path for path in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_flag_that_a_command_has_is_a_flag_of_its_script(page: Path):
    scripts = known_scripts()
    text = GENERATED.sub("", page.read_text(encoding="utf-8")).replace("\\\n", " ")
    for match in SCRIPTS.finditer(text):
        flags = set(FLAG.findall(match["rest"]))
        if match["name"] in scripts and flags:
            assert flags <= flags_of(scripts[match["name"]]), f"{page.name}: {match[0]}"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_is_there(page: Path):
    text = page.read_text(encoding="utf-8")
    for words in re.findall(r"`([^`\n]+)`", text):
        for word in words.split():
            assert is_there(word.partition("::")[0]), f"{page.name} names {word}"
    for name in re.findall(r"benchmarks/(\w+\.py)", text):
        assert (ROOT / "benchmarks" / name).exists(), f"{page.name} names {name}"


def is_there(word: str) -> bool:
    """Whether a path of the repository, or a script or module without its folder, exists; other words do."""
    if word.startswith(tuple(f"{folder}/" for folder in FOLDERS)):
        return any(ROOT.glob(word.rstrip("/,.;:")))
    return re.fullmatch(r"\w+\.(py|sh)", word) is None or word in file_names()


@cache
def file_names() -> frozenset[str]:
    found = (path.name for folder in FOLDERS for path in (ROOT / folder).rglob("*.*"))
    return frozenset(found) | {path.name for path in ROOT.iterdir()}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_that_is_named_is_there(page: Path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for named in re.findall(r"`make ([a-z -]+)", page.read_text(encoding="utf-8")):
        assert set(named.split()) <= targets, f"{page.name} names make {named}"


def modules() -> list[str]:
    roots = {"src": "", "viewer": "viewer.", "showcase": "showcase."}
    names = []
    for root, prefix in roots.items():
        for path in sorted((ROOT / root).rglob("*.py")):
            parts = path.relative_to(ROOT / root).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            names.append((prefix + ".".join(parts)).rstrip("."))
    return [name for name in names if name]


@pytest.mark.slow
def test_pydoc_says_of_every_module_what_it_is_for():
    for name in modules():
        said = pydoc.plain(pydoc.render_doc(name))
        assert "NAME\n" in said
        first = said.split("NAME\n", 1)[1].splitlines()[0]
        assert " - " in first, f"{name} has no docstring"
