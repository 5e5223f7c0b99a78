"""Recommendations on unprofitable customers: computed from the rows of the page, none without a loss."""

from analyzers.profitability.losses import LOSSES
from analyzers.profitability.result import LossMaker, Profitability, Remedy, RemedyKind
from analyzers.usage.tables import shown_name
from analyzers.words.figures import counted, percent, usd
from reporting.document import Confidence, Recommendation

SHOWN = 20
"""Recommendations on the page, the largest first."""
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
    confidence, reason = _confidence(entry)
    calls = counted(margin.use.calls, "call")
    return Recommendation(
        id=f"loss-{margin.customer}",
        action=_action(entry, best),
        subject=f"{margin.customer} ({shown_name(margin.plan)})",
        usd_month=best.saving_usd_month,
        confidence=confidence,
        why=f"{reason} {_assumption(best)} Margin after: {usd(best.margin_after_usd_month)} per month.",
        rows=f"{calls} of {margin.customer} in {counted(result.period_days, 'day')}, a loss of "
        f"{usd(margin.loss_usd)}",
        target="losses-table",
        target_row=margin.customer,
    )


def _action(entry: LossMaker, best: Remedy) -> str:
    customer = entry.margin.customer
    return {
        RemedyKind.UPGRADE: f"Upgrade {customer} {best.detail}",
        RemedyKind.SWITCH: f"Move calls of {customer} to a cheaper model: {best.detail}",
        RemedyKind.CAP: f"Cap {customer} {best.detail}",
        RemedyKind.PRICE: f"Raise the price of {customer} {best.detail}",
    }[best.kind]


def _confidence(entry: LossMaker) -> tuple[Confidence, str]:
    outlook = entry.margin.outlook
    if outlook is None:
        have = entry.margin.pace_days
        return Confidence.LOW, f"{counted(have, 'day')} of its history: too little to judge next month by."
    words = f"A loss next month has a chance of {percent(outlook.loss_probability)}."
    if outlook.loss_probability >= SURE:
        return Confidence.HIGH, words
    return (Confidence.MEDIUM if outlook.loss_probability >= LIKELY else Confidence.LOW), words


def _assumption(best: Remedy) -> str:
    return {
        RemedyKind.UPGRADE: "Assumes that the customer accepts the plan and uses as much as today.",
        RemedyKind.SWITCH: "Quality is not in the data: try a share of the calls first.",
        RemedyKind.CAP: "Assumes that the customer stays with a cap and uses all of it.",
        RemedyKind.PRICE: "Assumes that the customer accepts the price and uses as much as today.",
    }[best.kind]
