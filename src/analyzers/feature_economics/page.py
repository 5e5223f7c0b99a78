"""The page of feature economics: its sections in order, alerts, summary and finding."""

from decimal import Decimal
from typing import Any

from analyzers.base import Analyzer, report
from analyzers.feature_economics.advice import recommendations
from analyzers.feature_economics.against_invoice import against_invoice
from analyzers.feature_economics.cards import NO_FEATURE, headline_cards, unknown_reason
from analyzers.feature_economics.charts import (
    cost_chart,
    daily_chart,
    quadrant_chart,
    quadrant_title,
    return_chart,
)
from analyzers.feature_economics.methods import METHODS
from analyzers.feature_economics.pair_tables import bundle_table, sharing_table
from analyzers.feature_economics.result import Feature, FeatureEconomics, Verdict
from analyzers.feature_economics.summary_lines import summary_lines
from analyzers.feature_economics.tables import (
    engagement_table,
    quadrant_table,
    return_table,
    use_table,
)
from analyzers.revenue.paid import HOW_TO_GIVE
from analyzers.usage.sums import share
from analyzers.usage.tables import unpriced_table
from analyzers.words.figures import count, counted, listed, percent, usd
from analyzers.words.opening import cost_words, period_words
from reporting.document import (
    Alert,
    Block,
    Document,
    Level,
    Note,
    Section,
)


def page(analyzer: Analyzer[Any], result: FeatureEconomics) -> Document:
    """The document of a result."""
    cards = headline_cards(result)
    return report(
        analyzer,
        cards,
        summary=_summary(result),
        finding=_finding(result),
        sections=_sections(result),
        recommendations=recommendations(result),
        alerts=_alerts(result),
        methods=METHODS,
        summary_lines=summary_lines(result),
    )


def _summary(result: FeatureEconomics) -> tuple[str, ...]:
    period = period_words(result.first_day, result.last_day)
    opening = f"{period}, {counted(result.total.calls, 'call')} cost {cost_words(result.total)}"
    if result.named:
        opening += f" over {counted(len(result.named), 'feature')}"
    return (f"{opening}.", _finding(result), *_verdict_words(result))


def _finding(result: FeatureEconomics) -> str:
    if reason := unknown_reason(result):
        return reason
    if not result.losing:
        return f"No feature costs more than the revenue attributed to it{_low_return_words(result)}."
    worst = result.losing[0]
    number = len(result.losing)
    loss = sum((feature.loss_usd for feature in result.losing), Decimal(0))
    return (
        f"{number:,} of {counted(len(result.named), 'feature')} {'costs' if number == 1 else 'cost'} more than "
        f"the revenue attributed to {'it' if number == 1 else 'them'}, {usd(loss)} in all; {worst.name} loses most."
    )


def _low_return_words(result: FeatureEconomics) -> str:
    low = [
        feature.name
        for feature in result.judged
        if feature.standing and feature.standing.verdict in {Verdict.OPTIMIZE, Verdict.SUNSET}
    ]
    if not low:
        return ""
    verb = "returns" if len(low) == 1 else "return"
    return f"; {listed(low)} {verb} less than {percent(result.return_high)} of cost"


def _verdict_words(result: FeatureEconomics) -> tuple[str, ...]:
    if unknown_reason(result):
        return ()
    firm = sum(1 for feature in result.judged if feature.standing and feature.standing.robust)
    some = f"{firm:,} of these verdicts {'holds' if firm == 1 else 'hold'}"
    hold = "all of these verdicts hold" if 1 < firm == len(result.judged) else some
    return (f"{quadrant_title(result)}; {hold} under an equal split of revenue too.",)


def _alerts(result: FeatureEconomics) -> tuple[Alert, ...]:
    shared = [feature for feature in result.losing if feature.shared and feature.sharing]
    return tuple(_shared_alert(feature) for feature in shared[:5])


def _shared_alert(feature: Feature) -> Alert:
    sharing = feature.sharing
    users = sharing.customers if sharing else 0
    margin = sharing.margin_usd if sharing else Decimal(0)
    return Alert(
        level=Level.WARNING,
        title=f"{feature.name} loses money, and profitable customers use it",
        text=f"{counted(users, 'profitable customer')} with {usd(margin)} of margin "
        f"{'uses' if users == 1 else 'use'} it: ask before it is sunset.",
        usd=feature.loss_usd,
        target="shared",
    )


def _sections(result: FeatureEconomics) -> tuple[Section, ...]:
    if not result.named:
        whole = Section("use", "Cost without features", blocks=(Note(NO_FEATURE), use_table(result)))
        return (whole, *_gaps(result))
    reason = unknown_reason(result)
    use = _use(result)
    if reason:
        note = Section("unknown", "What features earn", blocks=(Note(reason),))
        engaged = (_engagement(result), _bundles(result)) if result.customers else ()
        return (use, *engaged, note, *_gaps(result))
    return (
        use,
        _engagement(result),
        Section(
            "earning",
            "What features earn",
            blocks=(return_chart(result), return_table(result)),
            intro=_rule(result),
        ),
        _quadrant(result),
        _bundles(result),
        _sharing(result),
        *_gaps(result),
        against_invoice(result),
    )


def _use(result: FeatureEconomics) -> Section:
    return Section(
        "use", "Cost and adoption", blocks=(cost_chart(result), use_table(result), daily_chart(result))
    )


def _engagement(result: FeatureEconomics) -> Section:
    window = min(30, result.period_days)
    intro = (
        f"Customers are the users. Stickiness is over the last {counted(window, 'day')}: 100% means that every "
        "customer of the feature uses it every day."
    )
    return Section(
        "engaged", "Power users, stickiness and trend", blocks=(engagement_table(result),), intro=intro
    )


def _rule(result: FeatureEconomics) -> str:
    known = counted(result.known_customers, "customer")
    return (
        f"The revenue of {known}, {usd(result.customer_revenue_usd or 0)}, is divided over the calls each of "
        "them makes; an equal split over the features each uses stands beside it. Both add up to that revenue."
    )


def _quadrant(result: FeatureEconomics) -> Section:
    intro = (
        f"Adoption is high from {percent(result.adoption_high)} of customers, a return from "
        f"{percent(result.return_high)} of cost. Invest: both high; maintain: the return; optimize: adoption; "
        "sunset: neither."
    )
    return Section(
        "portfolio",
        "Invest, maintain, optimize or sunset",
        blocks=(quadrant_chart(result), quadrant_table(result)),
        intro=intro,
    )


def _bundles(result: FeatureEconomics) -> Section:
    title = "Features used together"
    if not result.bundles:
        text = (
            f"No two features share the {counted(result.least_support, 'customer')} that a judgement needs "
            f"(of {counted(result.customers, 'customer')})."
        )
        return Section("bundles", title, blocks=(Note(text),))
    found = sum(1 for bundle in result.bundles if bundle.significant)
    intro = (
        f"{count(found)} of {counted(len(result.bundles), 'pair')} with at least "
        f"{counted(result.least_support, 'customer')} in common {'is' if found == 1 else 'are'} used together more "
        "than chance has it, by a test that may be wrong in 5% of them. This is association, not cause."
    )
    return Section("bundles", title, blocks=(bundle_table(result),), intro=intro)


def _sharing(result: FeatureEconomics) -> Section:
    title = "Before a feature is sunset"
    if not result.losing:
        return Section(
            "before-sunset", title, blocks=(Note("No feature loses money: there is none to give up."),)
        )
    intro = "A feature that loses money may be why profitable customers stay; ask those named first."
    return Section("before-sunset", title, blocks=(sharing_table(result),), intro=intro)


def _gaps(result: FeatureEconomics) -> tuple[Section, ...]:
    blocks: list[Block] = [Note(text) for text in _gap_words(result)]
    if result.unpriced:
        blocks.append(unpriced_table(result.unpriced))
    return (Section("gaps", "What these figures leave out", blocks=tuple(blocks)),) if blocks else ()


def _gap_words(result: FeatureEconomics) -> list[str]:
    words = []
    unknown = result.customers - result.known_customers
    if unknown:
        words.append(
            f"The price or the whole cost of {counted(unknown, 'customer')} is unknown: their revenue is unknown, "
            f"not zero, and their {usd(result.unknown_revenue_cost_usd)} of cost is in no margin. {HOW_TO_GIVE}"
        )
    if result.named and result.unallocated:
        held = percent(share(result.unallocated.usage.calls, result.total.calls))
        words.append(f"{held} of calls name no feature; their cost and revenue stand in a line of their own.")
    unjudged = [feature.name for feature in result.named if not feature.standing]
    if result.judged and unjudged:
        words.append(f"Without a verdict, since no cost is known: {listed(unjudged)}.")
    if result.filtered:
        words.append(
            "A filter narrows the calls, not the plans: revenue is the whole price of each customer that is left, "
            "while cost covers the selected calls only, so returns are higher than without the filter."
        )
    return words
