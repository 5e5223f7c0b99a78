"""The headline figures of customer profitability, and why there may be no margin."""

from collections.abc import Callable
from decimal import Decimal

from analyzers.profitability.result import MarginGroup, Profitability
from analyzers.usage.earlier_period import change
from analyzers.usage.tables import cost_value
from analyzers.words.figures import counted, gist
from analyzers.words.opening import lacking_words
from reporting.document import Facets, MetricCard, Slice, Unit, Value

SLICED = 200
"""Organizations up to which cards can be narrowed to one."""
NO_CUSTOMER = (
    "No call names a customer, so revenue and margin cannot be known; the cost is shown as unallocated."
)
NO_PRICE = "No customer's plan has a known price, so revenue and margin cannot be known."


def cards(result: Profitability) -> tuple[MetricCard, ...]:
    """All cards, the headline first."""
    reason = gist(no_margin_reason(result))
    return (
        MetricCard(
            id="margin",
            label="Gross margin",
            value=Value(result.margin_usd, Unit.USD, reason=reason, at_most=result.use.at_least),
            note=_unpriced_note(result),
            change=None if reason else change(result.margin_versus, rise_is_good=True),
            trend=tuple(day.known_margin_usd for day in result.daily) if not reason else (),
            slices=() if reason else _slices(result, lambda group: group.margin_usd),
            highlight=True,
        ),
        MetricCard(
            id="margin-share",
            label="Gross margin of revenue",
            value=Value(result.margin_share, Unit.SHARE, reason=reason or "no revenue"),
        ),
        MetricCard(
            id="revenue",
            label="Revenue",
            value=Value(result.revenue_usd, Unit.USD, reason=reason),
            change=None if reason else change(result.revenue_versus, rise_is_good=True),
            slices=() if reason else _slices(result, lambda group: group.revenue_usd),
        ),
        MetricCard(
            id="cost",
            label="Cost to serve",
            value=cost_value(result.use),
            change=change(result.cost_versus),
            trend=tuple(day.known_cost_usd for day in result.daily),
            slices=_slices(result, lambda group: group.use.cost_usd),
        ),
        MetricCard(
            id="unprofitable",
            label="Unprofitable customers",
            value=Value(None if reason else len(result.loss_makers), Unit.COUNT, reason=reason),
            note="" if reason else f"of {counted(result.known_customers, 'customer')} with a known margin",
        ),
        _loss_card(result, reason),
        MetricCard(id="unallocated", label="Unallocated cost", value=_unallocated(result)),
    )


def _slices(result: Profitability, part: Callable[[MarginGroup], Decimal | None]) -> tuple[Slice, ...]:
    """A figure by organization; none where there are too many to add up in a browser, or one is unknown."""
    parts = [(group.name, part(group)) for group in result.by_organization]
    if len(parts) > SLICED or any(amount is None for _, amount in parts):
        return ()
    return tuple(
        Slice(0, amount, facets=Facets(organization=name)) for name, amount in parts if amount is not None
    )


def _unpriced_note(result: Profitability) -> str:
    lacking = lacking_words(result.use)
    return f"at most: {lacking}" if lacking else ""


def _loss_card(result: Profitability, reason: str) -> MetricCard:
    loss = None if reason else result.loss_usd
    value = Value(loss, Unit.USD, reason=reason, at_least=result.use.at_least)
    return MetricCard(id="loss", label="Their loss", value=value)


def _unallocated(result: Profitability) -> Value:
    use = result.unallocated
    return cost_value(use) if use.calls else Value(use.cost_usd, Unit.USD)


def no_margin_reason(result: Profitability) -> str:
    """Why there is no margin, or '' where there is one."""
    if result.margin_usd is not None:
        return ""
    return NO_PRICE if result.customers else NO_CUSTOMER
