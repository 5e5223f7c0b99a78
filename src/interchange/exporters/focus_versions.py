"""Which columns a FOCUS file has by the version of the specification, and what 1.3 asks of unit prices.

1.3 adds who hosts and who sells a service, allocation and contracts; 1.4 drops the two names that these replaced.
From 1.3 on a charge with a SkuPriceId has unit prices: where no list price is known they are derived from the cost, and
a charge of unknown cost has no SKU price at all.
"""

from dataclasses import replace

from interchange.exporters.focus_columns import COLUMNS, FocusColumn, Type

VERSIONS = ("1.2", "1.3", "1.4")
"""The versions that can be written; the first is the default."""

_ADDED_IN_1_3 = (
    FocusColumn("AllocatedMethodDetails", Type.STRING, "null"),
    FocusColumn("AllocatedMethodId", Type.STRING, "null"),
    FocusColumn("AllocatedResourceId", Type.STRING, "null"),
    FocusColumn("AllocatedResourceName", Type.STRING, "null"),
    FocusColumn("AllocatedTags", Type.STRING, "null"),
    FocusColumn("ContractApplied", Type.STRING, "null"),
    FocusColumn("HostProviderName", Type.STRING, "c.provider_name"),
    FocusColumn("ServiceProviderName", Type.STRING, "c.provider_name"),
)
_ADDED_IN_1_4 = (
    FocusColumn("CommitmentProgramEligibilityDetails", Type.STRING, "null"),
    FocusColumn("InvoiceDetailId", Type.STRING, "null"),
)
_DROPPED_IN_1_4 = frozenset({"ProviderName", "PublisherName"})
_UNIT_PRICES = frozenset(
    {
        "ContractedUnitPrice",
        "ListUnitPrice",
        "PricingCurrencyContractedUnitPrice",
        "PricingCurrencyListUnitPrice",
    }
)
_OF_SKU_PRICE = _UNIT_PRICES | {"PricingCategory", "PricingQuantity", "PricingUnit", "SkuPriceId"}
"""What a charge has with a SkuPriceId and has not without one."""
_PRICED = "(c.category = 'Usage' and c.millions > 0 and (c.listed or not c.unknown_cost))"
"""Whether a charge has a SKU price: its list price, or what its cost makes of a million tokens."""
_STATUS = """case when c.listed then 'Listed' when c.category = 'Usage' and c.millions > 0 and not c.unknown_cost
    then 'Derived' else 'Unlisted' end"""


def columns_of(version: str) -> tuple[FocusColumn, ...]:
    """The columns of a version in alphabetical order, as the specification lists them, then our own."""
    if version == VERSIONS[0]:
        return COLUMNS
    columns = [*(_priced(column) for column in COLUMNS), *_ADDED_IN_1_3]
    if version == "1.4":
        columns = [column for column in columns if column.name not in _DROPPED_IN_1_4] + [*_ADDED_IN_1_4]
    return tuple(sorted(columns, key=lambda column: (column.name.startswith("x_"), column.name)))


def _priced(column: FocusColumn) -> FocusColumn:
    """A column as 1.3 asks for it."""
    if column.name == "x_ListPriceStatus":
        return replace(column, value=_STATUS)
    if column.name not in _OF_SKU_PRICE:
        return column
    value = column.value
    if column.name in _UNIT_PRICES:
        price = "contracted_price" if "Contracted" in column.name else "list_price"
        value = f"coalesce(c.{price}, c.billed_usd / nullif(c.millions, 0))"
    return replace(column, value=f"case when {_PRICED} then {value} end")
