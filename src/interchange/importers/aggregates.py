"""Files that are no calls: totals over many calls, recognised so that nobody counts them as calls."""

from typing import Any

from interchange.importers.field_mapping import Sample

AGGREGATES: tuple[tuple[frozenset[str], frozenset[str], str], ...] = tuple(
    (frozenset(has), frozenset(lacks), message)
    for has, lacks, message in (
        (
            {"startTime", "spend", "models"},
            {"request_id"},
            "is LiteLLM's summary by day; export GET /spend/logs with summarize=false, or the table LiteLLM_SpendLogs",
        ),
        (
            {"date", "metrics", "breakdown"},
            set(),
            "is LiteLLM's activity by day; export GET /spend/logs with summarize=false, or the table LiteLLM_SpendLogs",
        ),
        (
            {"num_model_requests", "input_tokens"},
            set(),
            "is OpenAI's usage report, totals by bucket; export calls from your gateway or tracing tool "
            "(LiteLLM, Langfuse, OpenTelemetry), and use the report with reconcile.py",
        ),
        (
            {"object", "start_time", "end_time", "results"},
            set(),
            "is a usage or cost report of OpenAI, totals by bucket; export calls from your gateway or tracing tool "
            "(LiteLLM, Langfuse, OpenTelemetry), and use the report with reconcile.py --bill",
        ),
        (
            {"start_time_iso", "end_time_iso"},
            set(),
            "is an OpenAI dashboard export, totals by bucket; export calls from your gateway or tracing tool, and use "
            "the cost export with reconcile.py --bill",
        ),
        (
            {"amount_value", "line_item"},
            set(),
            "is OpenAI's cost report; use it with reconcile.py --bill and export calls from your gateway",
        ),
        (
            {"starting_at", "ending_at", "results"},
            set(),
            "is Anthropic's usage or cost report, totals by bucket; export calls from your gateway or tracing tool, "
            "and use the cost report with reconcile.py --bill",
        ),
        (
            {"uncached_input_tokens", "cache_read_input_tokens"},
            {"request_id", "id", "call_id", "timestamp", "time"},
            "is Anthropic's usage report, totals by bucket; export calls from your gateway or tracing tool",
        ),
        (
            {"usage_date_utc"},
            set(),
            "is an export of Anthropic's console, totals by day; export calls from your gateway or tracing tool, and "
            "use the cost export with reconcile.py --bill",
        ),
        (
            {"date", "slug", "usage", "requests"},
            set(),
            "is OpenRouter's activity page, totals by day; export the generations (openrouter_activity CSV)",
        ),
        (
            {"date", "usage", "requests", "model_permaslug"},
            {"generation_id"},
            "is OpenRouter's activity API, totals by day; export the generations (openrouter_activity CSV)",
        ),
        (
            {"billedcost", "chargeperiodstart"},
            set(),
            "is a FOCUS file, charges by period; export calls from the tool that wrote it, and use this file with "
            "reconcile.py --bill",
        ),
        (
            {"id", "observations", "htmlpath"},
            {"type"},
            "is Langfuse's list of traces, without their calls; export observations (GET "
            "/api/public/observations, or a batch export)",
        ),
        (
            {"date", "counttraces", "countobservations"},
            set(),
            "is Langfuse's daily metrics; export observations (GET /api/public/observations, or a batch export)",
        ),
        *(
            (
                {grouping, "totals"},
                set(),
                "is a report of ccusage, totals by day, month, session or block; import the sessions themselves: "
                "~/.claude/projects/**/*.jsonl",
            )
            for grouping in ("daily", "weekly", "monthly", "sessions", "blocks")
        ),
        (
            {"totaltokens", "totalcost", "modelsused"},
            set(),
            "is a report of ccusage, totals by day, month or session; import the sessions themselves: "
            "~/.claude/projects/**/*.jsonl",
        ),
        (
            {"core_metrics", "model_breakdown"},
            set(),
            "is Claude Code's analytics, totals by day and user (their costs are in cents); import the sessions "
            "themselves: ~/.claude/projects/**/*.jsonl",
        ),
        (
            {"sku", "username", "quantity", "unit_type"},
            set(),
            "is a usage report of GitHub, quantities by day and user, without calls; export calls from the "
            "OpenTelemetry file of Copilot",
        ),
        (
            {"user", "model", "requests_used"},
            set(),
            "is GitHub's report of premium requests, totals by day and user, without tokens; export calls from the "
            "OpenTelemetry file of Copilot",
        ),
        (
            {"resourcemetrics"},
            set(),
            "holds metrics of OpenTelemetry, sums over many calls; export traces (spans) of the same application",
        ),
        (
            {"lineitem/usagestartdate"},
            set(),
            "is an AWS cost and usage report, charges by period; use it with reconcile.py --bill",
        ),
        (
            {"line_item_usage_start_date"},
            set(),
            "is an AWS cost and usage report, charges by period; use it with reconcile.py --bill",
        ),
        (
            {"metercategory", "consumedservice"},
            set(),
            "is an Azure cost export, charges by day; use it with reconcile.py --bill",
        ),
        (
            {"service", "sku", "cost", "usage_start_time"},
            set(),
            "is Google Cloud's billing export, charges by hour; use it with reconcile.py --bill",
        ),
    )
)


def refusal(sample: Sample) -> str:
    """Why the records are no calls, and what to export instead; '' if nothing says so."""
    for record in sample:
        keys = _keys(record)
        for has, lacks, message in AGGREGATES:
            if {key.lower() for key in has} <= keys and not {key.lower() for key in lacks} & keys:
                return message
    return ""


def _keys(record: dict[str, Any]) -> set[str]:
    return {key.strip().lower().replace(" ", "_") for key in record if isinstance(key, str)} | {
        key.strip().lower() for key in record if isinstance(key, str)
    }
