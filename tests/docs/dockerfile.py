"""Follows a Dockerfile where no container engine runs: the same steps, in a folder that stands for the image.

Absolute paths of the image lie under a root folder. Stages take turns at that one root, so that what an
earlier stage wrote into scripts (the path of an interpreter) still holds in the next.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar


@dataclass(frozen=True)
class Instruction:
    """One instruction, its flags taken off: `COPY --from=build a b` has flags {"from": "build"}."""

    name: str
    flags: dict[str, str]
    rest: str

    def words(self) -> list[str]:
        """The arguments, in either form of writing them."""
        return json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)


def parsed(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    found = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        name, _, rest = line.partition(" ")
        flags = {}
        while match := re.match(r"--([\w-]+)=(\S+)\s+", rest):
            flags[match[1]] = match[2]
            rest = rest[match.end() :]
        found.append(Instruction(name.upper(), flags, rest.strip()))
    return found


def in_context(root: Path, ignore: str) -> set[str]:
    """The files of a build context that a .dockerignore lets in; the last pattern that matches decides."""
    patterns = [line.strip() for line in ignore.splitlines() if line.strip() and not line.startswith("#")]
    return {
        name
        for path in root.rglob("*")
        if (path.is_file() or path.is_symlink())
        and not _ignored(name := str(path.relative_to(root)), patterns)
    }


def _ignored(name: str, patterns: list[str]) -> bool:
    ignored = False
    above = [PurePosixPath(name), *list(PurePosixPath(name).parents)[:-1]]
    for pattern in patterns:
        wanted = pattern.removeprefix("!")
        if any(_matches(folder, wanted) for folder in above):
            ignored = not pattern.startswith("!")
    return ignored


def _matches(path: PurePosixPath, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return path.match(pattern.removeprefix("**/"))
    return len(path.parts) == len(PurePosixPath(pattern).parts) and path.match(pattern)


@dataclass
class Image:
    """An image being built under `root` from the context folder; what the last stage says is in its fields."""

    root: Path
    context: Path
    workdir: str = "/"
    user: str = "root"
    environment: dict[str, str] = field(default_factory=dict)
    healthcheck: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    uids: dict[str, int] = field(default_factory=dict)
    stages: dict[str, Path] = field(default_factory=dict)
    stage: str = ""

    def build(self, instructions: list[Instruction]) -> None:
        """Follows the instructions.

        Raises:
            KeyError: there is an instruction that this builder does not know.
        """
        for number, instruction in enumerate(instructions):
            self._steps[instruction.name](self, instruction, number)

    def place(self, path: str) -> Path:
        """Where a path of the image lies."""
        return self.root / str(PurePosixPath("/", self.workdir, path)).lstrip("/")

    def mapped(self, text: str) -> str:
        """A command of the image with the absolute paths of the image under the root."""
        return re.sub(r"(?<![\w.:/])/(?=(?:app|opt)\b)", f"{self.root}/", text)

    def variables(self) -> dict[str, str]:
        """The environment of a process of the image."""
        path = self.mapped(self.environment.get("PATH", "").replace(":$PATH", ""))
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        said = {name: value for name, value in self.environment.items() if name != "PATH"}
        parts = filter(None, (path, str(self.root.parent / "base"), "/usr/bin:/bin"))
        return kept | {"PATH": ":".join(parts), "HOME": str(self.root)} | said

    def as_user(self, command: list[str]) -> list[str]:
        """The command as the image's user, where this process may become another.

        That user may look into every folder, since the interpreter of the tests may lie in root's own; what it may
        write is decided as in a container.
        """
        uid = self.uids.get(self.user)
        if uid is None or os.geteuid() != 0 or not shutil.which("setpriv"):
            return command
        may = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
        return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *may, *command]

    def _from(self, instruction: Instruction, number: int) -> None:
        if self.root.exists():
            self.stages[self.stage] = self.root.rename(self.root.with_name(f"stage-{number}"))
        words = instruction.words()
        self.stage = words[2] if len(words) > 2 else ""
        self.workdir, self.user, self.environment = "/", "root", {}
        self.root.mkdir(mode=0o755)
        self._base_image()

    def _base_image(self) -> None:
        """What the base image brings: a python, and tools that know the users of the image."""
        base = self.root.parent / "base"
        base.mkdir(exist_ok=True)
        python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
        for name, body in {"python": f'exec {python} "$@"', "useradd": "exit 0", "chown": "exit 0"}.items():
            (base / name).write_text(f"#!/bin/sh\n{body}\n")
            (base / name).chmod(0o755)

    def _workdir(self, instruction: Instruction, number: int) -> None:
        self.workdir = instruction.rest
        self.place(".").mkdir(parents=True, exist_ok=True)

    def _copy(self, instruction: Instruction, number: int) -> None:
        *sources, target = instruction.words()
        goal = self.place(target)
        for source in sources:
            if "from" in instruction.flags:
                self._copy_tree(self.stages[instruction.flags["from"]] / source.lstrip("/"), goal)
            elif (self.context / source).is_dir():
                self._copy_tree(self.context / source, goal)
            else:
                shutil.copy2(self.context / source, goal if goal.is_dir() else goal.parent)
            self._own(goal, instruction.flags.get("chown"))

    @staticmethod
    def _copy_tree(source: Path, goal: Path) -> None:
        shutil.copytree(source, goal, symlinks=True, dirs_exist_ok=True)

    def _own(self, goal: Path, owner: str | None) -> None:
        uid = self.uids.get((owner or "").partition(":")[0])
        if uid is None or os.geteuid() != 0:
            return
        for path in [goal, *goal.rglob("*")]:
            os.chown(path, uid, uid, follow_symlinks=False)

    def _run(self, instruction: Instruction, number: int) -> None:
        if match := re.search(r"useradd\b[^&;|]*--uid (\d+)[^&;|]*?(\w+)\s*(?:$|[&;|])", instruction.rest):
            self.uids[match[2]] = int(match[1])
        done = subprocess.run(
            ["sh", "-c", self.mapped(instruction.rest)],
            check=False, capture_output=True, text=True, cwd=self.place("."), env=self.variables(),
        )  # fmt: skip
        assert done.returncode == 0, f"RUN {instruction.rest}: {done.stdout}{done.stderr}"
        for owner, names in re.findall(r"\bchown (\S+) ([^&;|]+)", instruction.rest):
            for name in names.split():
                self._own(self.place(name), owner)

    def _user(self, instruction: Instruction, number: int) -> None:
        self.user = instruction.rest

    def _env(self, instruction: Instruction, number: int) -> None:
        self.environment |= dict(word.split("=", 1) for word in instruction.words())

    def _volume(self, instruction: Instruction, number: int) -> None:
        self.volumes = instruction.words()

    def _healthcheck(self, instruction: Instruction, number: int) -> None:
        self.healthcheck = json.loads(instruction.rest.split("CMD", 1)[1])

    def _cmd(self, instruction: Instruction, number: int) -> None:
        self.command = instruction.words()

    def _expose(self, instruction: Instruction, number: int) -> None:
        assert instruction.rest.isdigit()

    _steps: ClassVar[dict[str, Any]] = {
        "FROM": _from, "WORKDIR": _workdir, "COPY": _copy, "RUN": _run, "USER": _user, "ENV": _env,
        "VOLUME": _volume, "HEALTHCHECK": _healthcheck, "CMD": _cmd, "EXPOSE": _expose,
    }  # fmt: skip
