"""The page of usage and cost: which sections it has, in which order. What a section says stands in its module."""

from typing import Any

from analyzers.base import Analyzer, report
from analyzers.understanding import (
    advice,
    allocation,
    change,
    concentration_table,
    headline,
    outlook,
    seats,
    spending,
    token_prices,
    when,
)
from analyzers.understanding.against_invoice import against_invoice
from analyzers.understanding.result import Understanding
from analyzers.understanding.summary_lines import summary_lines
from reporting.document import Document


def page(analyzer: Analyzer[Any], result: Understanding) -> Document:
    """The document of a result."""
    return report(
        analyzer,
        headline.cards(result),
        summary=headline.summary(result),
        finding=headline.finding(result),
        sections=(
            change.section(result),
            outlook.section(result),
            spending.section(result),
            allocation.section(result),
            token_prices.section(result),
            when.section(result),
            *seats.section(result.seats),
            against_invoice(result),
        ),
        recommendations=advice.recommendations(result),
        alerts=outlook.alerts(result),
        methods=(
            spending.METHOD,
            token_prices.METHOD,
            outlook.FORECAST,
            outlook.BUDGET,
            *([seats.METHOD] if result.seats else ()),
            change.METHOD,
            concentration_table.METHOD,
            advice.METHOD,
        ),
        summary_lines=summary_lines(result),
    )
