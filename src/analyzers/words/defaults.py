"""Thresholds that nobody set: pages say of what is shipped that it is a default, so that it is not taken for agreed.

An alert that rests on one is a warning at most: a run fails as critical by what somebody has set, or by a loss.
"""

from reporting.document import Level

NOT_AGREED = (
    "No service level is set: the limit, the target and the allowed error rate are defaults that the toolkit ships, "
    "not an agreement of yours. Write your own as [service_levels] into a TOML file and pass it with --settings FILE."
)


def level_by(level: Level, *, own: bool) -> Level:
    """The level of an alert that rests on a threshold: a warning at most where the user did not set it."""
    return level if own else Level.WARNING


def default(*, own: bool) -> str:
    """What stands before the name of a threshold that the user did not set."""
    return "" if own else "default "
