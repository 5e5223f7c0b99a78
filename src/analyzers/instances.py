"""One analyzer of each report in the registry, made when it is asked for."""

from collections.abc import Collection
from importlib import import_module
from typing import TYPE_CHECKING, Any

from analyzers.registry import REPORTS

if TYPE_CHECKING:
    from analyzers.base import Analyzer


def analyzers(only: Collection[str] = ()) -> "tuple[Analyzer[Any], ...]":
    """One of each analyzer, in order, or of those of some ids."""
    return tuple(_made(where) for identity, where in REPORTS.items() if not only or identity in only)


def _made(where: str) -> "Analyzer[Any]":
    module, _, name = where.partition(":")
    made: Analyzer[Any] = getattr(import_module(module), name)()
    return made
