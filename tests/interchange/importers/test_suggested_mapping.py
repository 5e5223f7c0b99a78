"""The refusal of an unknown file prints the command that imports it, where names of fields say what they are."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from foundation.outcome import UsageError
from interchange.importers.suggested_mapping import suggested
from tests.checkout import ROOT
from tests.interchange.importers.importing import build_mapping, imported, written

SCRIPT = ROOT / "src" / "import_usage.py"


def refusal(folder: Path, name: str, *flags: str) -> str:
    """What the script says of a file in a folder, started there."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), name, *flags], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stdout
    return done.stderr


def command_of(text: str) -> str:
    (line,) = [line for line in text.splitlines() if line.startswith("python3 ")]
    return line


@pytest.mark.parametrize(
    ("name", "text", "flags"),
    [
        ("use.csv", "Created At,Model Name,Prompt Tokens,Completion Tokens,Cost\n2026-11-20T08:00:00Z,gpt-4o,1000,100,0.01\n", ()),
        ("it's $(odd) \"file\".csv", "ti'me,mo;del,tokens in,tokens out,total cost\n2026-11-20T08:00:00Z,gpt-4o,1000,100,0.01\n".replace("ti'me", "time").replace("mo;del", "model"), ("--set", "customer_id=it's me")),
        ("-dash.json", json.dumps({"log": {"rows": [{"ts": 1795161600, "model": "gpt-4o", "usage": {"prompt_tokens": 1000, "completion_tokens": 100}, "cost": 0.01}]}}), ()),
    ],
)  # fmt: skip
def test_the_command_imports_the_file_as_it_is_printed(
    tmp_path: Path, name: str, text: str, flags: tuple[str, ...]
) -> None:
    (tmp_path / name).write_text(text)
    target = tmp_path / "o ut.csv"
    said = refusal(tmp_path, f"./{name}" if name.startswith("-") else name, *flags, "--out", str(target))
    line = command_of(said)
    assert line == f"python3 {shlex.join(shlex.split(line)[1:])}"
    ran = f"{shlex.quote(sys.executable)} {line.removeprefix('python3 ')}"
    done = subprocess.run(["sh", "-c", ran], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (row,) = written(target)
    assert (row["timestamp"], row["model"], row["input_tokens"], row["output_tokens"], row["cost_usd"]) == (
        "2026-11-20T08:00:00.000000Z", "gpt-4o", "1000", "100", "0.010000000",
    )  # fmt: skip
    assert row["customer_id"] == ("it's me" if flags else "")


@pytest.mark.parametrize(
    ("record", "maps"),
    [
        (
            {"id": "a", "created": 1795161600, "model": "m", "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}, "user": "u"},
            ["timestamp=created", "input_tokens=usage.prompt_tokens", "output_tokens=usage.completion_tokens",
             "total_tokens=usage.total_tokens", "call_id=id", "customer_id=user"],
        ),
        # A prompt is no count, whatever its field is called.
        ({"time": "2026-11-20", "model": "m", "prompt": "Say 5", "completion": "5"}, []),
        ({"time": "2026-11-20", "model": "m", "prompt": "Say 5", "tokens_in": "1,200", "tokens_out": 5},
         ["timestamp=time", "input_tokens=tokens_in", "output_tokens=tokens_out"]),
        ({"time": "soon", "model": "m", "tokens_in": 4, "tokens_out": 5}, []),
        ({"time": "2026-11-20", "tokens_in": 4, "tokens_out": 5}, []),  # without a model
        ({"start_time": "2026-11-20", "end_time": "2026-11-20", "llm": "m", "in": 4, "out": 5, "duration_ms": 7, "tenant": "acme", "env": "prod"},
         ["timestamp=start_time", "end_time=end_time", "model=llm", "input_tokens=in", "output_tokens=out", "latency_ms=duration_ms",
          "customer_id=tenant", "environment=env"]),
        ({"a.b": {"time": "2026-11-20"}, "attributes": {"llm.model_name": "m", "llm.input_tokens": 3, "llm.output_tokens": 4}},
         ["timestamp=a.b.time", "model=attributes.llm.model_name", "input_tokens=attributes.llm.input_tokens",
          "output_tokens=attributes.llm.output_tokens"]),
    ],
)  # fmt: skip
def test_names_and_values_together_say_what_a_field_is(record: dict[str, Any], maps: list[str]) -> None:
    assert suggested([record]) == maps


def test_an_id_that_is_not_unique_is_none() -> None:
    record = {"id": "job", "time": "2026-11-20", "model": "m", "tokens_in": 4, "tokens_out": 5}
    assert "call_id=id" in suggested([record])
    assert "call_id=id" not in suggested([record, record])


def test_what_is_mapped_already_is_not_suggested_again(tmp_path: Path) -> None:
    record = {"moment": "2026-11-20", "model": "m", "tokens_in": 4, "tokens_out": 5}
    assert suggested([record], ["timestamp"]) == ["input_tokens=tokens_in", "output_tokens=tokens_out"]
    with pytest.raises(UsageError, match="no timestamp, and the mapping names none") as refused:
        imported(tmp_path, [record | {"time": "2026-11-20"}], mapping=build_mapping(["model=model"], []))
    assert "--map timestamp=time --map input_tokens=tokens_in" in str(refused.value)


def test_where_names_say_nothing_the_fields_and_lists_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"its fields: x, things.*--records can name: --records things \(2\)"
    ) as refused:
        imported(tmp_path, {"x": 1, "things": [{"a": 1}, {"a": 2}]})
    assert "python3" not in str(refused.value)
