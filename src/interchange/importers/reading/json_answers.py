"""Which JSON objects are answers around records: the keys under which APIs and tools hold their records."""

from typing import Any

RECORD_KEYS = (
    "data",
    "items",
    "result",
    "results",
    "rows",
    "records",
    "logs",
    "logEvents",
    "generations",
    "payloads",
)
"""Keys under which answers hold their records; each element stands for itself."""
RESOURCE_KEYS = ("resourceSpans", "resource_spans", "batches", "resourceLogs", "resource_logs")
SCOPE_KEYS = (
    "scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans", "scopeLogs",
    "scope_logs",
)  # fmt: skip
"""Where OTLP holds what a resource sent, by instrumentation; and it may send any number."""
SENT_KEYS = ("spans", "logRecords", "log_records")
OBSERVATIONS = "observations"
LOG_EVENTS = "events"
"""Where CloudWatch holds log events, beside nothing but where the next ones are."""
BESIDE_EVENTS = {
    "events",
    "searchedLogStreams",
    "nextToken",
    "nextForwardToken",
    "nextBackwardToken",
    "ResponseMetadata",
}
TRACE_KEYS = ("id", "userId", "sessionId", "name", "environment", "tags", "metadata", "release")
"""What a trace of Langfuse says about each of its observations."""
BESIDE_DATA = {"data", "error", "errors", "success", "status", "message", "code", "meta", "object"}
"""What may stand beside the one record of an answer."""
SAMPLES = "samples"
"""Where a log of Inspect holds what it evaluated; each element has an `epoch`."""
BUCKET_KEYS = {"start_time", "starting_at"}
"""What a total of some time says; it is judged with the results it holds, not cut into them."""


def wraps(value: dict[str, Any]) -> bool:
    """Whether an object is an answer around records, not itself a record."""
    if any(isinstance(value.get(key), list) for key in RECORD_KEYS):
        return not BUCKET_KEYS & value.keys()
    if isinstance(value.get(LOG_EVENTS), list) and value.keys() <= BESIDE_EVENTS:
        return True
    samples = value.get(SAMPLES)
    if isinstance(samples, list) and any(isinstance(entry, dict) and "epoch" in entry for entry in samples):
        return True
    inner = value.get(OBSERVATIONS)
    return inside(value) is not None or (isinstance(inner, list) and any(isinstance(e, dict) for e in inner))


def inside(value: dict[str, Any]) -> str | None:
    """The key under which an object wraps one other object that is the record, or holds the records."""
    trace = value.get("trace")
    if isinstance(trace, dict) and any(key in trace for key in RESOURCE_KEYS):
        return "trace"
    return "data" if isinstance(value.get("data"), dict) and value.keys() <= BESIDE_DATA else None


def row_of_fields(value: Any) -> dict[str, Any]:
    """A row that CloudWatch Insights writes as a list of fields and values; empty if it is none."""
    if not isinstance(value, list) or not all(isinstance(e, dict) and "field" in e for e in value):
        return {}
    return {str(entry["field"]): entry.get("value") for entry in value}
