"""Sums that several reports share, built once, when a query first names them.

Each entry is a relation beside `calls`: its name, and the portable SQL that makes it. Rollups are additive:
sum what they hold to get the figures of a longer period or a wider group.
"""

import re

_MEASURES = """
    count(*) as calls,
    count(cost_usd) as priced_calls,
    sum(cost_usd) as cost_usd,
    sum(input_tokens) as input_tokens,
    sum(output_tokens) as output_tokens,
    sum(cached_input_tokens) as cached_input_tokens,
    sum(cache_write_tokens) as cache_write_tokens,
    sum(reasoning_tokens) as reasoning_tokens,
    sum(case when status = 'error' then 1 else 0 end) as errors,
    sum(latency_ms) as latency_sum,
    count(latency_ms) as latency_calls
"""

_HOUR_KEYS = "local_hour, local_day, provider, model, task_type, environment, feature_id, organization_id"
_DAY_KEYS = (
    "local_day, customer_id, subscription_tier, organization_id, product_id, feature_id, environment, "
    "provider, model"
)

ROLLUPS: dict[str, str] = {
    "usage_hourly": f"select {_HOUR_KEYS}, {_MEASURES} from calls group by {_HOUR_KEYS}",
    "usage_daily_customer": f"select {_DAY_KEYS}, {_MEASURES} from calls group by {_DAY_KEYS}",
}


def named_in(query: str) -> list[str]:
    """The rollups that a query names."""
    return [name for name in ROLLUPS if re.search(rf"\b{name}\b", query)]
