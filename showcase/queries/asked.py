"""What the query scripts share: a file of calls from the command line, and a question's answer as a table."""

from collections.abc import Callable, Iterable, Sequence

from calls.arguments import add_data_argument, add_filter_arguments, filters_from
from calls.engine import Calls, open_calls
from console import Parser
from showcase.printed import table

Question = Callable[[Calls], tuple[Sequence[str], Iterable[Sequence[object]]]]
"""Calls in, headings and rows out."""


def answer(description: str, questions: Iterable[Question], argv: Sequence[str] | None) -> int:
    """Prints each question's first docstring line and its table, over the calls of `--data`."""
    parser = Parser(description=description)
    add_data_argument(parser)
    add_filter_arguments(parser)
    options = parser.parse_args(argv)
    with open_calls(options.data, **filters_from(options)) as calls:
        for question in questions:
            headings, rows = question(calls)
            print(f"\n{(question.__doc__ or '').splitlines()[0]}\n")
            print(table(headings, rows))
    return 0
