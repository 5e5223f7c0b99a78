"""Whether reports were made from the calls as they are now."""

import hashlib
from pathlib import Path

from viewer.generation import Generation
from viewer.refresh import Freshness


def freshness(data: Path, settings: Path | None, pricing: Path | None) -> tuple[Freshness, tuple[Path, ...]]:
    """The judge of a generation, and the files besides the calls that it judges by."""

    def is_fresh(generation: Generation) -> bool:
        return hashlib.sha256(data.read_bytes()).hexdigest() == generation.fingerprint

    return is_fresh, tuple(path for path in (settings, pricing) if path is not None)
