"""Portkey: exported logs (JSON lines, CSV). Costs are in cents; what its cache answered was free.

The exporter picks the columns, so that any may lack.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Record
from interchange.importers.tagged import OF_RUNS, tagged


def recognise(sample: Sample) -> bool:
    """Whether records are logs."""
    return any({"ai_model", "req_units", "res_units"} <= record.keys() for record in sample)


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a log."""
    text, metadata = fields.text, fields.within("metadata")
    labels = tagged(fields, [], [text("metadata")])
    hit = f"coalesce(upper({text('cache_status')}), '') in ('HIT', 'SEMANTIC HIT')"
    cents = f"nullif(try_cast({text('cost')} as decimal(38, 12)), 0)"
    code = f"try_cast({text('response_status_code')} as integer)"
    failed = f"(lower({text('is_success')}) in ('0', 'false') or {code} >= 400)"
    return FieldMapping(
        timestamp=text("created_at"),
        latency_ms=text("response_time"),
        call_id=text("id"),
        request_id=first_of(text("request_id"), text("id")),
        provider=text("ai_org"),
        model=text("ai_model"),
        input=text("req_units"),
        output=text("res_units"),
        total=text("total_units"),
        convention="'assumed'",
        cost=f"case when {hit} then '0' else cast({cents} * 0.01 as varchar) end",
        currency=text("cost_currency"),
        customer_id=first_of(labels("customer_id"), metadata.text("_user")),
        **labels.columns("subscription_tier", "product_id", "task_type", "session_id", *OF_RUNS),
        organization_id=first_of(labels("organization_id"), metadata.text("_organisation")),
        feature_id=first_of(labels("feature_id"), metadata.text("_prompt")),
        environment=first_of(labels("environment"), metadata.text("_environment")),
        trace_id=text("trace_id"),
        status=f"case when {failed} then 'error' else 'success' end",
    )


FORMATS = (Format("portkey", "Portkey logs", recognise, field_mapping, precedence=43),)
