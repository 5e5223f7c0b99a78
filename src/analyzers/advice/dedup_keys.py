"""De-duplication keys: what an alert or advice is about, named alike by every report, so that it is shown once."""

from datetime import date

from analyzers.budgets.alerts import dedup_key
from analyzers.budgets.budget_state import BudgetState


def moved_work(provider: str, model: str, task: str) -> str:
    """The work of a model on a task, which a cheaper one could do."""
    return f"work/{provider}/{model}/{task}"


def budget(state: BudgetState) -> str:
    """A budget of settings.toml."""
    return dedup_key(state)


def burst(day: date) -> str:
    """What happened on a day: a burst shows in the total, in models, features and customers."""
    return f"burst/{day}"


def fall(day: date) -> str:
    """Calls that are missing from a day on: it shows in the total, in models, features and customers."""
    return f"fall/{day}"
