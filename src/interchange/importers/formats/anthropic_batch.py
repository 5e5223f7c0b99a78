"""Anthropic Message Batches: result files, at the price of the tier batch.

No result has a time: name that of the batch with --set timestamp=TIME. Only what succeeded is billed.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Record
from interchange.importers.formats._anthropic_usage import usage_columns


def recognise(sample: Sample) -> bool:
    """Whether records are results of a batch."""
    return any("custom_id" in record and isinstance(record.get("result"), dict) for record in sample)


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a result; its counts do not overlap."""
    result = fields.within("result")

    def used(*keys: str) -> str:
        return result.text("message", "usage", *keys)

    answer = first_of(result.text("message", "id"), result.text("error", "request_id"))
    return FieldMapping(
        call_id=answer,
        request_id=answer,
        provider="'anthropic'",
        model=result.text("message", "model"),
        **(usage_columns(used) | {"service_tier": "'batch'"}),
        status=f"case when {result.text('type')} = 'succeeded' then 'success' else 'error' end",
    )


FORMATS = (
    Format(
        "anthropic-batch",
        "Anthropic batch results",
        recognise,
        field_mapping,
        precedence=35,
        lacks_time="the results of a batch of Anthropic, which tell no time",
    ),
)
