"""OpenAI Batch API: its output and error files, also of Azure, at the price of the tier batch.

A request that was refused or never executed has no time of its own: name that of its batch with --set timestamp=TIME.
"""

from interchange.importers.field_mapping import FieldMapping, Format, Sample
from interchange.importers.field_sql import first_of, tool_units
from interchange.importers.fields import Inner, Record


def recognise(sample: Sample) -> bool:
    """Whether records are answers of a batch, or say why there is none."""
    return any(
        {"custom_id", "response", "error"} <= record.keys() and "result" not in record for record in sample
    )


def field_mapping(fields: Record) -> FieldMapping:
    """The mapping of an answer: a chat completion, a response, or an embedding."""
    response = fields.within("response")
    body, usage = Inner(response, "body"), Inner(response, "body", "usage")

    def used(name: str, *names: str) -> str:
        return first_of(*(usage.text(*each.split("/")) for each in (name, *names)))

    prompt, completion = (
        ("prompt_tokens_details", "input_tokens_details"),
        ("completion_tokens_details", "output_tokens_details"),
    )

    def part(sides: tuple[str, str], name: str) -> str:
        return used(f"{sides[0]}/{name}", f"{sides[1]}/{name}")

    tools = {
        kind: _used(body.text("output"), item)
        for kind, item in (
            ("code_interpreter", "code_interpreter_call"),
            ("file_search", "file_search_call"),
            ("image_generation", "image_generation_call"),
        )
    }
    named = ", ".join(tool_units(kind, count) for kind, count in tools.items())
    code = f"try_cast({response.text('status_code')} as integer)"
    error = first_of(fields.text("error"), body.text("error"))
    call = first_of(fields.text("id"), response.text("request_id"))
    return FieldMapping(
        timestamp=first_of(body.text("created_at"), body.text("created")),
        call_id=call,
        request_id=first_of(body.text("id"), response.text("request_id")),
        provider="'openai'",
        model=body.text("model"),
        input=used("prompt_tokens", "input_tokens"),
        output=used("completion_tokens", "output_tokens"),
        cached=part(prompt, "cached_tokens"),
        write=part(prompt, "cache_write_tokens"),
        reasoning=part(completion, "reasoning_tokens"),
        input_audio_tokens=part(prompt, "audio_tokens"),
        output_audio_tokens=part(completion, "audio_tokens"),
        total=used("total_tokens"),
        cached_input_audio_tokens=part(prompt, "cached_tokens_details/audio_tokens"),
        web_search_requests=_used(body.text("output"), "web_search_call", "search"),
        tool_units=f"nullif(concat_ws(' ', {named}), '')",
        service_tier="'batch'",
        status=f"case when {code} >= 400 or {error} is not null then 'error' else 'success' end",
    )


def _used(output: str, kind: str, action: str = "") -> str:
    """SQL for how many items of an answer tell of a tool; where items name their action, only one may be billed."""
    items = f'try(json_transform({output}, \'[{{"type": "VARCHAR", "action": {{"type": "VARCHAR"}}}}]\'))'
    billed = f" and coalesce(i.action.type, '{action}') = '{action}'" if action else ""
    chosen = f"list_filter({items}, lambda i: i.type = '{kind}'{billed})"
    return f"cast(nullif(len({chosen}), 0) as varchar)"


FORMATS = (Format("openai-batch", "OpenAI batch results", recognise, field_mapping, precedence=34),)
