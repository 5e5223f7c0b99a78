"""What the query scripts share: a file of calls from the command line, and a question's answer as a table."""

from collections.abc import Callable, Iterable, Sequence

from calls.arguments import add_filter_arguments, filters_from
from calls.engine import Calls, open_calls
from console import Parser, add_settings_arguments
from outcome import ExitCode
from settings.loader import load_settings
from settings.model import Settings
from showcase.example import add_calls_argument, calls_file
from showcase.printed import table

Answer = tuple[Sequence[str], Iterable[Sequence[object]]]
"""Headings and rows."""
Question = Callable[[Calls], Answer]
"""The first line of its docstring is what is asked."""


def answer(
    description: str, questions: Callable[[Settings], Iterable[Question]], argv: Sequence[str] | None
) -> int:
    """Prints each question and its table, over the calls of `--data`."""
    parser = Parser(description=description)
    add_calls_argument(parser)
    add_filter_arguments(parser)
    add_settings_arguments(parser)
    options = parser.parse_args(argv)
    filters = filters_from(options)
    settings = load_settings(options.settings, options.pricing)
    with calls_file(options.data) as path, open_calls(path, **filters) as calls:
        used, period = calls.source.used, calls.source.period
        print(f"{description} {used:,} calls from {period.first_day} to {period.last_day}")
        for question in questions(settings):
            headings, rows = question(calls)
            print(f"\n{(question.__doc__ or '').splitlines()[0]}\n")
            print(table(headings, rows))
    return ExitCode.OK
