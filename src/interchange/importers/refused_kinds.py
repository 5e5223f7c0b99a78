"""The kinds of files that hold no calls: how each is recognised, what it is, and what to export instead."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

GATEWAY = "export calls from your gateway or tracing tool (LiteLLM, Langfuse, OpenTelemetry)"
BILL = "use it with reconcile.py --bill"
EITHER = f"{GATEWAY}; a cost report is what reconcile.py --bill compares"
BEDROCK = "export the model invocation log of Bedrock (from S3 or CloudWatch Logs)"
AZURE = (
    "export ApiManagementGatewayLlmLog of Azure API Management, or calls from your gateway or tracing tool"
)
VERTEX = "switch request-response logging of Vertex AI on and export its table from BigQuery"
SESSIONS = "import the sessions themselves, such as ~/.claude/projects and ~/.codex/sessions"
COPILOT = (
    "let Copilot write its OpenTelemetry file (in VS Code by the settings github.copilot.chat.otel) and import that "
    "(~/.copilot/otel)"
)


def _always(record: dict[str, Any]) -> bool:  # noqa: ARG001  has the shape of a test
    return True


@dataclass(frozen=True)
class Refused:
    """A kind of file that holds no calls: `what` it is, and what to do instead.

    A record is of the kind if it has all of some keys (in lower case, `_` for blanks) and none of others, and passes a
    test. A file is, if some record is, or `whole` ones if every record is.
    """

    what: str
    instead: str
    has: Collection[str]
    lacks: Collection[str] = ()
    test: Callable[[dict[str, Any]], bool] = _always
    whole: bool = False

    def fits(self, record: dict[str, Any], keys: set[str]) -> bool:
        """Whether a record with these keys is of this kind."""
        return keys.issuperset(self.has) and keys.isdisjoint(self.lacks) and self.test(record)


def _inner(record: dict[str, Any]) -> list[dict[str, Any]]:
    """What a bucket of a report holds."""
    results = record.get("results")
    return [entry for entry in results if isinstance(entry, dict)] if isinstance(results, list) else []


def _has_amounts(record: dict[str, Any]) -> bool:
    return any("amount" in entry for entry in _inner(record))


def _has_counts(record: dict[str, Any]) -> bool:
    return any(key.endswith("tokens") for entry in _inner(record) for key in entry)


def _is_type(*types: str) -> Callable[[dict[str, Any]], bool]:
    return lambda record: record.get("type") in types or record.get("object") in types


REFUSED = (
    # Gateways and tracing tools
    Refused(
        "LiteLLM's summary by day",
        "export GET /spend/logs with summarize=false, or the table LiteLLM_SpendLogs",
        {"starttime", "spend", "models"},
        {"request_id"},
    ),
    Refused(
        "LiteLLM's activity by day",
        "export GET /spend/logs with summarize=false, or the table LiteLLM_SpendLogs",
        {"date", "metrics", "breakdown"},
    ),
    Refused(
        "OpenRouter's activity page, totals by day",
        f"export the generations (openrouter_activity CSV), or {BILL}",
        {"date", "slug", "usage", "requests"},
    ),
    Refused(
        "OpenRouter's activity API, totals by day",
        f"export the generations (openrouter_activity CSV), or {BILL}",
        {"date", "usage", "requests", "model_permaslug"},
        {"generation_id"},
    ),
    Refused(
        "Langfuse's list of traces, without their calls",
        "export observations (GET /api/public/observations, or a batch export)",
        {"id", "observations", "htmlpath"},
        {"type"},
    ),
    Refused(
        "Langfuse's daily metrics",
        "export observations (GET /api/public/observations, or a batch export)",
        {"date", "counttraces", "countobservations"},
    ),
    # Providers
    Refused(
        "OpenAI's cost report, charges by day",
        f"{BILL}, and {GATEWAY}",
        {"start_time", "results"},
        test=_has_amounts,
    ),
    Refused(
        "OpenAI's usage report, totals by bucket without costs",
        GATEWAY,
        {"start_time", "results"},
        test=_has_counts,
    ),
    Refused(
        "a usage or cost report of OpenAI, of a time without usage",
        EITHER,
        {"object", "start_time", "end_time", "results"},
    ),
    Refused(
        "OpenAI's cost export, charges by day", f"{BILL}, and {GATEWAY}", {"amount_value", "amount_currency"}
    ),
    Refused("OpenAI's cost report, charges by day", f"{BILL}, and {GATEWAY}", {"amount_value", "line_item"}),
    Refused(
        "OpenAI's usage report, totals by bucket without costs",
        GATEWAY,
        {"num_model_requests", "input_tokens"},
    ),
    Refused(
        "an OpenAI dashboard export, totals by bucket",
        f"{GATEWAY}; its cost export is what reconcile.py --bill compares",
        {"start_time_iso", "end_time_iso"},
    ),
    Refused(
        "Anthropic's cost report, charges by day",
        f"{BILL}, and {GATEWAY}",
        {"starting_at", "results"},
        test=_has_amounts,
    ),
    Refused(
        "Anthropic's usage report, totals by bucket without costs",
        GATEWAY,
        {"starting_at", "results"},
        test=_has_counts,
    ),
    Refused(
        "a usage or cost report of Anthropic, of a time without usage",
        EITHER,
        {"starting_at", "ending_at", "results"},
    ),
    Refused(
        "Anthropic's usage report, totals by bucket without costs",
        GATEWAY,
        {"uncached_input_tokens", "cache_read_input_tokens"},
        {"request_id", "id", "call_id", "timestamp", "time"},
    ),
    Refused(
        "OpenAI's older usage report, totals by time and key without costs",
        GATEWAY,
        {"n_context_tokens_total", "n_generated_tokens_total"},
    ),
    Refused(
        "a cost export of Anthropic's console, charges by day",
        f"{BILL}, and {GATEWAY}",
        {"usage_date_utc", "cost_usd"},
    ),
    Refused(
        "a usage export of Anthropic's console, totals by day without costs",
        f"{GATEWAY}; its cost export is what reconcile.py --bill compares",
        {"usage_date_utc"},
    ),
    # Coding agents
    *(
        Refused("a report of ccusage, totals by day, month, session or block", SESSIONS, {span, "totals"})
        for span in ("daily", "weekly", "monthly", "session", "sessions", "blocks")
    ),
    *(
        Refused("a report of ccusage, totals by day, month, session or block", SESSIONS, {span, "summary"})
        for span in ("daily", "weekly", "monthly", "session", "sessions", "blocks")
    ),
    *(
        Refused(
            "a report of ccusage, totals by day, month, session or block",
            SESSIONS,
            {"inputtokens", "cachecreationtokens", "totaltokens", cost},
            {"timestamp", "requestid"},
        )
        for cost in ("totalcost", "costusd")
    ),
    Refused(
        "a report of ccusage, totals by day, month, session or block",
        SESSIONS,
        {"totaltokens", "totalcost", "modelsused"},
    ),
    Refused("a report of ccusage, totals by block", SESSIONS, {"blocks"}, {"type", "model"}, whole=True),
    Refused(
        "Claude Code's analytics, totals by day and user (their costs are in cents)",
        SESSIONS,
        {"core_metrics", "model_breakdown"},
    ),
    Refused(
        "a session of Codex CLI of before September 2025, which holds no counts of tokens",
        "import newer sessions, and add the month's bill with reconcile.py --bill",
        {"record_type"},
        {"payload"},
    ),
    Refused(
        "what `codex exec --json` prints, without times and models",
        "import the session that it wrote under ~/.codex/sessions",
        {"type"},
        {"payload", "timestamp"},
        _is_type("thread.started", "turn.completed"),
    ),
    Refused(
        "Cursor's usage by model, totals over the whole time",
        "export usage events (one row an event)",
        {"model", "request_count"},
        {"date"},
    ),
    Refused(
        "Cursor's report of activity, totals by day and user",
        "export usage events (one row an event)",
        {"totallinesadded", "composerrequests"},
    ),
    Refused(
        "a usage report of GitHub, quantities by day and user, without calls",
        COPILOT,
        {"sku", "username", "quantity", "unit_type"},
    ),
    Refused(
        "GitHub's report of premium requests, totals by day and user, without tokens",
        COPILOT,
        {"user", "model", "requests_used"},
    ),
    Refused(
        "GitHub's metrics of Copilot, totals by day", COPILOT, {"total_active_users", "copilot_ide_chat"}
    ),
    # Telemetry and evaluations
    Refused(
        "metrics of OpenTelemetry, sums over many calls",
        "export traces (spans) or logs of the same application",
        {"resourcemetrics"},
        {"resourcespans", "resourcelogs"},
        whole=True,
    ),
    Refused(
        "metrics of OpenTelemetry, sums over many calls",
        "export traces (spans) or logs of the same application",
        {"scopemetrics"},
        whole=True,
    ),
    Refused(
        "metrics in the text form of Prometheus, sums over many calls",
        "export traces (spans) of the same server; a gateway or tracing tool has its calls",
        (),
        test=lambda record: any(str(key).startswith(("# HELP ", "# TYPE ")) for key in record),
    ),
    Refused(
        "metrics of Amazon CloudWatch, sums by time",
        BEDROCK,
        {"label", "datapoints"},
    ),
    Refused(
        "metrics of Amazon CloudWatch, sums by time",
        BEDROCK,
        {"metricdataresults"},
    ),
    Refused(
        "metrics of Azure Monitor, sums by time",
        AZURE,
        {"timespan", "interval", "value"},
    ),
    Refused(
        "metrics of Google Cloud Monitoring, sums by time",
        VERTEX,
        {"timeseries"},
        {"timestamp"},
    ),
    Refused(
        "statistics of a project of LangSmith, sums over its runs",
        "export the runs (list_runs, or a bulk export)",
        {"run_count", "latency_p50"},
    ),
    Refused(
        "a log of Inspect without its samples, whose counts are totals",
        "write it with its samples (`--log-samples`), or import the .eval file",
        {"eval", "stats"},
        {"epoch"},
        lambda record: not record.get("samples"),
    ),
    # Batches, before and beside their results
    Refused(
        "the requests of a batch, not their results",
        "download the output file and the error file of the batch",
        {"custom_id", "method", "url", "body"},
        {"response"},
    ),
    Refused(
        "the requests of a batch, not their results",
        "download the results of the batch",
        {"custom_id", "params"},
        {"result"},
    ),
    Refused(
        "the state of a batch, not its results",
        "download the output file and the error file of the batch",
        {"output_file_id", "request_counts"},
    ),
    Refused(
        "the state of a batch, not its results",
        "download the results of the batch",
        {"results_url", "request_counts"},
    ),
    # Clouds
    Refused(
        "a FOCUS file, charges by period",
        f"{BILL}, and {GATEWAY}",
        {"billedcost", "chargeperiodstart"},
    ),
    Refused(
        "an AWS cost and usage report, charges by period",
        f"{BILL}, and {BEDROCK}",
        {"lineitem/usagestartdate"},
    ),
    Refused(
        "an AWS cost and usage report, charges by period",
        f"{BILL}, and {BEDROCK}",
        {"line_item_usage_start_date"},
    ),
    Refused(
        "an Azure cost export, charges by day", f"{BILL}, and {AZURE}", {"metercategory", "consumedservice"}
    ),
    Refused(
        "Google Cloud's billing export, charges by hour",
        f"{BILL}, and {VERTEX}",
        {"service", "sku", "cost", "usage_start_time"},
    ),
    Refused(
        "Azure's diagnostic log of requests, without tokens",
        AZURE,
        {"operationname", "category", "resourceid"},
        test=lambda record: str(record.get("category")) == "RequestResponse",
    ),
)
