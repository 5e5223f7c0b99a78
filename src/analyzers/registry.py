"""The reports there are, in the order in which they are listed everywhere."""

from collections.abc import Collection
from importlib import import_module
from typing import TYPE_CHECKING, Any

from calls.rollups.shared import OF_SINGLE_CALLS

if TYPE_CHECKING:
    from analyzers.base import Analyzer

REPORTS = {
    "finops_understanding": "analyzers.finops.understanding:FinopsUnderstanding",
    "finops_performance": "analyzers.finops.performance:FinopsPerformance",
    "finops_realtime": "analyzers.finops.realtime:FinopsRealtime",
    "finops_optimization": "analyzers.finops.optimization:FinopsOptimization",
    "finops_alignment": "analyzers.finops.alignment:FinopsAlignment",
    "customer_profitability": "analyzers.ubr.profitability:CustomerProfitability",
    "pricing_strategy": "analyzers.ubr.pricing_strategy:PricingStrategyAnalyzer",
    "feature_economics": "analyzers.ubr.feature_economics:FeatureEconomicsReport",
}
"""The class of each report by its id; a module is imported when its report is asked for."""

NOT_ASKED = frozenset({"request_id", "trace_id", "user_agent", "region", "cost_source"})
"""Columns that no report asks for: leaving them out saves a tenth of the load."""
LISTING_CALLS = frozenset({"finops_realtime"})
"""Reports that name single calls or follow them through a session."""


def unasked(ids: Collection[str]) -> frozenset[str]:
    """The columns that none of these reports asks for; of a report that is not listed here nothing is known."""
    needs_calls = LISTING_CALLS.intersection(ids) or not REPORTS.keys() >= set(ids)
    return NOT_ASKED if needs_calls else NOT_ASKED | OF_SINGLE_CALLS


def analyzers(only: Collection[str] = ()) -> "tuple[Analyzer[Any], ...]":
    """One of each analyzer, in order, or of those of some ids."""
    return tuple(_made(where) for identity, where in REPORTS.items() if not only or identity in only)


def _made(where: str) -> "Analyzer[Any]":
    module, _, name = where.partition(":")
    made: Analyzer[Any] = getattr(import_module(module), name)()
    return made
