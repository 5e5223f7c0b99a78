"""Whether reports were made from the calls as they are now."""

from pathlib import Path

from calls import fingerprint
from viewer.generation import Generation
from viewer.refresh import Freshness


def freshness(data: Path) -> Freshness:
    """The judge of a generation: was it made from this file, as it is now?"""

    def is_fresh(generation: Generation) -> bool:
        return fingerprint.of_file(data) == generation.fingerprint

    return is_fresh


def watched_settings(settings: Path | None, pricing: Path | None) -> tuple[Path, ...]:
    """The files besides the calls that the reports depend on."""
    return tuple(path for path in (settings, pricing) if path is not None)
