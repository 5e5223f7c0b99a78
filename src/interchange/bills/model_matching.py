"""Finds the model of the calls that a bill's name means."""

from collections.abc import Callable, Iterable

from interchange.bills.meters import likeness
from settings.model_names import spellings


def matcher(models: Iterable[str]) -> Callable[[str], str]:
    """A function from a bill's name to the name of the calls, or to itself where none of them is meant.

    A name as written goes before its spellings, and these before names that only share their words.
    """
    ours = sorted(set(models))
    exact = {model.lower(): model for model in ours}
    spelled: dict[str, str] = {}
    alike: dict[tuple[str, ...], str] = {}
    for model in ours:
        for spelling in spellings(model):
            spelled.setdefault(spelling, model)
            alike.setdefault(likeness(spelling), model)

    def named(billed: str) -> str:
        written = billed.lower().replace(" ", "-")
        if written in exact:
            return exact[written]
        for spelling in spellings(written):
            if spelling in spelled:
                return spelled[spelling]
        words = (likeness(spelling) for spelling in spellings(written))
        return next((alike[found] for found in words if found in alike), billed)

    return named
