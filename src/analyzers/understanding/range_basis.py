"""On what the 80% range of a forecast was measured: said wherever such a range is."""

from analyzers.words.figures import percent
from methods.forecast import Forecast, ForecastTotal

ELSEWHERE = "on real series with 60 days of history such ranges held 82% of months"
"""Of 30-day totals, on series held out: `benchmarks/real_series.py`."""


def range_basis(end: ForecastTotal, found: Forecast | None) -> str:
    """How often such ranges held: on the past of these data where it reaches so far, else on real series of others."""
    inside = found.coverage_80 if found else None
    if end.extrapolated or inside is None or inside.share is None:
        return ELSEWHERE
    return f"such ranges held {percent(inside.share)} of {inside.judged:,} past days of these data"
