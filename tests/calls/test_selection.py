"""Which calls are opened, as one value."""

from dataclasses import FrozenInstanceError

import pytest

from calls.selection import ALL_CALLS, Selection


@pytest.mark.parametrize(
    ("selection", "narrows"),
    [
        (ALL_CALLS, False),
        (Selection(timezone="Asia/Tokyo", late_after_ms=5, allow_credits=True, max_bad_rows=0.5), False),
        (Selection(excluded_columns=("user_agent",), memory_limit="2GB"), False),
        (Selection(since="7d"), True),
        (Selection(until="2026-01-31"), True),
        (Selection(where=(("model", "gpt-5"),)), True),
        (Selection(customers="customers.csv"), True),
    ],
)
def test_what_narrows_is_what_leaves_calls_out_or_changes_them(selection: Selection, narrows: bool) -> None:
    assert selection.narrows is narrows


def test_another_period_keeps_all_but_the_share_of_bad_rows() -> None:
    before = Selection(
        since="7d", where=(("model", "m"),), max_bad_rows=0.0, timezone="Asia/Tokyo", late_after_ms=7
    )
    assert before.of_period("2026-01-01", "2026-01-08") == Selection(
        since="2026-01-01",
        until="2026-01-08",
        where=(("model", "m"),),
        timezone="Asia/Tokyo",
        late_after_ms=7,
    )


def test_a_selection_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        ALL_CALLS.since = "7d"  # type: ignore[misc]
