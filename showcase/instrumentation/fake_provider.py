"""A model provider on loopback: answers like OpenAI and Anthropic, with token counts made from the question.

It lets the real provider SDKs run without a network and a key. The model `overloaded` always answers 429.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

OVERLOADED = "overloaded"
CHARACTERS_PER_TOKEN = 4
TEXT = "The answer is forty-two."


@contextmanager
def fake_provider() -> Iterator[str]:
    """Serves until the block ends; yields the base URL, without `/v1`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="provider")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked_tokens(messages: list[dict[str, Any]]) -> int:
    """The input tokens of messages: instructions of 800, and the texts."""
    return 800 + sum(len(message["content"]) for message in messages) // CHARACTERS_PER_TOKEN


def openai_usage(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """OpenAI counts cached tokens within the prompt, and reasoning within the completion."""
    prompt = asked_tokens(messages)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": 120,
        "total_tokens": prompt + 120,
        "prompt_tokens_details": {"cached_tokens": 400},
        "completion_tokens_details": {"reasoning_tokens": 64},
    }


def anthropic_usage(messages: list[dict[str, Any]]) -> dict[str, int]:
    """Anthropic counts what was read from and written to a cache beside the input."""
    return {
        "input_tokens": asked_tokens(messages) - 600,
        "cache_read_input_tokens": 400,
        "cache_creation_input_tokens": 200,
        "output_tokens": 120,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answers a chat completion or a message."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if request["model"] == OVERLOADED:
            self._answer(429, {"error": {"type": "rate_limit_error", "message": "come again later"}})
        elif self.path.endswith("/chat/completions") and request.get("stream"):
            self._stream(_openai_chunks(request))
        elif self.path.endswith("/chat/completions"):
            self._answer(200, _openai_answer(request))
        else:
            self._answer(200, _anthropic_answer(request))

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps quiet."""

    def _answer(self, status: int, payload: dict[str, Any]) -> None:
        body = json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, chunks: list[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True


def _openai_answer(request: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": TEXT}
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": request["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": openai_usage(request["messages"]),
    }


def _openai_chunks(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The words one by one, then the usage, which a stream gives only when asked for it."""
    shared = {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": request["model"],
    }
    words = [{"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None} for word in TEXT.split()]
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    chunks = [{**shared, "choices": [choice], "usage": None} for choice in [*words, end]]
    if request.get("stream_options", {}).get("include_usage"):
        chunks.append({**shared, "choices": [], "usage": openai_usage(request["messages"])})
    return chunks


def _anthropic_answer(request: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"msg_{uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "model": request["model"],
        "content": [{"type": "text", "text": TEXT}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": anthropic_usage(request["messages"]),
    }
