"""The alerts of budgets: over the budget or heading for it in the open window, and closed windows that spent more."""

from decimal import Decimal

from analyzers.budgets.budget_state import BudgetState
from analyzers.words.figures import counted, day, percent, usd
from reporting.document import Alert, Level

TARGET = "budgets"
CLOSED_TARGET = "closed-budgets"


def dedup_key(state: BudgetState) -> str:
    """What an alert on a budget is about, named alike by every report."""
    return f"budget/{state.key}"


def overrun_alert(state: BudgetState) -> Alert | None:
    """The alert of a budget that the open window passes, from the day on which it does, or will pass."""
    if not state.is_overrun:
        return None
    said = f"{usd(state.spent_usd)} of {usd(state.budget_usd)} is spent"
    if state.estimate_usd is not None:
        said += f" and {state.window.title} is forecast to end at {usd(state.estimate_usd)}"
    title = f"The {state.noun} for {state.title} "
    title += f"is overrun since {day(state.crossed_on)}" if state.crossed_on else "is heading for an overrun"
    return Alert(
        level=Level.CRITICAL if state.crossed_on else Level.WARNING,
        title=title,
        text=f"{said}.",
        usd=state.overrun_usd,
        target=TARGET,
        dedup_key=dedup_key(state),
    )


def level_alert(state: BudgetState, shares: tuple[Decimal, ...]) -> Alert | None:
    """The alert of a budget: the highest level that what is spent, or the forecast, has reached."""
    spent = state.spent_share
    reached = [level for level in shares if spent is not None and spent >= level]
    if not reached and not state.is_overrun:
        return None
    over = bool(reached and reached[-1] >= 1) or state.crossed_on is not None
    said = f"{percent(spent)} is spent after {percent(state.pace_share)} of {state.window.title}"
    if state.estimate_usd is not None:
        said += f", which is forecast to end at {usd(state.estimate_usd)}"
    if state.crossed_on:
        said += f"; it was crossed on {day(state.crossed_on)}"
    elif state.runs_out_on:
        said += f" and runs out on {day(state.runs_out_on)}"
    noun = state.noun.capitalize()
    found = "over " + percent(reached[-1]) if reached else "an overrun is forecast"
    return Alert(
        level=Level.CRITICAL if over else Level.WARNING,
        title=f"{noun} for {state.title}: {found}",
        text=f"{said}.",
        usd=state.overrun_usd if state.is_overrun else None,
        target=TARGET,
        dedup_key=dedup_key(state),
    )


def unused_alert(state: BudgetState) -> Alert | None:
    """The alert of a budget that is for nothing that the calls name: a misspelled name would never be overrun."""
    if state.has_calls:
        return None
    return Alert(
        level=Level.INFO,
        title=f"The {state.noun} for {state.title} counts no call",
        text=f"No call names {state.title}; write the name in [[budget]] as the calls write it.",
        target=TARGET,
        dedup_key=f"{dedup_key(state)}/unused",
    )


def closed_alert(state: BudgetState) -> Alert | None:
    """The alert of a budget that the last closed window has passed; those before it are in the table alone."""
    if not state.exceeded or state.exceeded[-1] != state.closed[-1]:
        return None
    last, earlier = state.exceeded[-1], len(state.exceeded) - 1
    said = f"{usd(last.spent_usd)} of {usd(state.budget_usd)} was spent"
    said += f"; it was crossed on {day(last.crossed_on)}" if last.crossed_on else ""
    said += f". {counted(earlier, 'earlier window')} passed it too" if earlier else ""
    return Alert(
        level=Level.CRITICAL,
        title=f"The {state.noun} for {state.title} was overrun in {last.window.title}",
        text=f"{said}.",
        usd=last.spent_usd - state.budget_usd,
        target=CLOSED_TARGET,
        dedup_key=f"{dedup_key(state)}/closed",
    )
