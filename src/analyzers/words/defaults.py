"""Thresholds that nobody set: pages say of what is shipped that it is a default, so that it is not taken for agreed.

An alert that rests on one is a warning at most: a run fails as critical by what somebody has set, or by a loss.
"""

NOT_AGREED = (
    "No service level is set: the limit, the target and the allowed error rate are defaults that the toolkit ships, "
    "not an agreement of yours. Write your own as [service_levels] into a TOML file and pass it with --settings FILE."
)


def default(*, own: bool) -> str:
    """What stands before the name of a threshold that the user did not set."""
    return "" if own else "default "
