"""What the object `usage` of an answer of Anthropic says: counts, writes by their lifetime, tools and terms.

Where a context was compacted on the way, the counts of that step stand in `iterations` alone, and are billed. An
advisor that was asked is a call of another model, whose rates the usage does not fix: it is named as a tool.
"""

from collections.abc import Callable

from interchange.importers.field_sql import NULL, tool_units

COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_STEP = "{" + ", ".join(
    f'"{name}": "{kind}"' for name, kind in (("type", "VARCHAR"), *((n, "BIGINT") for n in COUNTS))
)
_STEPS = "[" + _STEP + "}]"


def usage_columns(used: Callable[..., str]) -> dict[str, str]:
    """The columns of a field mapping that a usage fills; the counts do not overlap.

    Args:
        used: SQL for the value at a path of keys within the usage.
    """
    steps = used("iterations")
    code, advisors = (
        used("server_tool_use", "code_execution_requests"),
        _of_steps(steps, "advisor", "cast(len({chosen}) as varchar)"),
    )
    units = (
        f"nullif(concat_ws(' ', {tool_units('advisor', advisors)}, {tool_units('code_execution', code)}), '')"
    )
    return {
        "input": _with_compacted(used, steps, "input_tokens"),
        "output": _with_compacted(used, steps, "output_tokens"),
        "cached": _with_compacted(used, steps, "cache_read_input_tokens"),
        "write": _with_compacted(used, steps, "cache_creation_input_tokens"),
        "write_1h": used("cache_creation", "ephemeral_1h_input_tokens"),
        "convention": "'exclusive'",
        "service_tier": used("service_tier"),
        "speed": used("speed"),
        "inference_geo": used("inference_geo"),
        "web_search_requests": used("server_tool_use", "web_search_requests"),
        "tool_units": units,
    }


def _with_compacted(used: Callable[..., str], steps: str, name: str) -> str:
    """SQL for a count with that of the steps that compacted."""
    count = used(name)
    if steps == NULL:
        return count
    more = _of_steps(steps, "compaction", f"list_sum(list_transform({{chosen}}, lambda s: s.{name}))")
    return (
        f"case when {more} > 0 then cast(coalesce(count_of({count}), 0) + {more} as varchar) else {count} end"
    )


def _of_steps(steps: str, kind: str, what: str) -> str:
    """SQL for something of the steps of a kind; NULL where there are none, which costs a look at the text."""
    read = f"try(json_transform({steps}, '{_STEPS}'))"
    chosen = f"list_filter({read}, lambda s: starts_with(s.type, '{kind}'))"
    return f"case when contains({steps}, '\"{kind}') then {what.format(chosen=chosen)} end"
