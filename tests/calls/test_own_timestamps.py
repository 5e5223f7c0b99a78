"""The fast reading of timestamps as our own files print them takes nothing that the rule for one line refuses."""

import duckdb
import pytest

from calls.schema import COLUMN_BY_NAME
from calls.values import BadValue, normal, plain_sql

OWN = "2026-06-01T00:00:00.535368Z", "2024-02-29T23:59:59.999999Z", "2099-12-31T10:10:10.000000Z"
SIGNS = [chr(code) for code in range(1, 128)] + ["\u0663", "\u2013", "\u00a0"]
MOVED = "05 \t\n+-ZT:."
COLUMN = COLUMN_BY_NAME["timestamp"]


def read(texts: list[str]) -> dict[str, str | None]:
    """What the fast path makes of texts, as the rule prints it; None for what it leaves to others."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            f'select "timestamp", {plain_sql("timestamp")} from (select unnest($1) as "timestamp") as texts',
            [texts],
        ).fetchall()
    return {text: value and value.isoformat(timespec="microseconds") for text, value in rows}


def by_the_rule(text: str) -> str | None:
    try:
        return normal(COLUMN, text)
    except BadValue:
        return None


def damaged(own: str) -> set[str]:
    """One sign replaced, or one taken out and another put in elsewhere: such texts keep their length."""
    places = range(len(own))
    found = {own[:place] + sign + own[place + 1 :] for place in places for sign in SIGNS}
    for place in places:
        rest = own[:place] + own[place + 1 :]
        found |= {rest[:other] + sign + rest[other:] for other in places for sign in MOVED}
    return found


@pytest.mark.parametrize("own", OWN)
def test_only_what_the_rule_takes_and_with_its_value(own: str) -> None:
    texts = sorted(damaged(own))
    found = read(texts)
    assert len(found) == len(texts)
    taken = {text: value for text, value in found.items() if value is not None}
    assert len(taken) > 100
    assert taken == {text: by_the_rule(text) for text in taken}


@pytest.mark.parametrize("own", OWN)
def test_each_of_ours_is_taken(own: str) -> None:
    assert read([own]) == {own: own[:-1]}


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-01T24:00:00.000000Z", "2026-06-01T23:59:60.000000Z", "2026-02-29T00:00:00.000000Z",
        "1999-12-31T23:59:59.999999Z", "2100-01-01T00:00:00.000000Z", "2026-6-01T00:00:00.5353680Z",
        "2026-06-01T00:00:00.5353+02", " 2026-06-01T00:00:00.53536Z", "2026-06-01T00:00:00.53536 Z",
        "2026-06-01T00:00:00.53536Z\t", "2026-06-01 00:00:00.535368Z", "2026-06-01T00:00:00Z", "",
    ],
)  # fmt: skip
def test_others_are_left_to_the_rule(text: str) -> None:
    assert read([text]) == {text: None}
