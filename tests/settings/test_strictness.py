"""Whatever is put in the place of a setting, the files load or are refused in one sentence that names the key."""

import copy
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.outcome import UsageError
from settings.checks import check_pricing, check_sections
from settings.loader import PRICING_PATH, SETTINGS_PATH
from settings.model import Sections
from settings.pricing import Pricing
from settings.toml_binding import Place, bind

TABLES = {
    kind: tomllib.loads(path.read_text(), parse_float=Decimal)
    for kind, path in ((Sections, SETTINGS_PATH), (Pricing, PRICING_PATH))
}
NOT_NUMBERS: list[Any] = [
    Decimal("nan"),
    Decimal("-inf"),
    Decimal("inf"),
    True,
    "1",
    [1],
    {"a": 1},
    date(2026, 1, 1),
]
OUT_OF_ANY_BOUNDS: list[Any] = [10**18, -(10**18), Decimal("1e18"), Decimal("-1e18")]
Keys = tuple[str | int, ...]


def leaves(table: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every value that is no table, with the keys that lead to it."""
    if isinstance(table, dict):
        for key, value in table.items():
            yield from leaves(value, (*keys, key))
    elif isinstance(table, list) and table and isinstance(table[0], dict):
        for number, value in enumerate(table):
            yield from leaves(value, (*keys, number))
    else:
        yield keys, table


LEAVES = [(kind, keys, value) for kind, table in TABLES.items() for keys, value in leaves(table)]
NUMBERS = [leaf for leaf in LEAVES if type(leaf[2]) in {int, Decimal}]


def load(kind: type, table: dict[str, Any]) -> None:
    place = Place("mine.toml")
    if kind is Sections:
        check_sections(bind(Sections, table, place), place)
    else:
        check_pricing(bind(Pricing, table, place), place)


def changed(kind: type, keys: Keys, value: Any) -> dict[str, Any]:
    table = copy.deepcopy(TABLES[kind])
    found = table
    for key in keys[:-1]:
        found = found[key]  # type: ignore[index]
    found[keys[-1]] = value  # type: ignore[index]
    return table


def path(keys: Keys) -> str:
    """The keys as a message names them."""
    return "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in keys)[1:]


def test_the_shipped_files_hold_settings_of_every_kind() -> None:
    assert {type(value) for _, _, value in LEAVES} == {int, Decimal, str, bool, list, dict, date} - {dict}
    assert len(NUMBERS) > 100


@given(st.sampled_from(NUMBERS), st.sampled_from(NOT_NUMBERS + OUT_OF_ANY_BOUNDS))
def test_what_is_no_number_or_far_too_large_is_refused_at_every_number(leaf: Any, bad: Any) -> None:
    kind, keys, _ = leaf
    with pytest.raises(UsageError) as refused:
        load(kind, changed(kind, keys, bad))
    assert str(refused.value).startswith(f"mine.toml: {path(keys)} ")
    assert "\n" not in str(refused.value)


@given(
    st.sampled_from(LEAVES),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.decimals(),
        st.text(),
        st.dates(),
        st.datetimes(),
        st.lists(st.one_of(st.text(), st.integers(), st.decimals()), max_size=3),
        st.dictionaries(st.text(), st.one_of(st.text(), st.decimals()), max_size=3),
    ),
)
def test_anything_anywhere_loads_or_is_refused_by_name(leaf: Any, value: Any) -> None:
    kind, keys, _ = leaf
    try:
        load(kind, changed(kind, keys, value))
    except UsageError as refused:
        assert str(refused).startswith("mine.toml: ")  # noqa: PT017  loading is allowed too


@given(st.sampled_from([leaf for leaf in LEAVES if len(leaf[1]) > 1]))
def test_a_key_that_nobody_knows_is_refused_with_those_that_are(leaf: Any) -> None:
    kind, keys, _ = leaf
    if isinstance(keys[-1], int):
        return
    with pytest.raises(UsageError, match=r"is not a setting; allowed are .*") as refused:
        load(kind, changed(kind, (*keys[:-1], "no_such_key"), 1))
    assert "no_such_key" in str(refused.value)


@pytest.mark.parametrize("text", ["", " ", "\t"])
@pytest.mark.parametrize(
    "keys",
    [
        ("model", 0, "provider"),
        ("model", 0, "model"),
        ("model", 0, "maker"),
        ("model", 0, "price", 0, "source"),
        ("plan", 0, "id"),
        ("provider", 0, "id"),
        ("offer", "usage", 0, "id"),
    ],
)
def test_a_name_is_never_empty(keys: Keys, text: str) -> None:
    with pytest.raises(UsageError, match="is empty"):
        load(Pricing, changed(Pricing, keys, text))


@pytest.mark.parametrize("keys", [("plan", 0, "monthly_usd"), ("model", 0, "price", 0, "input_usd_per_mtok")])
def test_money_has_at_most_nine_decimals(keys: Keys) -> None:
    load(Pricing, changed(Pricing, keys, Decimal("0.123456789")))
    with pytest.raises(UsageError, match="9 decimals"):
        load(Pricing, changed(Pricing, keys, Decimal("0.1234567891")))


def test_a_date_with_a_time_is_no_date() -> None:
    with pytest.raises(UsageError, match="must be a date"):
        load(Pricing, changed(Pricing, ("model", 0, "price", 0, "from"), datetime(2026, 1, 1)))  # noqa: DTZ001
