"""What the query scripts share: a file of calls from the command line, and a question's answer as a table."""

import inspect
from collections.abc import Callable, Iterable, Sequence

from calls.arguments import add_filter_arguments, selection_from
from calls.engine import Calls
from calls.engine_choice import open_any
from foundation.console import Parser, add_settings_arguments, printable
from foundation.outcome import ExitCode
from foundation.places import shown
from settings.loader import load_settings
from settings.model import Settings
from showcase.example import add_calls_argument, calls_file
from showcase.printed import heading, introduce, table

Answer = tuple[Sequence[str], Iterable[Sequence[object]]]
"""Headings and rows."""
Question = Callable[[Calls], Answer]
"""The first line of its docstring is what is asked, the rest a note below the table."""


def answer(
    document: str | None, questions: Callable[[Settings], Iterable[Question]], argv: Sequence[str] | None
) -> int:
    """Prints what the script is about, then each question and its table, over the calls of `--data`."""
    title, _, explanation = (document or "").partition("\n\n")
    parser = Parser(description=title)
    add_calls_argument(parser)
    add_filter_arguments(parser)
    add_settings_arguments(parser)
    options = parser.parse_args(argv)
    selection = selection_from(options)
    settings = load_settings(options.settings, options.pricing)
    with calls_file(options.data) as path, open_any(path, selection) as calls:
        used, period = calls.source.used, calls.source.period
        introduce(title, explanation)
        print(printable(f"\n{used:,} calls from {period.first_day} to {period.last_day} in {shown(path)}"))
        for question in questions(settings):
            asked, _, note = inspect.cleandoc(question.__doc__ or "").partition("\n\n")
            headings, rows = question(calls)
            heading(asked)
            print(table(headings, rows))
            if note:
                print(f"\n{note}")
    return ExitCode.OK
