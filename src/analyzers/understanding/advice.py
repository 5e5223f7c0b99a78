"""What could be cheaper: calls longer than their peers, and the recommendations that the numbers carry."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from statistics import median

from analyzers.advice import dedup_keys
from analyzers.advice.cheaper_models import Switch
from analyzers.advice.confidence import Sureness, moving
from analyzers.budgets.budget_state import BudgetState
from analyzers.understanding.result import Bloat, Understanding
from analyzers.usage.sums import MEASURES, Usage, usage_of
from analyzers.usage.tables import NO_TASK
from analyzers.words.figures import counted, day, listed, percent, usd
from calls.engine import Calls
from reporting.document import Confidence, Method, Recommendation

MOST_SWITCHES = 5
MOST_BLOATS = 3
LEAST_USD_MONTH = Decimal(1)
"""Advice worth less than this per month is left out."""
BLOAT_RATIO = Decimal("1.5")
"""Calls longer than their peers' by this factor are called bloated."""
BLOAT_PEERS = 3

BY_ORGANIZATION_AND_TASK = f"""
select organization_id, task_type,
       {MEASURES}
from work
where organization_id <> '' and is_priced
group by organization_id, task_type
order by organization_id, task_type
"""

METHOD = Method(
    id="switch",
    title="Cheaper model and token bloat",
    formula="saving = cost × (1 − list cost of the same tokens on the target / on the model) × share assumed to move",
    assumptions=(
        "The target already does the same task at the same input length (under 1,000, under 10,000, longer) "
        "with enough calls, at most one grade below.",
        "Bloat: an organization's tokens per call above 1.5 times the median of three or more others for the task.",
        "A month is 30 days at the pace of the period.",
    ),
    exclusions=("Quality, which is not in the data.",),
)


def bloats(calls: Calls, needed: int) -> tuple[Bloat, ...]:
    """Organizations whose calls are longer than their peers' for the same task, the most expensive excess first."""
    by_task: dict[str, list[tuple[str, Usage]]] = defaultdict(list)
    for row in calls.sql(BY_ORGANIZATION_AND_TASK):
        usage = usage_of(row)
        if usage.calls >= needed and usage.tokens:
            by_task[row.task_type].append((row.organization_id, usage))
    found = [bloat for task, entries in by_task.items() for bloat in _bloats_of(task, entries)]
    return tuple(sorted(found, key=lambda bloat: (-bloat.excess_usd, bloat.organization, bloat.task)))


def _bloats_of(task: str, entries: Sequence[tuple[str, Usage]]) -> list[Bloat]:
    found = []
    for organization, usage in entries:
        peers = [Decimal(other.tokens) / other.calls for name, other in entries if name != organization]
        if len(peers) < BLOAT_PEERS:
            continue
        usual = median(peers)
        if Decimal(usage.tokens) / usage.calls > BLOAT_RATIO * usual:
            found.append(Bloat(organization, task, usage, usual, len(peers)))
    return found


def recommendations(result: Understanding) -> tuple[Recommendation, ...]:
    """All advice, the largest amount first."""
    found = [*_switch_advice(result), *_bloat_advice(result), *_budget_advice(result)]
    worth = [entry for entry in found if entry.usd_month >= LEAST_USD_MONTH]
    return tuple(sorted(worth, key=lambda entry: (-entry.usd_month, entry.id)))


def _switch_advice(result: Understanding) -> list[Recommendation]:
    grouped: dict[tuple[str, str, str, str, str], list[Switch]] = defaultdict(list)
    for entry in result.switches:
        work = entry.work
        grouped[work.provider, work.model, work.task, entry.provider, entry.model].append(entry)
    ranked = sorted(
        grouped.values(), key=lambda group: (-sum(entry.saving_usd for entry in group), repr(group))
    )
    return [_switch(result, group) for group in ranked[:MOST_SWITCHES]]


def _switch(result: Understanding, group: list[Switch]) -> Recommendation:
    first = group[0]
    source, task = first.work, first.work.task or NO_TASK
    calls = sum(entry.work.usage.calls for entry in group)
    tokens = sum(entry.work.usage.tokens for entry in group)
    saved = sum((entry.saving_usd for entry in group), Decimal(0)) * result.switch_share
    steps = max(entry.grade_steps for entry in group)
    sure = moving(source.task, steps, result.period_days)
    return Recommendation(
        id=f"switch-{source.model}-{task}-{first.model}",
        action=f"Test {first.model} in place of {source.model} for {task}",
        subject=f"{source.provider} {source.model}, {task}".strip(),
        usd_month=saved * result.month_factor,
        confidence=sure.confidence,
        why=f"{sure.words} {first.model} does the same task at the same length in these data, "
        f"{'a grade below' if steps else 'in the same grade'}; assumes that {percent(result.switch_share)} of the "
        "calls can move. Quality is not in the data: test first.",
        rows=f"{counted(calls, 'call')} with {tokens:,} tokens in {counted(result.period_days, 'day')}",
        target="by-model",
        target_row=f"{source.provider}/{source.model}",
        needs_test=True,
        dedup_key=dedup_keys.moved_work(source.provider, source.model, source.task),
    )


def _bloat_advice(result: Understanding) -> list[Recommendation]:
    """One for each organization, the largest few."""
    grouped: dict[str, list[Bloat]] = defaultdict(list)
    for entry in result.bloats:
        grouped[entry.organization].append(entry)
    ranked = sorted(grouped.items(), key=lambda item: (-sum(e.excess_usd for e in item[1]), item[0]))
    return [_bloat(result, name, entries) for name, entries in ranked[:MOST_BLOATS]]


def _bloat(result: Understanding, organization: str, entries: list[Bloat]) -> Recommendation:
    excess = sum((entry.excess_usd for entry in entries), Decimal(0))
    calls = sum(entry.usage.calls for entry in entries)
    tokens = sum(entry.usage.tokens for entry in entries)
    worst = max(entries, key=lambda entry: entry.excess_usd)
    tasks = listed([entry.task or NO_TASK for entry in entries])
    return Recommendation(
        id=f"bloat-{organization}",
        action=f"Shorten the prompts and answers of {organization} for {tasks}",
        subject=organization,
        usd_month=excess * result.month_factor,
        confidence=Confidence.LOW,
        why=f"For {worst.task or NO_TASK}, {percent(worst.excess_share)} of its tokens lie above the "
        f"median length of {worst.peers} other organizations; assumes that the work is alike. "
        "The amount is the gap to that median, no saving.",
        rows=f"{counted(calls, 'call')} with {tokens:,} tokens",
        target="by-organization",
        target_row=organization,
        saves=False,
        needs_test=True,
    )


def _budget_advice(result: Understanding) -> list[Recommendation]:
    return [_budget(state) for state in result.budgets if state.is_overrun]


def _budget(state: BudgetState) -> Recommendation:
    chance = state.overrun_probability
    evidence = Confidence.HIGH if chance is not None and chance >= 0.9 else Confidence.MEDIUM
    sure = Sureness(evidence, Confidence.MEDIUM, "whoever holds the budget")
    when = f"; it runs out on {day(state.runs_out_on)}" if state.runs_out_on else ""
    if state.crossed_on:
        when = f"; it was crossed on {day(state.crossed_on)}"
    return Recommendation(
        id=f"budget-{state.key}".replace("/", "-"),
        action=f"Cut or raise the {state.noun} for {state.title}: {_expected(state)} of {usd(state.budget_usd)}{when}",
        subject=state.title,
        usd_month=state.overrun_usd or Decimal(0),
        confidence=sure.confidence,
        why=f"{sure.words} The chance of an overrun is {percent(chance)} by the forecast's own past errors."
        if chance is not None
        else f"{sure.words} The history is too short for a probability.",
        rows=f"{usd(state.spent_usd)} spent in {state.window.title}, {counted(state.days_left, 'day')} left",
        target="budgets",
        target_row=state.key,
        saves=False,
        dedup_key=dedup_keys.budget(state),
    )


def _expected(state: BudgetState) -> str:
    """What the window comes to, or what is spent where nothing is forecast."""
    if state.estimate_usd is None:
        return f"{usd(state.spent_usd)} spent"
    return f"forecast {usd(state.estimate_usd)}"
