"""A JSON body that arrived over the network: read once, exactly, and asked field by field.

Numbers with a point stay decimal, so that a cost is stored as it was sent. Every complaint names the field and
what it takes, since the sender sees it.
"""

import json
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, NoReturn, Self

TEXT_LIMIT = 1_024
COUNT_LIMIT = 10**12
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class BadBody(ValueError):
    """A body that cannot be used; the message is for its sender."""


class Body:
    """A JSON object. A field that is null counts as missing, and an empty text does too."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields

    @classmethod
    def parsed(cls, body: bytes) -> Self:
        """The object in a request's body.

        Raises:
            BadBody: it is not JSON, or no object.
        """
        try:
            fields = json.loads(body, parse_float=Decimal, parse_constant=_refused_constant)
        except (ValueError, ArithmeticError, RecursionError) as error:
            raise BadBody(f"the body is not JSON that can be read ({str(error)[:80]})") from None
        if not isinstance(fields, dict):
            raise BadBody("the body must be a JSON object")
        return cls(fields)

    def has(self, field: str) -> bool:
        """Whether a field says something."""
        value = self.fields.get(field)
        return value is not None and value != ""

    def text(self, *names: str) -> str:
        """The first of some fields that holds a text; "" where none does."""
        for name in names:
            value = self.fields.get(name)
            if value is None or value == "":
                continue
            if not isinstance(value, str) or len(value) > TEXT_LIMIT or _UNPRINTABLE.search(value):
                raise BadBody(
                    f"{name} takes a text of up to {TEXT_LIMIT} characters without control characters"
                )
            return value
        return ""

    def needed_text(self, name: str) -> str:
        """A text that must be there."""
        return self.text(name) or _missing(name)

    def number(self, name: str) -> Decimal | None:
        """A number; None where it is missing."""
        value = self.fields.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise BadBody(f"{name} takes a number")
        return Decimal(value)

    def count(self, name: str) -> int | None:
        """A whole number from 0; None where it is missing."""
        number = self.number(name)
        if number is None:
            return None
        if not 0 <= number <= COUNT_LIMIT or number != int(number):
            raise BadBody(f"{name} takes a whole number from 0 to {COUNT_LIMIT}")
        return int(number)

    def needed_count(self, name: str) -> int:
        """A whole number that must be there."""
        count = self.count(name)
        return _missing(name) if count is None else count

    def milliseconds(self, name: str) -> int | None:
        """A duration from 0, rounded to whole milliseconds; None where it is missing."""
        number = self.number(name)
        if number is None:
            return None
        if not 0 <= number <= COUNT_LIMIT:
            raise BadBody(f"{name} takes milliseconds from 0")
        return int(number.to_integral_value(ROUND_HALF_EVEN))

    def within(self, name: str) -> "Body":
        """The object in a field; an empty one where it is missing."""
        value = self.fields.get(name)
        if value is None:
            return Body({})
        if not isinstance(value, dict):
            raise BadBody(f"{name} takes an object")
        return Body(value)


def _missing(name: str) -> NoReturn:
    raise BadBody(f"{name} is missing")


def _refused_constant(name: str) -> NoReturn:
    raise BadBody(f"{name} is no number")
