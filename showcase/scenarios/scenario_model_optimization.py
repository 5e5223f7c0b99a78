"""Scenario: costly models do work that cheaper ones do already.

Teams start with the best model and stay with it. Months later the same kind of task runs on several models, one
of them many times more expensive, and nobody has looked. The story finds work (a task, at a length) that a cheaper
model does in these very calls, prices what would move token by token, decides to move a part of it, and compares.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
from collections.abc import Sequence
from decimal import Decimal

from analyzers.advice.cheaper_models import Switch, switches, work
from analyzers.usage.sums import breakdown
from analyzers.words.figures import counted, percent, usd
from calls.engine import Calls
from foundation.console import run
from showcase.printed import heading, say, table
from showcase.scenarios.moving import moves_of
from showcase.scenarios.story import Scene, tell

LINES = 12
ZERO = Decimal(0)


def story(scene: Scene) -> None:
    """From the spread of prices to a move that can be tested."""
    heading("1. What does the same work cost on different models?")
    show_spread(scene.calls)
    heading("2. Which work could move?")
    found = [
        entry
        for entry in switches(
            work(scene.calls),
            scene.settings.pricing,
            scene.calls.source.period.last_day,
            scene.settings.sample.comparison_calls,
        )
        if scene.settings.pricing.find(entry.provider, entry.model)
    ]
    if not found:
        say(
            "None: no task runs on a cheaper model of at most one grade less, often enough "
            f"({scene.settings.sample.comparison_calls} calls) to compare. Nothing to decide."
        )
        return
    show_switches(scene, found)
    heading("3. What to decide")
    moved, tested = scene.settings.levers.switch_share, scene.settings.levers.test_share
    say(
        f"Quality is not in these data. So: try {percent(tested)} of the calls of each line on the cheaper model and "
        f"let people compare the answers; where they hold, move {percent(moved)}. The comparison shows that state. "
        "Which calls move is decided by their ids, the same every time; answers are taken to be as long as they were, "
        "and how long they would take is left unknown."
    )
    heading("4. What it would have changed")
    with scene.what_if() as changed:
        count = changed.move(moves_of(found, share=moved))
        print(f"{counted(count, 'call')} moved and priced at the rates of their own day\n")
        scene.compare(changed)


def show_spread(calls: Calls) -> None:
    """For each task, what a thousand tokens cost on its most expensive and its cheapest model of some use."""
    rows = calls.sql(
        """
        with by_model as (
            select task_type, model, count(*) as calls, sum(cost_usd) as cost,
                   1000 * cast(sum(cost_usd) as double) / nullif(sum(input_tokens + output_tokens), 0) as per_1k
            from calls where cost_usd is not null
            group by task_type, model having count(*) >= 30
        )
        select task_type, sum(calls) as calls, sum(cost) as cost,
               max_by(model, per_1k) as costly, max(per_1k) as costly_per_1k,
               min_by(model, per_1k) as cheap, min(per_1k) as cheap_per_1k
        from by_model group by task_type order by cost desc, task_type
        """
    )
    headings = (
        "task",
        "calls",
        "cost",
        "most expensive model",
        "USD / 1K tokens",
        "cheapest model",
        "USD / 1K tokens",
        "ratio",
    )
    print(
        table(
            headings,
            [
                (
                    row.task_type or "(no task)", int(row.calls), usd(row.cost), row.costly, _rate(row.costly_per_1k),
                    row.cheap, _rate(row.cheap_per_1k),
                    f"{row.costly_per_1k / row.cheap_per_1k:.0f}" if row.cheap_per_1k else "n/a",
                )
                for row in rows[:LINES]
            ],
        )
    )  # fmt: skip


def show_switches(scene: Scene, found: Sequence[Switch]) -> None:
    """The lines of work that could move, and what each would cost there."""
    total = breakdown(scene.calls).total.cost_usd
    saving = sum((entry.saving_usd for entry in found), ZERO)
    say(
        f"{counted(len(found), 'line')} of work; if every call of them moved, {usd(saving)} of {usd(total)} would be "
        f"saved ({percent(saving / total if total else None)})."
    )
    print()
    rows = [
        (entry.work.task or "(no task)", entry.work.band_name, entry.work.usage.calls, entry.work.model, entry.model,
         usd(entry.work.usage.cost_usd), usd(entry.usd_after), usd(entry.saving_usd))
        for entry in found[:LINES]
    ]  # fmt: skip
    print(table(("task", "input tokens", "calls", "from", "to", "costs", "would cost", "saving"), rows))
    if len(found) > LINES:
        print(f"... and {len(found) - LINES:,} more")


def _rate(per_1k: float | None) -> str:
    return "unknown" if per_1k is None else f"{per_1k:.5f}"


def main(argv: Sequence[str] | None = None) -> int:
    """Tells the story."""
    return tell(__doc__, "model_optimization", story, argv)


if __name__ == "__main__":
    sys.exit(run(main))
