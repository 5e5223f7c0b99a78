"""Whether reports are those of the calls, settings and version as they are: asked by viewer and verify_reports.py."""

from calls.parquet.files import fingerprint_of
from calls.reading.customers_file import digest_of
from calls.source import Filters
from reporting.manifest import Manifest, is_fresh


def are_current(manifest: Manifest, data: str, settings_digest: str, tool_version: str) -> bool:
    """Whether the analyzers would make these reports again from `data`: a CSV of calls, or Parquet as it is named."""
    return _knows_its_customers(manifest.source.filters) and is_fresh(
        manifest, fingerprint_of(data) or "", settings_digest, tool_version
    )


def _knows_its_customers(filters: Filters) -> bool:
    """Whether the customers file, if there was one, holds what it held."""
    return filters.customers is None or digest_of(filters.customers) == filters.customers_digest
