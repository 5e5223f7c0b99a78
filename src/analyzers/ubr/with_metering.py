"""The closing comparison of each report on usage-based revenue, in the figures of its result."""

from typing import TYPE_CHECKING

from analyzers.words.figures import counted, listed, number_or_none, percent, usd
from analyzers.words.with_metering import metering_section
from reporting.document import Section

if TYPE_CHECKING:  # each report has a section here, and none need load what the others are made of
    from analyzers.feature_economics.result import FeatureEconomics
    from analyzers.pricing_strategy.result import PricingStrategy
    from analyzers.profitability.result import Profitability


def profitability_metering(result: "Profitability") -> Section:
    """Who pays for themselves. Only for results with a known margin."""
    worst = [entry.margin.customer for entry in result.loss_makers]
    losses = (
        f"{counted(len(worst), 'customer')}, {usd(result.loss_usd)} in all: {listed(worst)}"
        if worst
        else "No customer"
    )
    likely = sum(1 for entry in result.customers if entry.outlook and entry.outlook.loss_probability > 0.5)
    return metering_section(
        (
            "Do we earn money?",
            "Revenue less one invoice",
            f"{usd(result.margin_usd or 0)} ({percent(result.margin_share)} of revenue), customer by customer",
        ),
        ("Who costs more than they pay?", "Hidden in the mean", losses),
        (
            "Who will next month?",
            "Found out a quarter later",
            f"{counted(likely, 'customer')} more likely than not, from the days so far",
        ),
    )


def pricing_metering(result: "PricingStrategy") -> Section:
    """What to charge. Only for results with offers."""
    candidate = result.candidate
    gain = (
        f"{usd(result.gain_usd_month or 0)} a month with {candidate.id}"
        if candidate
        else "No other offer is listed"
    )
    asked = (
        f"{counted(candidate.losers, 'customer')} pay more, {number_or_none(candidate.winners)} less"
        if candidate
        else "Nobody"
    )
    return metering_section(
        (
            "What would another price bring?",
            "What a competitor's page suggests",
            f"{gain}, re-rated on the real use of {counted(len(result.customers), 'customer')}",
        ),
        ("Who pays more, who less?", "Known when they complain", asked),
        (
            "Can use be billed at all?",
            "No: nothing counts it by customer",
            "Yes: every call names its customer",
        ),
    )


def feature_metering(result: "FeatureEconomics") -> Section:
    """Which features earn their tokens. Only for results with named features."""
    dearest = result.named[0]
    losing = f"{counted(len(result.losing), 'feature')}: {listed([entry.name for entry in result.losing])}"
    return metering_section(
        (
            "What does a feature cost?",
            "Not known: an invoice knows models, not features",
            f"{counted(len(result.named), 'feature')} told apart; {dearest.name} takes {usd(dearest.usage.cost_usd)}",
        ),
        (
            "Who uses it?",
            "Page views, if they are counted",
            f"{counted(result.customers, 'customer')}, call by call",
        ),
        (
            "Which lose money?",
            "Argued about",
            losing if result.losing else "No feature, by the revenue attributed to it",
        ),
    )
