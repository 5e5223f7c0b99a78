"""What tests ask of documents."""

import dataclasses
from collections.abc import Iterator


def texts(value: object) -> Iterator[str]:
    """Every text anywhere in a document."""
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for entry in dataclasses.fields(value):
            yield from texts(getattr(value, entry.name))
    elif isinstance(value, tuple):
        for entry in value:
            yield from texts(entry)
