"""LangSmith: runs of its API (JSON, JSON lines) and of its bulk export (Parquet, nested columns as JSON text).

Runs of models and of embeddings are calls; chains, tools and wrappers around them repeat the counts. A run's session_id
is its project; the conversation stands in its metadata. Times are UTC.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of
from interchange.importers.fields import Fields, Inner, Record
from interchange.importers.tagged import Labels, tagged

TIERS = ("priority", "flex")
"""Service tiers by which LangChain names the counts of a call."""


def recognise(sample: Sample) -> bool:
    """Whether records are runs."""
    return any(
        "run_type" in record
        and {"trace_id", "dotted_order"} & record.keys()
        and {"prompt_tokens", "session_id"} & record.keys()
        for record in sample
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of a run."""
    text = fields.text
    extra, outputs = fields.within("extra"), fields.within("outputs")
    metadata = Inner(extra, "metadata")
    message = fields.derived(
        f"cast(try(json_extract({text('outputs')}, '$.generations[0][0].message.kwargs')) as varchar)"
    )

    def used(name: str, older: str) -> str:
        return first_of(
            text(older),
            outputs.text("usage_metadata", name),
            message.text("usage_metadata", name),
            outputs.text("llm_output", "token_usage", older),
        )

    labels = tagged(fields, [text("tags")], [metadata.text()])
    above = first_of(text("parent_run_id"), f"try(json_extract_string({text('parent_run_ids')}, '$[#-1]'))")
    failed = f"({text('status')} = 'error' or {text('error')} is not null)"
    return FieldMapping(
        timestamp=text("start_time"),
        ended=text("end_time"),
        first_token_at=text("first_token_time"),
        call_id=text("id"),
        request_id=text("id"),
        provider=metadata.text("ls_provider"),
        model=first_of(
            metadata.text("ls_model_name"),
            message.text("response_metadata", "model_name"),
            outputs.text("llm_output", "model_name"),
            outputs.text("model"),
        ),
        input=used("input_tokens", "prompt_tokens"),
        output=used("output_tokens", "completion_tokens"),
        **_parts_of_tokens(fields, message),
        total=first_of(text("total_tokens"), outputs.text("usage_metadata", "total_tokens")),
        convention="'assumed'",
        service_tier=first_of(
            message.text("response_metadata", "service_tier"),
            outputs.text("llm_output", "service_tier"),
            *(_named_by_counts(fields, tier) for tier in TIERS),
        ),
        cost=text("total_cost"),
        **_whose(fields, metadata, labels),
        trace_id=text("trace_id"),
        session_id=first_of(
            *(metadata.text(name) for name in ("session_id", "thread_id", "conversation_id"))
        ),
        status=f"case when {failed} then 'error' else 'success' end",
        skip=f"case when {text('run_type')} not in ('llm', 'embedding') then 'not_a_call' "
        f"when {text('status')} = 'pending' then 'pending' end",
        span=text("id"),
        parent_id=above,
    )


def _named_by_counts(fields: Record, tier: str) -> str:
    """SQL for a tier, if counts are named by it."""
    named = [fields.within(f"{side}_token_details").text(tier) for side in ("prompt", "completion")]
    return f"case when coalesce({', '.join(named)}) is not null then '{tier}' end"


def _parts_of_tokens(fields: Record, message: Fields) -> dict[str, str]:
    """What of the tokens was cached, reasoned, or is sound."""
    read, made = fields.within("prompt_token_details"), fields.within("completion_token_details")
    written = [f"count_of({read.text(f'ephemeral_{span}_input_tokens')})" for span in ("5m", "1h")]
    return {
        "cached": first_of(
            *(read.text(f"{tier}cache_read") for tier in ("", *(f"{tier}_" for tier in TIERS))),
            message.text("usage_metadata", "input_token_details", "cache_read"),
        ),
        "write": first_of(
            read.text("cache_creation"),
            message.text("usage_metadata", "input_token_details", "cache_creation"),
            f"cast(coalesce({written[0]}, 0) + {written[1]} as varchar)",
            read.text("ephemeral_5m_input_tokens"),
        ),
        "write_1h": read.text("ephemeral_1h_input_tokens"),
        "reasoning": first_of(
            made.text("reasoning"), message.text("usage_metadata", "output_token_details", "reasoning")
        ),
        "input_audio_tokens": read.text("audio"),
        "output_audio_tokens": made.text("audio"),
    }


def _whose(fields: Record, metadata: Fields, labels: Labels) -> dict[str, str]:
    """Who and what the call was for."""
    text = fields.text
    return dict(
        customer_id=first_of(labels("customer_id"), metadata.text("user_id")),
        **labels.columns(
            "subscription_tier", "organization_id", "feature_id", "environment", "agent_version"
        ),
        product_id=first_of(labels("product_id"), text("session_name"), text("session_id")),
        task_type=first_of(labels("task_type"), text("run_type")),
        run_id=first_of(labels("run_id"), metadata.text("langgraph_run_id"), metadata.text("run_id")),
        agent_name=first_of(labels("agent_name"), metadata.text("lc_agent_name")),
        workflow=first_of(labels("workflow"), metadata.text("graph_id"), metadata.text("assistant_id")),
    )


FORMATS = (
    Format(
        "langsmith",
        "LangSmith runs",
        recognise,
        field_mapping,
        nested=True,
        provider_doubtful=True,
        tags=("tags",),
        calls_are="a run of type llm or embedding",
        precedence=18,
    ),
)
