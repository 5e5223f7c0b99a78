"""The columns of a FOCUS export: all of the specification's, then our own, which begin with `x_`.

Each is an expression over `c`, the charges of `focus_charges` with what the price list says of their sellers.
What does not apply to AI calls is null throughout: dropping such a column would break rules about others.
"""

from dataclasses import dataclass
from enum import StrEnum

from interchange.exporters.focus_price_list import UNKNOWN, label, token_type
from settings.meters import METERS


class Type(StrEnum):
    """The types of FOCUS, as the engine holds them."""

    STRING = "varchar"
    DECIMAL = "decimal(38,15)"
    INSTANT = "timestamp"
    COUNT = "bigint"


@dataclass(frozen=True)
class FocusColumn:
    """A column: its name, its type, and SQL for its value."""

    name: str
    type: Type
    value: str


PRICING_UNIT = "1000000 Tokens"
_NULL, _PERIOD = "null", "<period>"
_LABELS = " ".join(f"when '{token_type(meter.name)}' then '{label(meter.name)}'" for meter in METERS)
_LABEL = f"case c.meter {_LABELS} else 'Tokens' end"
_PROVIDER = f"coalesce(nullif(c.provider, ''), '{UNKNOWN}')"
_MODEL = f"coalesce(nullif(c.model, ''), '{UNKNOWN}')"
_SKU = f"{_PROVIDER} || '/' || {_MODEL} || '/' || replace(lower({_LABEL}), ' ', '-')"
_PRICE_SIZE = """
    concat_ws('/', case when c.above_input_tokens > 0 then 'above-' || c.above_input_tokens || '-input-tokens'
        else 'standard' end, c.price_tier, c.price_speed, c.price_place)
"""
_ACCOUNT = "coalesce(nullif(c.billing_account, ''), nullif(c.organization_id, ''), 'unallocated')"
_CUSTOMER = "nullif(c.customer_id, '')"
_LIST_COST = "coalesce(c.millions * c.list_price, c.billed_usd)"
_CONTRACTED_COST = "coalesce(c.millions * c.contracted_price, c.billed_usd)"
_DESCRIPTION = f"""{_MODEL} || ' ' || case when c.category = 'Usage' then lower({_LABEL}) else lower(c.category) end
    || case when c.unknown_cost then ' (cost unknown, not in BilledCost)'
    when c.partial_cost then ' (cost at least)' else '' end"""
_PRICE_DETAILS = f"""json_merge_patch('{{}}', json_object('x_AboveInputTokens',
    case when c.above_input_tokens > 0 then c.above_input_tokens end, 'x_InferenceGeo', c.price_place,
    'x_Model', {_MODEL}, 'x_ServiceTier', c.price_tier, 'x_Speed', c.price_speed, 'x_TokenType', c.meter))"""


def _of_usage(value: str) -> str:
    """What only usage has: credits and adjustments have no quantity, unit, price or SKU."""
    return f"case when c.category = 'Usage' then {value} end"


def _string(name: str, value: str) -> FocusColumn:
    return FocusColumn(name, Type.STRING, value)


def _decimal(name: str, value: str) -> FocusColumn:
    return FocusColumn(name, Type.DECIMAL, value)


def _instant(name: str, value: str) -> FocusColumn:
    return FocusColumn(name, Type.INSTANT, value)


COLUMNS: tuple[FocusColumn, ...] = (
    _string("AvailabilityZone", _NULL),
    _decimal("BilledCost", "c.billed_usd"),
    _string("BillingAccountId", _ACCOUNT),
    _string("BillingAccountName", _ACCOUNT),
    _string("BillingAccountType", "'Organization'"),
    _string("BillingCurrency", "'USD'"),
    _instant("BillingPeriodEnd", "date_trunc('month', c.starts) + interval '1' month"),
    _instant("BillingPeriodStart", "date_trunc('month', c.starts)"),
    _string("CapacityReservationId", _NULL),
    _string("CapacityReservationStatus", _NULL),
    _string("ChargeCategory", "c.category"),
    _string("ChargeClass", _NULL),
    _string("ChargeDescription", _DESCRIPTION),
    _string("ChargeFrequency", "case when c.category = 'Usage' then 'Usage-Based' else 'One-Time' end"),
    _instant("ChargePeriodEnd", f"c.starts + interval '1' {_PERIOD}"),
    _instant("ChargePeriodStart", "c.starts"),
    _string("CommitmentDiscountCategory", _NULL),
    _string("CommitmentDiscountId", _NULL),
    _string("CommitmentDiscountName", _NULL),
    _decimal("CommitmentDiscountQuantity", _NULL),
    _string("CommitmentDiscountStatus", _NULL),
    _string("CommitmentDiscountType", _NULL),
    _string("CommitmentDiscountUnit", _NULL),
    _decimal("ConsumedQuantity", _of_usage("c.tokens")),
    _string("ConsumedUnit", _of_usage("'Tokens'")),
    _decimal("ContractedCost", _CONTRACTED_COST),
    _decimal("ContractedUnitPrice", _of_usage("c.contracted_price")),
    _decimal("EffectiveCost", "c.billed_usd"),
    _string("InvoiceId", _NULL),
    _string("InvoiceIssuerName", "c.provider_name"),
    _decimal("ListCost", _LIST_COST),
    _decimal("ListUnitPrice", _of_usage("c.list_price")),
    _string("PricingCategory", _of_usage("'Standard'")),
    _string("PricingCurrency", "'USD'"),
    _decimal("PricingCurrencyContractedUnitPrice", _of_usage("c.contracted_price")),
    _decimal("PricingCurrencyEffectiveCost", "c.billed_usd"),
    _decimal("PricingCurrencyListUnitPrice", _of_usage("c.list_price")),
    _decimal("PricingQuantity", _of_usage("c.millions")),
    _string("PricingUnit", _of_usage(f"'{PRICING_UNIT}'")),
    _string("ProviderName", "c.provider_name"),
    _string("PublisherName", "c.publisher_name"),
    _string("RegionId", "nullif(c.region, '')"),
    _string("RegionName", "nullif(c.region, '')"),
    _string("ResourceId", _NULL),
    _string("ResourceName", _NULL),
    _string("ResourceType", _NULL),
    _string("ServiceCategory", "'AI and Machine Learning'"),
    _string("ServiceName", "c.service_name"),
    _string("ServiceSubcategory", "'Generative AI'"),
    _string("SkuId", _of_usage(_SKU)),
    _string("SkuMeter", _of_usage(_LABEL)),
    _string("SkuPriceDetails", _of_usage(_PRICE_DETAILS)),
    _string("SkuPriceId", _of_usage(f"{_SKU} || '/' || {_PRICE_SIZE}")),
    _string("SubAccountId", _CUSTOMER),
    _string("SubAccountName", _CUSTOMER),
    _string("SubAccountType", f"case when {_CUSTOMER} is not null then 'Customer' end"),
    _string("Tags", "c.tags"),
    _decimal("x_AverageLatencyMs", "c.latency_ms"),
    FocusColumn("x_CallCount", Type.COUNT, "case when c.is_first then c.calls else 0 end"),
    _string(
        "x_CostStatus",
        "case when c.unknown_cost then 'Unknown' when c.partial_cost then 'Partial' else 'Recorded' end",
    ),
    _string("x_ListPriceStatus", "case when c.listed then 'Listed' else 'Unlisted' end"),
    _string("x_Model", _MODEL),
    _string("x_TokenType", "c.meter"),
)
ORDER = (
    "starts, billing_account, organization_id, customer_id, provider, model, rate_id, meter, region, tags, "
    "unknown_cost, partial_cost, category"
)
"""What no two charges have all in common, over the relations' own columns."""


def typed_sql(column: FocusColumn, period: str) -> str:
    """SQL for the value in its type, of a charge that covers an hour or a day."""
    return f"cast({_value(column, period)} as {column.type})"


def printed_sql(column: FocusColumn, period: str) -> str:
    """SQL for the value as text: an instant with Z, a decimal in plain notation that has a point."""
    value = _value(column, period)
    if column.type is Type.INSTANT:
        return f"strftime({value}, '%Y-%m-%dT%H:%M:%SZ')"
    if column.type is Type.DECIMAL and column.value != _NULL:
        exact = f"cast({value} as {column.type})"
        digits = f"rtrim(cast({exact} as varchar), '0')"
        return f"{digits} || case when {exact} = trunc({exact}) then '0' else '' end"
    return value


def _value(column: FocusColumn, period: str) -> str:
    return column.value.replace(_PERIOD, period)
