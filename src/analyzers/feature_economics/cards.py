"""The headline figures of feature economics, and why some cannot be known."""

from decimal import Decimal

from analyzers.feature_economics.periods import known_by_day
from analyzers.feature_economics.result import FeatureEconomics
from analyzers.usage.cells import COST
from analyzers.usage.earlier_period import change, points
from analyzers.usage.tables import cost_value
from analyzers.words.figures import counted, gist, usd
from reporting.document import MetricCard, Unit, Value

NO_FEATURE = (
    "No call names a feature, so nothing can be said about features: neither their cost, nor who uses them, nor "
    "what they earn. Set feature_id on the calls to know."
)
NO_CUSTOMER = (
    "No call names a customer, so adoption, revenue and return of features cannot be known; cost, calls and "
    "tokens can."
)
NO_MARGIN = (
    "No customer has both a known price and a known cost, so revenue and return of features cannot be known."
)
NO_COST = "No call that names a feature has a known cost, so the return of features cannot be known."


def unknown_reason(result: FeatureEconomics) -> str:
    """Why returns cannot be known, or '' where they can."""
    if not result.named:
        return NO_FEATURE
    if not result.customers:
        return NO_CUSTOMER
    if not result.known_customers:
        return NO_MARGIN
    return "" if result.judged else NO_COST


def headline_cards(result: FeatureEconomics) -> tuple[MetricCard, ...]:
    """The cards; the first is the one of the landing page."""
    reason = gist(unknown_reason(result))
    earning = None if reason else result.earning
    margin = earning.margin_usd if earning else None
    return (
        MetricCard(
            id="return",
            label="Return on feature cost",
            value=Value(
                earning.return_ratio if earning else None,
                Unit.SHARE,
                reason=reason or "no known cost above zero",
            ),
            note="attributed margin over cost, all features",
            change=None if reason else points(result.return_versus, rise_is_good=True),
        ),
        MetricCard(
            id="cost",
            label="Cost",
            value=cost_value(result.total),
            change=change(result.cost_versus),
            trend=_daily_cost(result),
            sum=COST,
        ),
        MetricCard(
            id="revenue",
            label="Attributed revenue",
            value=Value(earning.revenue_usd if earning else None, Unit.USD, reason=reason),
            note=_unattributed_note(result),
        ),
        MetricCard(
            id="margin",
            label="Margin",
            value=Value(margin, Unit.USD, reason=reason or "no call has a known cost"),
        ),
        MetricCard(id="count", label="Features", value=Value(len(result.named), Unit.COUNT)),
        MetricCard(
            id="losing",
            label="Features losing money",
            value=Value(None if reason else len(result.losing), Unit.COUNT, reason=reason),
            note=""
            if reason or not result.losing
            else f"{counted(_shared(result), 'feature')} of them used by profitable customers",
        ),
        _adoption_card(result),
    )


def _adoption_card(result: FeatureEconomics) -> MetricCard:
    label = "Widest adoption"
    if not result.named or not result.customers:
        return MetricCard(
            id="adoption", label=label, value=Value(None, Unit.SHARE, reason=unknown_reason(result))
        )
    widest = max(result.named, key=lambda feature: (feature.customers, feature.name))
    note = f"{widest.name}: {widest.customers:,} of {counted(result.customers, 'customer')}"
    return MetricCard(id="adoption", label=label, value=Value(widest.adoption, Unit.SHARE), note=note)


def _shared(result: FeatureEconomics) -> int:
    return sum(1 for feature in result.losing if feature.shared)


def _unattributed_note(result: FeatureEconomics) -> str:
    rest = result.unallocated
    if rest is None or rest.earning is None or unknown_reason(result):
        return ""
    return f"{usd(rest.earning.revenue_usd)} of it belongs to calls without a feature"


def _daily_cost(result: FeatureEconomics) -> tuple[Decimal | None, ...]:
    costs = known_by_day(result.cells)
    return tuple(costs[day] for day in sorted(costs))
