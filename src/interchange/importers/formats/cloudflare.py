"""Cloudflare AI Gateway: its logs API, as answers or as lists of logs.

What its cache answered was free. A cost of zero beside tokens that were not cached is none that is known.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.fields import Record
from interchange.importers.tagged import OF_RUNS, tagged


def recognise(sample: Sample) -> bool:
    """Whether records are logs of the gateway."""
    return any(
        {"tokens_in", "tokens_out", "provider", "model"} <= record.keys()
        and {"cached", "success"} & record.keys()
        for record in sample
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a log."""
    text = fields.text
    labels = tagged(fields, [], [text("metadata")])
    hit = f"lower({text('cached')}) in ('true', '1')"
    spent = f"coalesce(money_of({text('cost')}) <> 0, false)"
    code = f"try_cast({text('status_code')} as integer)"
    failed = f"(lower({text('success')}) in ('false', '0') or {code} >= 400)"
    return FieldMapping(
        timestamp=text("created_at"),
        latency_ms=text("duration"),
        call_id=text("id"),
        request_id=text("id"),
        provider=text("provider"),
        model=text("model"),
        input=text("tokens_in"),
        output=text("tokens_out"),
        cost=f"case when {hit} then '0' when {spent} then {text('cost')} end",
        **labels.columns(
            "customer_id",
            "subscription_tier",
            "organization_id",
            "product_id",
            "feature_id",
            "task_type",
            "environment",
            "session_id",
            *OF_RUNS,
        ),
        retry_number=text("step"),
        status=f"case when {failed} then 'error' else 'success' end",
    )


FORMATS = (Format("cloudflare", "Cloudflare AI Gateway logs", recognise, field_mapping, precedence=42),)
