"""Azure API Management: rows of ApiManagementGatewayLlmLog (CSV of the portal, JSON of queries).

A call has several rows, and its counts stand in the first of them. Cached tokens are not told apart.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Record

PORTAL_TIME = "%m/%d/%Y, %I:%M:%S.%f %p"
"""How the portal writes times, in UTC."""


def recognise(sample: Sample) -> bool:
    """Whether records are rows of the log."""
    return any({"CorrelationId", "PromptTokens", "CompletionTokens"} <= record.keys() for record in sample)


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a row."""
    text = fields.text
    time = first_of(text("TimeGenerated"), text("TimeGenerated [UTC]"), text("timestamp"))
    return FieldMapping(
        timestamp=f"coalesce(cast(try_strptime({time}, '{PORTAL_TIME}') as varchar), {time})",
        call_id=text("CorrelationId"),
        request_id=text("CorrelationId"),
        provider="'azure'",
        model=first_of(text("ModelName"), text("DeploymentName")),
        input=text("PromptTokens"),
        output=text("CompletionTokens"),
        total=text("TotalTokens"),
        convention="'assumed'",
        product_id=text("ApiId"),
        task_type=text("OperationName"),
        region=text("Region"),
        status="'success'",
        skip=f"case when coalesce(count_of({text('SequenceNumber')}), 0) <> 0 then 'not_a_call' end",
    )


FORMATS = (
    Format(
        "azure-apim",
        "Azure API Management LLM log",
        recognise,
        field_mapping,
        precedence=44,
        remark="Azure's log tells no cached tokens apart: costs are as if none were, and failures stand elsewhere",
    ),
)
