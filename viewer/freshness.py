"""Whether reports were made from the calls, the settings and the tool as they are now."""

from pathlib import Path

from calls.parquet.files import fingerprint_of
from calls.reading.customers_file import digest_of
from calls.source import Filters
from foundation.outcome import Misuse
from reporting.manifest import is_fresh
from settings.loader import PRICING_PATH, SETTINGS_PATH, load_settings
from viewer.generation import Generation
from viewer.refresh import Freshness


def freshness(data: Path, settings: Path | None, pricing: Path | None, tool_version: str) -> Freshness:
    """The judge of a generation: would the analyzers make it anew from these files?"""

    def judge(generation: Generation) -> bool:
        try:
            digest = load_settings(settings, pricing).digest
        except Misuse:
            return False  # the analyzers will say what is wrong with them
        return _knows_its_customers(generation.manifest.source.filters) and is_fresh(
            generation.manifest, fingerprint_of(str(data)) or "", digest, tool_version
        )

    return judge


def _knows_its_customers(filters: Filters) -> bool:
    """Whether the customers file, if there was one, holds what it held."""
    return filters.customers is None or digest_of(filters.customers) == filters.customers_digest


def watched_settings(settings: Path | None, pricing: Path | None) -> tuple[Path, ...]:
    """The files besides the calls that the reports depend on."""
    return tuple(path for path in (SETTINGS_PATH, PRICING_PATH, settings, pricing) if path is not None)
