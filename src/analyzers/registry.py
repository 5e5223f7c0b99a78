"""The reports there are, in the order in which they are listed everywhere."""

from collections.abc import Collection
from importlib import import_module
from typing import Any

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


def analyzers(only: Collection[str] = ()) -> tuple[Analyzer[Any], ...]:
    """One of each analyzer, in order, or of those of some ids."""
    return tuple(_made(where) for identity, where in REPORTS.items() if not only or identity in only)


def _made(where: str) -> Analyzer[Any]:
    module, _, name = where.partition(":")
    made: Analyzer[Any] = getattr(import_module(module), name)()
    return made
