"""Whether reports were made from the calls, the settings and the tool as they are now."""

from calls.parquet.files import fingerprint_of
from calls.reading.customers_file import digest_of
from calls.source import Filters
from foundation.outcome import Misuse
from reporting.manifest import is_fresh
from settings.loader import load_settings
from viewer.generation import Generation
from viewer.inputs import Inputs


def is_up_to_date(generation: Generation, inputs: Inputs, *, tool_version: str) -> bool:
    """Whether the analyzers would make this generation again from these files."""
    try:
        digest = load_settings(inputs.settings, inputs.pricing).digest
    except Misuse:
        return False  # the analyzers will say what is wrong with them
    manifest = generation.manifest
    return _knows_its_customers(manifest.source.filters) and is_fresh(
        manifest, fingerprint_of(str(inputs.data)) or "", digest, tool_version
    )


def _knows_its_customers(filters: Filters) -> bool:
    """Whether the customers file, if there was one, holds what it held."""
    return filters.customers is None or digest_of(filters.customers) == filters.customers_digest
