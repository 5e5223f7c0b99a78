"""The reports there are, in the order in which they are listed everywhere."""

from collections.abc import Collection
from importlib import import_module

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
"""The class of each report by its id, in the order of the menu; a module is imported when its report is asked for.

What belongs to a report alone stands in the package named as its script: `analyzers.understanding`.
"""


def columns_of(ids: Collection[str]) -> frozenset[str]:
    """The `Analyzer.columns` of these reports, from their packages: read before any report is imported."""
    packages = (f"analyzers.{REPORTS[identity].partition(':')[0].rpartition('.')[2]}" for identity in ids)
    return frozenset().union(*(getattr(import_module(name), "COLUMNS", ()) for name in packages))
