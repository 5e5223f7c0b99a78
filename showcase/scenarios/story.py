"""What the scenarios share: a file of calls, a place for what they write, and the comparison at the end."""

import argparse
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import compare_scenarios
from calls.engine import Calls, open_calls
from foundation.console import Parser, add_settings_arguments, printable
from foundation.outcome import ExitCode
from foundation.places import REPORTS, shown
from settings.loader import load_settings
from settings.model import Settings
from showcase.example import add_calls_argument, calls_file
from showcase.printed import introduce
from showcase.scenarios.what_if import WhatIf
from simulator.core import AICallSimulator


@dataclass(frozen=True)
class Scene:
    """What a scenario works with: the calls and their file, the settings, and a folder for what it writes."""

    calls: Calls
    path: Path
    settings: Settings
    out: Path
    options: argparse.Namespace

    def what_if(self) -> WhatIf:
        """The calls, to be changed."""
        return WhatIf(self.calls, self.settings.pricing)

    def compare(self, changed: WhatIf, name: str = "after") -> None:
        """Writes the changed calls to `<name>.csv` and compares them with the file as it was."""
        after, page = self.out / f"{name}.csv", self.out / f"{name}.html"
        changed.write(after)
        arguments = [str(self.path), str(after), "--out", str(page), *self._settings_flags()]
        files = shlex.join([printable(shown(self.path)), printable(shown(after))])
        print(f"$ python3 src/compare_scenarios.py {files}", flush=True)
        compare_scenarios.main(arguments)

    def _settings_flags(self) -> list[str]:
        flags = (("--settings", self.options.settings), ("--pricing", self.options.pricing))
        return [part for flag, value in flags if value for part in (flag, value)]


def tell(
    document: str | None,
    name: str,
    story: Callable[[Scene], None],
    argv: Sequence[str] | None,
    *,
    pattern: type[AICallSimulator] = AICallSimulator,
    add_arguments: Callable[[argparse.ArgumentParser], None] | None = None,
) -> int:
    """Tells a scenario's story over the calls of `--data`; what it writes goes to `--out`."""
    title, _, explanation = (document or "").partition("\n\n")
    parser = Parser(description=title)
    add_calls_argument(parser)
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=Path,
        default=REPORTS / "what_if" / name,
        help=f"where the changed calls and the comparison go (default: reports/what_if/{name})",
    )
    add_settings_arguments(parser)
    if add_arguments is not None:
        add_arguments(parser)
    options = parser.parse_args(argv)
    settings = load_settings(options.settings, options.pricing)
    with calls_file(options.data, pattern) as path, open_calls(path) as calls:
        introduce(title, explanation)
        period = calls.source.period
        used, where = calls.source.used, printable(shown(path))
        print(f"\n{used:,} calls from {period.first_day} to {period.last_day} in {where}")
        story(Scene(calls, path, settings, options.out, options))
    return ExitCode.OK
