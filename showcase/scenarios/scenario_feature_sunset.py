"""Scenario: a feature costs more than it earns. Sunset it, or make it cheaper?

Taking a feature away saves its cost at once; what it takes along shows later. Customers who came for it leave with
their whole revenue, and profitable customers may use it beside others. The story ranks the features, looks at who
depends on the weakest one, and compares both ways out: without the feature, and with the feature on cheaper models.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from analyzers.advice.cheaper_models import Switch, switches, work
from analyzers.feature_economics.result import Feature, FeatureEconomics
from analyzers.revenue.paid import billing, price_list
from analyzers.ubr.feature_economics import FeatureEconomicsReport
from analyzers.words.figures import counted, percent, usd
from foundation.console import run
from foundation.outcome import UsageError
from showcase.printed import heading, say, table
from showcase.scenarios.moving import moves_of
from showcase.scenarios.story import Scene, tell

MAINLY = 0.5
"""A customer that makes at least this share of its calls in a feature depends on it."""
LINES = 15
ZERO = Decimal(0)


def story(scene: Scene) -> None:
    """From the ranking to two ways out, compared."""
    found = FeatureEconomicsReport().analyze(scene.calls, scene.settings)
    heading("1. What do the features earn?")
    if not found.judged:
        say(
            "No feature can be judged: no call names a feature together with a customer whose revenue is known. "
            "Give plans and prices with --pricing, or customers and tiers at the import (import_usage.py --customers)."
        )
        return
    show_features(found)
    feature = chosen(found, scene.options.feature)
    heading(f"2. Who depends on {feature.name}?")
    dependents = find_dependents(scene, feature)
    show_dependents(feature, dependents)
    with scene.what_if() as without, scene.what_if() as cheaper:
        gone = without.drop_feature(feature.name)
        moved = cheaper.move(moves_of(switches_of(scene, feature), feature=feature.name))
        heading("3. What to decide")
        show_decision(feature, dependents, found.total.cost_usd - cheaper.cost_usd)
        heading(f"4. Without the feature: {counted(gone, 'call')} fewer")
        if gone < scene.calls.source.used:
            scene.compare(without, "without_feature")
        else:
            say("No call is left: the feature is all there is.")
        heading(f"5. With the feature on cheaper models: {counted(moved, 'call')} moved")
        if moved:
            scene.compare(cheaper, "cheaper_models")
        else:
            say(
                "No cheaper model does this feature's work often enough to compare: this way is not in these data."
            )


@dataclass(frozen=True)
class Dependents:
    """Who uses a feature, and what goes with those who mainly use it, in USD.

    `customers` make at least `MAINLY` of their calls in the feature, `only` of them all. `revenue_usd` and
    `margin_usd` are theirs over all features, `own_cost_usd` is what their calls in this feature cost; what is
    unknown counts as 0.
    """

    users: int
    customers: int
    only: int
    revenue_usd: Decimal
    margin_usd: Decimal
    own_cost_usd: Decimal


def show_features(found: FeatureEconomics) -> None:
    """Every judged feature, the least return first."""
    rows = [
        (
            feature.name, percent(feature.adoption), usd(feature.usage.cost_usd), usd(earning.revenue_usd),
            "unknown" if earning.margin_usd is None else usd(earning.margin_usd), percent(earning.return_ratio),
            feature.standing.verdict.value if feature.standing else "",
        )
        for feature in ranked(found)[:LINES]
        if (earning := feature.earning)
    ]  # fmt: skip
    print(table(("feature", "adoption", "cost", "attributed revenue", "margin", "return", "verdict"), rows))
    print()
    say(
        f"Adoption is high from {percent(found.adoption_high)} of the customers, a return from "
        f"{percent(found.return_high)}; low on both sides means sunset, high adoption with low return means optimize."
    )


def ranked(found: FeatureEconomics) -> list[Feature]:
    """The judged features, the least return first."""
    return sorted(found.judged, key=lambda feature: (_return(feature), feature.name))


def chosen(found: FeatureEconomics, named: str | None) -> Feature:
    """The feature of the story: the one that was named, else the one of the least return.

    Raises:
        UsageError: there is no such feature, or it cannot be judged.
    """
    if named is None:
        return ranked(found)[0]
    match = next((feature for feature in found.judged if feature.name == named), None)
    if match is None:
        names = ", ".join(feature.name for feature in ranked(found)[:LINES])
        raise UsageError(f"--feature {named!r} is none that can be judged here; there are {names}.")
    return match


def find_dependents(scene: Scene, feature: Feature) -> Dependents:
    """The customers that use the feature, and those that mainly do."""
    rows = scene.calls.sql(USERS, feature=feature.name)
    bill = billing(scene.calls, price_list(scene.settings))
    accounts = {account.customer: account for account in bill.accounts}
    mainly = [row for row in rows if row.own_calls >= MAINLY * row.calls]
    return Dependents(
        len(rows),
        len(mainly),
        sum(row.own_calls == row.calls for row in rows),
        sum((accounts[row.customer_id].revenue_usd or ZERO for row in mainly), ZERO),
        sum((accounts[row.customer_id].margin_usd or ZERO for row in mainly), ZERO),
        sum((row.own_cost or ZERO for row in mainly), ZERO),
    )


USERS = """
select customer_id, calls, own_calls, own_cost
from (
    select customer_id, count(*) as calls,
           sum(case when feature_id = $feature then 1 else 0 end) as own_calls,
           sum(case when feature_id = $feature then cost_usd end) as own_cost
    from calls where customer_id <> '' group by customer_id
) as users
where own_calls > 0
order by customer_id
"""


def show_dependents(feature: Feature, found: Dependents) -> None:
    """Who uses the feature, and what those who mainly do pay."""
    say(
        f"{counted(found.users, 'customer')} use it. {found.customers} make at least {percent(MAINLY)} of their calls "
        f"in it, {found.only} all of them. Those {found.customers} pay {usd(found.revenue_usd)} and leave a margin of "
        f"{usd(found.margin_usd)} over the period, over all that they use."
    )
    if feature.sharing and feature.sharing.customers:
        say(
            f"{counted(feature.sharing.customers, 'profitable customer')} use it, {', '.join(feature.sharing.largest)} "
            "first: ask them before anything is switched off."
        )


def switches_of(scene: Scene, feature: Feature) -> list[Switch]:
    """Switches of the feature's tasks to models that do the same work already and have a list price."""
    rows = scene.calls.sql(
        "select distinct task_type from calls where feature_id = $feature order by task_type",
        feature=feature.name,
    )
    tasks = {row.task_type for row in rows}
    pricing, day = scene.settings.pricing, scene.calls.source.period.last_day
    found = switches(work(scene.calls), pricing, day, scene.settings.sample.comparison_calls)
    return [
        entry for entry in found if entry.work.task in tasks and pricing.find(entry.provider, entry.model)
    ]


def show_decision(feature: Feature, dependents: Dependents, saving_usd: Decimal) -> None:
    """What either way out does to the margin, at best and at worst, and what follows from it."""
    cost = feature.usage.cost_usd
    worst = cost - dependents.own_cost_usd - dependents.margin_usd
    print(
        table(
            ("way out", "margin, if everybody stays", f"if the {dependents.customers} leave"),
            [
                ("without the feature", usd(cost), usd(worst)),
                ("on cheaper models", usd(saving_usd), "nobody has a reason to"),
            ],
        )
    )
    print()
    if worst >= saving_usd:
        say("Even if all who depend on it left, taking it away would pay more: announce an end date.")
    elif saving_usd > 0:
        say(
            "Taking it away pays more only as long as enough of those who depend on it stay: move it to cheaper models "
            "first, as far as the answers hold, and look again."
        )
    else:
        say(
            "No cheaper model is in sight, and taking it away risks more than it saves: price it, or cap its use."
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds `--feature`."""
    parser.add_argument(
        "--feature", metavar="NAME", help="the feature to look at (default: the least return)"
    )


def _return(feature: Feature) -> Decimal:
    earned = feature.earning.return_ratio if feature.earning else None
    return Decimal("Infinity") if earned is None else earned


def main(argv: Sequence[str] | None = None) -> int:
    """Tells the story."""
    return tell(__doc__, "feature_sunset", story, argv, add_arguments=add_arguments)


if __name__ == "__main__":
    sys.exit(run(main))
