"""Checks a FOCUS file of ours against the rules of 1.3 and 1.4, which no official validator runs for 1.4.

It is no validator of FOCUS: it knows which columns a version has and what 1.3 and 1.4 say of SKU prices and providers.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from calls.file.engine_paths import reader_sql
from calls.file.spill import private_engine
from foundation.sql_text import identifier
from interchange.exporters.focus_versions import columns_of

_WITH_SKU_PRICE = (
    "ContractedUnitPrice",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
)
"""What a charge with a SkuPriceId has and one without has not."""
_OF_PROVIDERS = ("HostProviderName", "ServiceProviderName")


def violations(path: Path, version: str) -> tuple[str, ...]:
    """What a CSV file breaks of the rules that changed up to a version, a sentence each; none where it keeps them."""
    with private_engine() as connection:
        charges = reader_sql("read_csv", [path], "header=true, all_varchar=true")
        connection.execute(f"create view charges as select * from {charges}")
        found = [row[0] for row in connection.execute("describe charges").fetchall()]
        return (*_columns(found, version), *(_rows(connection, found) if version != "1.2" else ()))


def _columns(found: list[str], version: str) -> Iterator[str]:
    wanted = [column.name for column in columns_of(version)]
    yield from (f"{name} is missing; FOCUS {version} has it." for name in wanted if name not in found)
    others = (name for name in found if name not in wanted and not name.startswith("x_"))
    yield from (f"{name} is no column of FOCUS {version}." for name in others)


def _rows(connection: duckdb.DuckDBPyConnection, found: list[str]) -> Iterator[str]:
    rules = {f"{name} is null in a charge": f"{identifier(name)} is null" for name in _OF_PROVIDERS}
    for name in _WITH_SKU_PRICE:
        rules[f"{name} is null beside a SkuPriceId"] = (
            f'"SkuPriceId" is not null and {identifier(name)} is null'
        )
        rules[f"{name} stands without a SkuPriceId"] = (
            f'"SkuPriceId" is null and {identifier(name)} is not null'
        )
    for rule, broken in rules.items():
        if not all(name in found for name in (rule.split()[0], "SkuPriceId")):
            continue
        count = connection.execute(f"select count(*) from charges where {broken}").fetchall()[0][0]
        if count:
            yield f"{rule}: {count:,} rows."
