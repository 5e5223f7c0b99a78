"""Recommendations on unprofitable customers: computed from the rows of the page, none without a loss."""

from decimal import Decimal

from analyzers.advice.confidence import Sureness
from analyzers.profitability.losses import LOSSES
from analyzers.profitability.methods import CHANCES
from analyzers.profitability.result import LossMaker, Profitability, Remedy, RemedyKind
from analyzers.usage.sums import share
from analyzers.usage.tables import shown_name
from analyzers.words.figures import counted, percent, usd
from reporting.document import Confidence, Recommendation

SHOWN = 20
"""Recommendations on the page, the largest first."""
RAISES = (RemedyKind.UPGRADE, RemedyKind.PRICE)
SURE, LIKELY = 0.95, 0.75
"""Probability of a loss next month from which a recommendation is highly, or fairly, sure."""


def recommendations(result: Profitability) -> tuple[Recommendation, ...]:
    """What to do about the loss-makers that a remedy turns, the largest gain first."""
    found = [
        _recommendation(entry, entry.best, result)
        for entry in result.loss_makers[:LOSSES]
        if entry.best is not None
    ]
    found.sort(key=lambda entry: -entry.usd_month)
    return tuple(found[:SHOWN])


def _recommendation(entry: LossMaker, best: Remedy, result: Profitability) -> Recommendation:
    margin = entry.margin
    evidence, reason = _evidence(entry)
    sure = Sureness(
        evidence,
        _acting(entry, best, result),
        "the team" if best.kind is RemedyKind.SWITCH else "the customer",
    )
    calls = counted(margin.use.calls, "call")
    return Recommendation(
        id=f"loss-{margin.customer}",
        action=_action(entry, best),
        subject=f"{margin.customer} ({shown_name(margin.plan)})",
        usd_month=_counted_on(entry, best, result),
        confidence=sure.confidence,
        why=f"{sure.words} {reason} {_assumption(entry, best, result)}",
        rows=f"{calls} of {margin.customer} in {counted(result.period_days, 'day')}, a loss of "
        f"{usd(margin.loss_usd)}",
        target="losses-table",
        target_row=margin.customer,
        needs_test=best.kind is RemedyKind.SWITCH,
    )


def _is_shock(entry: LossMaker, best: Remedy, result: Profitability) -> bool:
    """Whether the bill rises by more than the limit of settings.toml: then the customer may as well leave."""
    rise, price = best.saving_usd_month, entry.margin.monthly_usd or Decimal(0)
    return best.kind in RAISES and rise > price * result.shock_limit


def _acting(entry: LossMaker, best: Remedy, result: Profitability) -> Confidence:
    """How likely it goes as assumed: a steep rise is not accepted, and a cap may drive the customer away."""
    return Confidence.LOW if _is_shock(entry, best, result) else Confidence.MEDIUM


def _counted_on(entry: LossMaker, best: Remedy, result: Profitability) -> Decimal:
    """What comes of it: of a steep rise only the loss that ends, since it ends whether the customer pays or leaves."""
    return (
        min(best.saving_usd_month, -entry.margin_usd_month)
        if _is_shock(entry, best, result)
        else best.saving_usd_month
    )


def _action(entry: LossMaker, best: Remedy) -> str:
    customer = entry.margin.customer
    return {
        RemedyKind.UPGRADE: f"Upgrade {customer} {best.detail}",
        RemedyKind.SWITCH: f"Move calls of {customer} to a cheaper model: {best.detail}",
        RemedyKind.CAP: f"Cap {customer} {best.detail}",
        RemedyKind.PRICE: f"Raise the price of {customer} {best.detail}",
    }[best.kind]


def _evidence(entry: LossMaker) -> tuple[Confidence, str]:
    outlook = entry.margin.outlook
    if outlook is None:
        have = entry.margin.pace_days
        return Confidence.LOW, f"{counted(have, 'day')} of its history: too little to judge next month by."
    words = f"A loss next month has a chance of {percent(outlook.loss_probability)} ({CHANCES})."
    if outlook.loss_probability >= SURE:
        return Confidence.HIGH, words
    return (Confidence.MEDIUM if outlook.loss_probability >= LIKELY else Confidence.LOW), words


def _assumption(entry: LossMaker, best: Remedy, result: Profitability) -> str:
    after = f"Margin after: {usd(best.margin_after_usd_month)} per month"
    if _is_shock(entry, best, result):
        rise = share(best.saving_usd_month, entry.margin.monthly_usd)
        steep = (
            f"The bill rises by {percent(rise)}" if rise is not None else "The customer pays nothing today"
        )
        return (
            f"{steep}, so the customer may leave: counted is the loss that ends either way. {after} if it accepts the "
            "price and uses as much as today, 0 if it leaves."
        )
    return {
        RemedyKind.UPGRADE: f"Assumes that the customer accepts the plan and uses as much as today. {after}.",
        RemedyKind.SWITCH: f"Quality is not in the data: try a share of the calls first. {after}.",
        RemedyKind.CAP: f"Assumes that the customer stays with a cap and uses all of it. {after}, 0 if it leaves.",
        RemedyKind.PRICE: f"Assumes that the customer accepts the price and uses as much as today. {after}.",
    }[best.kind]
