"""Whether the pages that the viewer holds are up to date: `reporting.freshness`, asked of a generation of pages."""

from foundation.outcome import UsageError
from reporting.freshness import are_current
from settings.currency_choice import digest_with
from settings.loader import load_settings
from viewer.generation import Generation
from viewer.inputs import Inputs


def is_up_to_date(generation: Generation, inputs: Inputs, *, tool_version: str) -> bool:
    """Whether the analyzers would make this generation again from these files."""
    try:
        digest = digest_with(inputs.currency, load_settings(inputs.settings, inputs.pricing).digest)
    except UsageError:
        return False  # the analyzers will say what is wrong with them
    return are_current(generation.manifest, str(inputs.data), digest, tool_version)
