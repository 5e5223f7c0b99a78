"""Scenario: some customers cost more than they pay.

A flat price invites it: the plan is paid for by the month, the model by the token. A few customers use so much,
or so costly a model, that serving them loses money, and the others pay for it. The story finds them, says what
drives their cost, picks for each the way out that its own use supports, and shows what the margin would have
been with it.
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

from analyzers.profitability.model_switch import customer_switches
from analyzers.profitability.result import LossMaker, Profitability, Remedy, RemedyKind
from analyzers.ubr.profitability import CustomerProfitability
from analyzers.words.figures import counted, percent, usd
from calls.engine import Calls
from foundation.console import run
from showcase.printed import heading, say, table
from showcase.scenarios.moving import moves_of
from showcase.scenarios.story import Scene, tell
from showcase.scenarios.what_if import WhatIf

LINES = 12
ZERO = Decimal(0)


def story(scene: Scene) -> None:
    """From the losses to the decision and its effect."""
    found = CustomerProfitability().analyze(scene.calls, scene.settings)
    heading("1. Who loses money?")
    if found.revenue_usd is None:
        say(
            "No call names a customer on a plan with a price, so there is no revenue to set against the cost. "
            "Give plans and prices with --pricing, or customers and tiers at the import (import_usage.py --customers)."
        )
        return
    if not found.loss_makers:
        say(
            f"Nobody: all {counted(found.known_customers, 'customer')} pay for themselves. Nothing to decide."
        )
        return
    show_losses(found)
    heading("2. What drives their cost?")
    show_drivers(scene.calls, found.loss_makers)
    heading("3. What to decide")
    decided = [(entry, entry.best) for entry in found.loss_makers if entry.best]
    show_decisions(found.loss_makers)
    if not decided:
        say(
            "None of the ways out turns a loss here, or the customers are gone: the price list itself is the question."
        )
        return
    heading("4. What it would have changed")
    with scene.what_if() as changed:
        for entry, remedy in decided:
            apply(changed, scene, entry, remedy)
        scene.compare(changed)
    print()
    say(
        "Read it as an upper bound of what these decisions can do: customers are taken to stay and to use what they "
        f"used. Some may leave instead; even if all {len(found.loss_makers)} did, the margin would rise by "
        f"{usd(found.loss_usd)}. Talk to the largest first, change one group, and compare again with the calls that "
        "follow."
    )


def show_losses(found: Profitability) -> None:
    """The customers with a negative margin, and what the others earn."""
    earned = sum((c.margin_usd for c in found.customers if c.margin_usd and c.margin_usd > 0), ZERO)
    say(
        f"{len(found.loss_makers)} of {counted(found.known_customers, 'customer')} lose {usd(found.loss_usd)} "
        f"together; the others earn {usd(earned)}, and lose "
        f"{percent(found.loss_usd / earned if earned else None)} of that to them."
    )
    print()
    rows = [
        (m.customer, m.plan or "(none)", usd(m.revenue_usd or ZERO), usd(m.use.cost_usd), usd(m.loss_usd),
         percent(entry.loss_share_running))
        for entry in found.loss_makers[:LINES]
        for m in [entry.margin]
    ]  # fmt: skip
    print(table(("customer", "plan", "revenue", "cost", "loss", "of all losses, running"), rows))


def show_drivers(calls: Calls, losses: Sequence[LossMaker]) -> None:
    """Volume or price: calls per day and cost per call of each, against the other customers of its plan."""
    names = [entry.margin.customer for entry in losses[:LINES]]
    bound = {f"name_{place}": name for place, name in enumerate(names)}
    rows = calls.sql(
        f"""
        with by_customer as (
            select customer_id, max(subscription_tier) as plan, count(*) as calls,
                   cast(sum(cost_usd) as double) / nullif(count(cost_usd), 0) as cost_a_call
            from calls where customer_id <> '' group by customer_id
        ), by_plan as (
            select plan, quantile_cont(cast(calls as double), 0.5) as usual_calls,
                   quantile_cont(cost_a_call, 0.5) as usual_cost
            from by_customer group by plan
        )
        select customer_id, calls / nullif(usual_calls, 0) as volume, cost_a_call / nullif(usual_cost, 0) as price
        from by_customer join by_plan on by_customer.plan = by_plan.plan
        where customer_id in ({", ".join(f"${name}" for name in bound)})
        """,
        **bound,
    )
    by_name = {row.customer_id: row for row in rows}
    costliest = costliest_use(calls, names)
    print(
        table(
            (
                "customer",
                "calls, times the plan's median",
                "cost per call, times the median",
                "most expensive use",
            ),
            [
                (name, _times(by_name[name].volume), _times(by_name[name].price), costliest[name])
                for name in names
                if name in by_name
            ],
        )
    )


def costliest_use(calls: Calls, customers: Sequence[str]) -> dict[str, str]:
    """For each customer the feature and model that cost most, and its share of the customer's cost."""
    bound = {f"name_{place}": name for place, name in enumerate(customers)}
    rows = calls.sql(
        f"""
        select customer_id, feature_id, model, cost, cost / nullif(sum(cost) over (partition by customer_id), 0) as part
        from (
            select customer_id, feature_id, model, cast(sum(cost_usd) as double) as cost
            from calls where customer_id in ({", ".join(f"${name}" for name in bound)}) and cost_usd is not null
            group by customer_id, feature_id, model
        ) as uses
        order by cost desc, feature_id, model
        """,
        **bound,
    )
    found: dict[str, str] = {}
    for row in rows:
        found.setdefault(
            row.customer_id, f"{row.feature_id or '(no feature)'} with {row.model}, {percent(row.part)}"
        )
    return {name: found.get(name, "unknown") for name in customers}


def show_decisions(losses: Sequence[LossMaker]) -> None:
    """The way out for each loss-maker, with the margin per month after it."""
    rows = [
        (
            entry.margin.customer,
            f"{entry.best.kind.value} {entry.best.detail}" if entry.best else _no_remedy(entry),
            usd(entry.margin_usd_month),
            usd(entry.best.margin_after_usd_month) if entry.best else "n/a",
        )
        for entry in losses[:LINES]
    ]
    print(table(("customer", "decision", "margin per month now", "after it"), rows))
    if len(losses) > LINES:
        print(f"... and {len(losses) - LINES:,} more, decided by the same rule")
    print()
    say(
        "The rule: the cheapest plan that covers the cost; else a cheaper model that does the same work already; else "
        "a cap at what the plan pays for. Raising one customer's price is left to people."
    )


def apply(changed: WhatIf, scene: Scene, entry: LossMaker, remedy: Remedy) -> int:
    """Changes the calls as a remedy would have; returns how many."""
    margin, price = entry.margin, entry.margin.monthly_usd or ZERO
    if remedy.kind is RemedyKind.UPGRADE:
        fee = price + remedy.saving_usd_month
        return changed.set_plan(margin.customer, _plan_at(fee, scene), fee)
    if remedy.kind is RemedyKind.SWITCH:
        found = customer_switches(scene.calls, [margin.customer], scene.settings)[margin.customer]
        return changed.move(moves_of(found.moves, customer=margin.customer))
    cost, allowed = price - entry.margin_usd_month, price - remedy.margin_after_usd_month
    return changed.cap(margin.customer, int(margin.pace_tokens_month * allowed / cost))


def _plan_at(fee: Decimal, scene: Scene) -> str:
    return next(plan.id for plan in scene.settings.pricing.plan if plan.monthly_usd == fee)


def _no_remedy(entry: LossMaker) -> str:
    return "none: no longer active" if not entry.margin.current else "none that turns the loss"


def _times(ratio: float | None) -> str:
    return "n/a" if ratio is None else f"{ratio:.1f}"


def main(argv: Sequence[str] | None = None) -> int:
    """Tells the story."""
    return tell(__doc__, "unprofitable_customers", story, argv)


if __name__ == "__main__":
    sys.exit(run(main))
