"""What advice is about, named alike by every report that gives it, so that the landing page shows it once."""

from datetime import date

from analyzers.budgets.standing import BudgetState


def moved_work(provider: str, model: str, task: str) -> str:
    """The work of a model on a task, which a cheaper one could do."""
    return f"work/{provider}/{model}/{task}"


def budget(state: BudgetState) -> str:
    """A budget of settings.toml."""
    return f"budget/{state.scope}/{state.name}"


def burst(day: date) -> str:
    """What happened on a day: a burst shows in the total, in models, features and customers."""
    return f"burst/{day}"
