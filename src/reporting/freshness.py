"""Whether reports were made from the calls, the settings and the tool as they are now."""

from calls.parquet.files import fingerprint_of
from calls.reading.customers_file import digest_of
from calls.source import Filters
from reporting.manifest import Manifest, is_fresh


def would_be_the_same(manifest: Manifest, data: str, settings_digest: str, tool_version: str) -> bool:
    """Whether running the analyzers on `data` would change nothing: a CSV of calls, or Parquet as it is named."""
    return _knows_its_customers(manifest.source.filters) and is_fresh(
        manifest, fingerprint_of(data) or "", settings_digest, tool_version
    )


def _knows_its_customers(filters: Filters) -> bool:
    """Whether the customers file, if there was one, holds what it held."""
    return filters.customers is None or digest_of(filters.customers) == filters.customers_digest
