"""Production and the rest by organization, and whose rest is out of proportion."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from statistics import median

from analyzers.alignment.result import PRODUCTION, Environments, Path
from analyzers.usage.sums import ZERO, Usage, total_usage

OUT_OF_PROPORTION = 2
"""Times the median of the other organizations' non-production cost a production dollar."""


def environments(paths: Iterable[Path], needed: int) -> tuple[Environments, ...]:
    """Production and the rest by organization, the most expensive non-production first.

    Args:
        paths: the most detailed lines.
        needed: calls of known cost and named environment from which an organization is compared.
    """
    grouped: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        grouped[path.organization].append(path)
    found = [_environment(name, own, needed) for name, own in grouped.items()]
    unusual = _unusual([entry for entry in found if entry.compared])
    marked = [replace(entry, unusual=entry.organization in unusual) for entry in found]
    return tuple(sorted(marked, key=lambda entry: (-entry.other.cost_usd, entry.organization)))


def _environment(name: str, paths: Sequence[Path], needed: int) -> Environments:
    def of(wanted: Callable[[str], bool]) -> Usage:
        return total_usage(path.usage for path in paths if wanted(path.environment.strip().lower()))

    production, unnamed = of(lambda kind: kind in PRODUCTION), of(lambda kind: not kind)
    other = of(lambda kind: bool(kind) and kind not in PRODUCTION)
    enough = bool(name) and production.priced_calls + other.priced_calls >= needed
    return Environments(name, production, other, unnamed, enough and production.cost_usd > ZERO)


def _unusual(compared: Sequence[Environments]) -> set[str]:
    """Who spends outside production far more than the others, for a dollar in it."""
    ratios = {entry.organization: entry.other_ratio or ZERO for entry in compared}
    return {
        name
        for name, ratio in ratios.items()
        if ratio > OUT_OF_PROPORTION * median([r for other, r in ratios.items() if other != name] or [ratio])
    }
