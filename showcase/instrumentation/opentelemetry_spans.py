"""Meters with OpenTelemetry: each call is a span of the GenAI conventions, in a file that `import_usage.py` reads.

An application that is traced already needs no second instrument: the span of a model call holds the model, the
tokens, the time and the error, and takes the metadata as attributes. Spans go to a file here; in production the
OpenTelemetry Collector writes the same format. No Revenium SDK is involved and no key.
"""

if __name__ == "__main__":
    import pathlib
    import sys

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src"))
    from foundation import environment

    environment.require()

import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import import_usage
from foundation.console import run
from foundation.outcome import ExitCode
from showcase.instrumentation.assistant import MODEL, QUESTIONS, Question, asked, questions
from showcase.instrumentation.stage import installed, introduced, show, show_calls, show_install
from showcase.metadata.completion import Completion
from showcase.printed import heading, say

EXPORTER = "opentelemetry.exporter.otlp.json.file.trace_exporter"
CALLS = 8
BETWEEN = timedelta(seconds=10)


def attributes_of(question: Question, completion: Completion) -> dict[str, str | int]:
    """The attributes of a call's span: the conventions' own, and the metadata."""
    usage = completion.usage
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": completion.provider,
        "gen_ai.request.model": completion.model,
        "gen_ai.response.model": completion.model,
        "gen_ai.response.id": f"chatcmpl-{completion.call_id}",
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_input_tokens,
        **question.metadata().session("session_3").to_otel_attributes(),
    }


def failed_attributes(question: Question) -> dict[str, str | int]:
    """The attributes of a call that was refused: no tokens, but the kind of error."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": MODEL,
        "error.type": "RateLimitError",
        **question.metadata().to_otel_attributes(),
    }


def write_spans(path: Path, begun: datetime) -> int:
    """Writes the spans of some calls, the last of which fails, to an OTLP JSON file; returns how many."""
    from opentelemetry.exporter.otlp.json.file.trace_exporter import FileSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.trace import SpanKind, Status, StatusCode

    provider = TracerProvider(resource=Resource.create({"service.name": "assistant"}))
    provider.add_span_processor(SimpleSpanProcessor(FileSpanExporter(str(path))))
    tracer = provider.get_tracer("showcase")

    def span(moment: datetime, attributes: dict[str, str | int]) -> Any:
        return tracer.start_span(
            f"chat {MODEL}", kind=SpanKind.CLIENT, attributes=attributes, start_time=_nanoseconds(moment)
        )

    for number, question in enumerate(questions(CALLS)):
        completion = asked(question, begun + number * BETWEEN)
        span(completion.begun, attributes_of(question, completion)).end(_nanoseconds(completion.ended))
    refused = begun + CALLS * BETWEEN
    failed = span(refused, failed_attributes(QUESTIONS[0]))
    failed.set_status(Status(StatusCode.ERROR))
    failed.end(_nanoseconds(refused + timedelta(milliseconds=90)))
    provider.shutdown()
    return CALLS + 1


def play(spans: Path, calls: Path, *, kept: bool) -> None:
    """Writes spans, imports them, and shows the calls."""
    heading("1. Every model call as a span")
    count = write_spans(spans, datetime.now(UTC) - timedelta(hours=1))
    print(f"  {count} spans in {spans.name}, one line of OTLP JSON each; the first one's attributes:")
    show(attributes_of(QUESTIONS[0], asked(QUESTIONS[0])))
    heading("2. python3 src/import_usage.py spans.jsonl --out calls.csv")
    import_usage.main([str(spans), "--out", str(calls), "--quiet"])
    say("Spans carry no cost: the import prices the tokens at the prices of the call's own day.")
    show_calls(calls, kept=kept)


def main(argv: Sequence[str] | None = None) -> int:
    """Plays the demonstration; without OpenTelemetry, shows the attributes that a span would have."""
    target = introduced(__doc__, argv)
    if not installed(EXPORTER):
        heading("These would be a span's attributes")
        show(attributes_of(QUESTIONS[0], asked(QUESTIONS[0])))
        show_install(["opentelemetry"])
        return ExitCode.OK
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="showcase-")))
        play(folder / "spans.jsonl", target or folder / "calls.csv", kept=target is not None)
    return ExitCode.OK


def _nanoseconds(moment: datetime) -> int:
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1) * 1000


if __name__ == "__main__":
    sys.exit(run(main))
