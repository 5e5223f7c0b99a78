"""The table of efficiency: what calls and tokens cost each organization, and how far that is the choice of models."""

from collections.abc import Sequence

from analyzers.alignment.result import Alignment, Efficiency
from analyzers.alignment.tables import MOST_ROWS
from analyzers.usage.sums import Usage, total_usage
from analyzers.usage.tables import rate_value, share_value, shown_name
from reporting.document import Cell, Facets, Table, Unit, Value
from reporting.filled_tables import Fields, field, filled_table, over, summed

NO_COST = "no call has a known cost"


def efficiency_table(result: Alignment) -> Table:
    """What a call and a token cost each organization, and how far that is the choice of models."""
    fields: Fields[Efficiency] = (
        field("organization", "Organization", _name),
        over("calls", "Calls", lambda some: _usage(some).calls, Unit.COUNT),
        *_price_fields(),
        *_model_fields(),
        *_token_fields(knows_cached="cached_input_tokens" in result.columns),
    )
    return filled_table(
        "efficiency",
        "What tokens cost each organization",
        result.efficiency,
        fields,
        facets=lambda each: Facets(organization=each.organization),
        key=lambda each: each.organization,
        limit=MOST_ROWS,
        note="A price index of 1 is the mean of all calls for the same tasks; above 1 is more expensive.",
        method="efficiency",
    )


def _name(entry: Efficiency) -> str:
    few = "" if entry.compared or not entry.organization else " (few calls)"
    return shown_name(entry.organization) + few


def _usage(some: Sequence[Efficiency]) -> Usage:
    return total_usage(entry.usage for entry in some)


def _price_fields() -> Fields[Efficiency]:
    """What calls and tokens cost, and the same beside the mean of all calls for the same tasks."""
    return (
        over("cost-per-call", "Cost per call", _cost_per_call, Unit.USD_RATE),
        over("cost-per-1k", "Cost per 1,000 tokens", _cost_per_1k, Unit.USD_RATE),
        field("index", "Price index", lambda each: Value(each.index, Unit.RATIO, reason=NO_COST), Unit.RATIO),
        summed("excess", "Above the mean price", _excess, Unit.USD),
    )


def _cost_per_call(some: Sequence[Efficiency]) -> Cell:
    return rate_value(_usage(some).cost_per_call_usd)


def _cost_per_1k(some: Sequence[Efficiency]) -> Cell:
    return rate_value(_usage(some).cost_per_1k_tokens_usd)


def _excess(entry: Efficiency) -> Value:
    return Value(entry.excess_usd if entry.usage.priced_calls else None, Unit.USD, reason=NO_COST)


def _model_fields() -> Fields[Efficiency]:
    """What the choice of models makes of the price, and the model that is used most."""
    mix = "Its models at mean prices, per 1,000"
    return (
        field("mix", mix, lambda each: rate_value(each.mix_usd_per_1k), Unit.USD_RATE),
        field("model", "Most used model", _model),
        field("model-share", "% of its tokens", _model_share, Unit.SHARE),
    )


def _model(entry: Efficiency) -> Cell:
    return shown_name(entry.models[0].model) if entry.models else Value(None, Unit.TEXT, reason=NO_COST)


def _model_share(entry: Efficiency) -> Cell:
    return share_value(entry.models[0].share if entry.models else None, NO_COST)


def _token_fields(*, knows_cached: bool) -> Fields[Efficiency]:
    """How long calls are, and how much of their tokens is output and cached input."""

    def cached(some: Sequence[Efficiency]) -> Cell:
        reason = "the file does not tell, or there is no input"
        return share_value(_usage(some).cached_share if knows_cached else None, reason)

    return (
        over("tokens-per-call", "Tokens per call", _tokens_per_call, Unit.TOKENS),
        over("output", "Output of all", _output_share, Unit.SHARE),
        over("cached", "Cached of input", cached, Unit.SHARE),
    )


def _tokens_per_call(some: Sequence[Efficiency]) -> Value:
    return Value(_usage(some).tokens_per_call, Unit.TOKENS, reason="no calls")


def _output_share(some: Sequence[Efficiency]) -> Cell:
    return share_value(_usage(some).output_share, "no tokens")
