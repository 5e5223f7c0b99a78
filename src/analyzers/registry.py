"""The reports there are, in the order in which they are listed everywhere."""

from typing import Any

from analyzers.base import Analyzer
from analyzers.finops.alignment import FinopsAlignment
from analyzers.finops.optimization import FinopsOptimization
from analyzers.finops.performance import FinopsPerformance
from analyzers.finops.realtime import FinopsRealtime
from analyzers.finops.understanding import FinopsUnderstanding
from analyzers.ubr.feature_economics import FeatureEconomicsReport
from analyzers.ubr.pricing_strategy import PricingStrategyAnalyzer
from analyzers.ubr.profitability import CustomerProfitability


def analyzers() -> tuple[Analyzer[Any], ...]:
    """One of each analyzer, in order."""
    return (
        FinopsUnderstanding(),
        FinopsPerformance(),
        FinopsRealtime(),
        FinopsOptimization(),
        FinopsAlignment(),
        CustomerProfitability(),
        PricingStrategyAnalyzer(),
        FeatureEconomicsReport(),
    )
