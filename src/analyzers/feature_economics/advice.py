"""Recommendations on features: computed from the rows of the page, none without a loss or a return too low."""

from decimal import Decimal

from analyzers.advice.confidence import Sureness
from analyzers.feature_economics.result import Earning, Feature, FeatureEconomics, Standing, Verdict
from analyzers.usage.period import MONTH_DAYS
from analyzers.usage.sums import ZERO
from analyzers.words.figures import counted, percent, usd
from reporting.document import Confidence, Recommendation

GAP = "The amount is the gap to that target, no saving: how to close it is not in the data."
LOSS = Sureness(Confidence.HIGH, Confidence.MEDIUM)
"""The loss is known; what is done about it is not."""
SHOWN = 20
"""Recommendations on the page, the largest first."""


def recommendations(result: FeatureEconomics) -> tuple[Recommendation, ...]:
    """What to do about features that lose money, or that many use and that return too little."""
    found = [
        advice
        for feature in result.judged
        if feature.earning and feature.standing
        for advice in [_advice(result, feature, feature.earning, feature.standing)]
        if advice and advice.usd_month > 0
    ]
    found.sort(key=lambda advice: (-advice.usd_month, advice.id))
    return tuple(found[:SHOWN])


def _advice(
    result: FeatureEconomics, feature: Feature, earning: Earning, standing: Standing
) -> Recommendation | None:
    if feature.loss_usd > 0:
        if standing.verdict is Verdict.SUNSET and not feature.shared:
            return _sunset(result, feature, earning, standing)
        return _break_even(result, feature, earning, standing)
    if standing.verdict is Verdict.OPTIMIZE:
        return _optimize(result, feature, earning, standing)
    return None


def _sunset(
    result: FeatureEconomics, feature: Feature, earning: Earning, standing: Standing
) -> Recommendation:
    reason = "No profitable customer uses it. Assumes that all revenue attributed to it goes with it."
    action = f"Sunset {feature.name}: few use it, and it costs more than it brings"
    return _made(result, feature, earning, standing, action, feature.loss_usd, reason, saves=True)


def _break_even(
    result: FeatureEconomics, feature: Feature, earning: Earning, standing: Standing
) -> Recommendation:
    cut = percent(feature.loss_usd / earning.cost_usd)
    action = f"Cut the cost of {feature.name} by {cut}, or charge for it, so that it pays for itself"
    reason = "Assumes that use and revenue stay as they are."
    if feature.shared and feature.sharing:
        reason = (
            f"{counted(feature.sharing.customers, 'profitable customer')} use it: do not sunset it before "
            f"asking them. {reason}"
        )
    return _made(result, feature, earning, standing, action, feature.loss_usd, f"{reason} {GAP}", saves=False)


def _optimize(
    result: FeatureEconomics, feature: Feature, earning: Earning, standing: Standing
) -> Recommendation:
    saving = max(ZERO, -(standing.spare_cost_usd or ZERO))
    cut = percent(saving / earning.cost_usd) if earning.cost_usd else "0%"
    action = f"Cut the cost of {feature.name} by {cut} to reach a return of {percent(result.return_high)}"
    reason = "It earns, but less than the threshold asks. Assumes that use and revenue stay as they are."
    return _made(result, feature, earning, standing, action, saving, f"{reason} {GAP}", saves=False)


def _made(
    result: FeatureEconomics,
    feature: Feature,
    earning: Earning,
    standing: Standing,
    action: str,
    period_usd: Decimal,
    reason: str,
    *,
    saves: bool,
) -> Recommendation:
    confidence, why = _confidence(result, feature, earning, standing)
    return Recommendation(
        id=f"feature-{feature.name}",
        action=action,
        subject=feature.name,
        usd_month=period_usd * MONTH_DAYS / result.period_days,
        confidence=confidence,
        why=f"{why} {reason}",
        rows=f"{counted(feature.usage.calls, 'call')} of {counted(feature.customers, 'customer')} in "
        f"{counted(result.period_days, 'day')}: {usd(earning.cost_usd)} of cost, {usd(earning.revenue_usd)} "
        "of attributed revenue",
        target="returns",
        target_row=feature.name,
        saves=saves,
    )


def _confidence(
    result: FeatureEconomics, feature: Feature, earning: Earning, standing: Standing
) -> tuple[Confidence, str]:
    if feature.usage.calls < result.comparison_calls or result.period_days < MONTH_DAYS // 2:
        return Confidence.LOW, "Few calls or few days: the figures may move."
    if not standing.robust:
        return Confidence.LOW, "The equal split of revenue gives another verdict."
    agreed = (earning.equal_margin_usd or ZERO) < 0
    if feature.loss_usd > 0 and agreed and earning.priced_calls == earning.calls:
        return (
            LOSS.confidence,
            f"{LOSS.words} Both rules of attribution show the loss, and all cost is known.",
        )
    return Confidence.MEDIUM, "Both rules of attribution give this verdict."
