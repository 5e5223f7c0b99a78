"""Parts of figures: what is written once comes back whole, read as the browser reads it."""

from collections import Counter
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reporting.document import Facets, Slice, Unit
from reporting.slices import SliceStore

FACETS = st.builds(
    Facets,
    day=st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 9)),
    provider=st.none() | st.sampled_from(("", "a", "b")),
    organization=st.none() | st.sampled_from(("", "x", "y", "z")),
)
SLICES = st.lists(st.builds(Slice, st.integers(0, 5), st.integers(-9, 9), facets=FACETS), max_size=30)


def read(written, number):
    """The parts of a measure, from what the page holds alone: (label, value, day, provider, organization)."""
    measure = written["measures"][number]
    days, providers, organizations = (
        written["facets"][name] for name in ("days", "providers", "organizations")
    )
    parts, code = [], 0
    for step, value in zip(
        written["grids"][measure["grid"]], written["values"][measure["values"]], strict=True
    ):
        code += step
        rest, organization = divmod(code, len(organizations) + 1)
        day, provider = divmod(rest, len(providers) + 1)
        places = {"days": day, "providers": provider, "organizations": organization}
        labels = measure["labels"]
        if labels is None:
            label = 0
        elif labels[0] in places:
            label = labels[1][places[labels[0]] - 1]
        else:
            label = labels[len(parts)]
        names = [
            [None, *pool][place]
            for pool, place in zip((days, providers, organizations), places.values(), strict=True)
        ]
        parts.append((label, value, *names))
    return parts


def plainly(slices):
    return [
        (
            part.label,
            part.value,
            part.facets.day and part.facets.day.isoformat(),
            part.facets.provider,
            part.facets.organization,
        )
        for part in slices
    ]


@given(st.lists(SLICES, min_size=1, max_size=4))
def test_what_is_written_comes_back(figures):
    store = SliceStore(part for slices in figures for part in slices)
    numbers = [store.measure(slices, Unit.USD) for slices in figures]
    written = store.as_json()
    for slices, number in zip(figures, numbers, strict=True):
        if not slices:
            assert number is None
        else:
            assert Counter(read(written, number)) == Counter(plainly(slices))


def test_a_card_and_a_chart_of_the_same_parts_share_them():
    days = [date(2026, 1, day) for day in (1, 2, 3)]
    chart = [
        Slice(place, Decimal(place) / 8, facets=Facets(day=day, provider="a", organization="x"))
        for place, day in enumerate(days)
    ]
    card = [Slice(0, part.value, facets=part.facets) for part in chart]
    store = SliceStore([*chart, *card])
    assert store.measure(chart, Unit.USD) != store.measure(card, Unit.USD)
    written = store.as_json()
    assert len(written["grids"]) == len(written["values"]) == 1
    assert written["measures"][0]["labels"] == ("days", (0, 1, 2))
    assert written["measures"][1]["labels"] is None
