"""The mapping that the names of fields suggest: for a file of no known format whose fields say what they are.

A name alone is not enough: what stands in a field has to look like what is looked for, so that `input` is a count and
not a prompt. Nothing is imported by a suggestion; it becomes a command that the user may run.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from calls.schema import COLUMN_NAMES
from interchange.importers.reading.flat_fields import columns_of
from interchange.importers.tagged import NAMES as LABELS

_TIMES = (
    "timestamp", "time", "starttime", "startedat", "start", "requesttime", "requestedat", "createdat", "created",
    "datetime", "date", "ts", "when", "loggedat", "eventtime",
)  # fmt: skip
_INPUTS = (
    "inputtokens", "prompttokens", "tokensin", "inputtokencount", "prompttokencount", "tokensinput", "tokensprompt",
    "intokens", "requesttokens", "tokencountprompt", "numinputtokens", "numprompttokens", "prompt", "input", "in",
)  # fmt: skip
_OUTPUTS = (
    "outputtokens", "completiontokens", "tokensout", "outputtokencount", "completiontokencount", "tokensoutput",
    "tokenscompletion", "outtokens", "responsetokens", "tokencountcompletion", "generatedtokens", "numoutputtokens",
    "numcompletiontokens", "completion", "output", "out",
)  # fmt: skip


def _squashed(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.replace("_", "") for name in names)


def _is_count(value: Any) -> bool:
    return re.fullmatch(r"[0-9][0-9.,' ]*", str(value).strip()) is not None and not isinstance(value, bool)


def _is_amount(value: Any) -> bool:
    return (
        re.search(r"[0-9]", str(value)) is not None and len(str(value)) < 30 and not isinstance(value, bool)
    )


def _is_time(value: Any) -> bool:
    written = r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}.*|[0-9]{9,20}(\.[0-9]*)?"
    return re.fullmatch(written, str(value).strip()) is not None


def _is_label(value: Any) -> bool:
    return not isinstance(value, (list, dict)) and len(str(value)) <= 200


_LOOKED_FOR: dict[str, tuple[tuple[str, ...], Callable[[Any], bool]]] = {
    "timestamp": (_TIMES, _is_time),
    "end_time": (("endtime", "endedat", "end", "finishedat", "completedat"), _is_time),
    "model": (("model", "modelname", "modelid", "llmmodel", "llm", "engine", "llmmodelname"), _is_label),
    "provider": (("provider", "modelprovider", "llmprovider", "vendor"), _is_label),
    "input_tokens": (_INPUTS, _is_count),
    "output_tokens": (_OUTPUTS, _is_count),
    "cached_input_tokens": (
        ("cachedinputtokens", "cachereadinputtokens", "cachereadtokens", "cachedtokens", "cacheread"), _is_count,
    ),
    "cache_write_tokens": (
        ("cachewritetokens", "cachecreationinputtokens", "cachecreationtokens", "cachewrite"), _is_count,
    ),
    "reasoning_tokens": (("reasoningtokens", "thinkingtokens", "thoughtstokens"), _is_count),
    "total_tokens": (("totaltokens", "tokenstotal", "totaltokencount"), _is_count),
    "cost_usd": (("costusd", "totalcostusd", "usd", "totalcost", "cost", "spend"), _is_amount),
    "latency_ms": (("latencyms", "durationms", "responsetimems", "elapsedms"), _is_amount),
    "latency_s": (("latencys", "latencyseconds", "durations", "durationseconds", "elapsedseconds"), _is_amount),
    "call_id": (("callid", "generationid", "id", "uuid"), _is_label),
    "request_id": (("requestid",), _is_label),
    "trace_id": (("traceid",), _is_label),
    "status": (("status", "statuscode", "outcome"), _is_label),
    **{column: (_squashed(names), _is_label) for column, names in LABELS.items()},
    "customer_id": ((*_squashed(LABELS["customer_id"]), "client", "clientid", "enduser", "userid", "user"), _is_label),
}  # fmt: skip
"""Columns with the names that say them, the surest first, and what a value has to look like."""
NEEDED = ("timestamp", "model", "input_tokens", "output_tokens")


def suggested(sample: Iterable[Mapping[str, Any]], given: Iterable[str] = ()) -> list[str]:
    """What to map beside the columns `given`, as texts `column=path`; nothing where one of `NEEDED` is not found."""
    values = {path: found for path, found in columns_of(sample).items() if found}
    there = set(given)
    chosen: dict[str, str] = {}
    for column, (names, fits) in _LOOKED_FOR.items():
        if column in there:
            continue
        path = _found(names, fits, values, taken=chosen.values())
        if path and (column != "call_id" or _are_unique(values[path])):
            chosen[column] = path
    if not there | chosen.keys() >= set(NEEDED):
        return []
    return [f"{column}={path}" for column, path in chosen.items() if not _is_taken_anyway(column, path)]


def _is_taken_anyway(column: str, path: str) -> bool:
    return column == path and column in COLUMN_NAMES


def _found(
    names: Sequence[str],
    fits: Callable[[Any], bool],
    values: Mapping[str, Sequence[Any]],
    taken: Iterable[str],
) -> str:
    """The field with the surest name, the one nearest to the top first; '' if there is none."""
    used = set(taken)
    best = min(
        (
            (names.index(name), path.count("."), place, path)
            for place, (path, found) in enumerate(values.items())
            if path not in used and all(map(fits, found))
            for name in _said(path)
            if name in names
        ),
        default=None,
    )
    return best[-1] if best else ""


def _said(path: str) -> set[str]:
    """The names that a path may go by: its last keys, from one to three, without letter case and marks."""
    keys = [re.sub(r"[^a-z0-9]", "", key.lower()) for key in path.split(".")]
    return {"".join(keys[-count:]) for count in (1, 2, 3)}


def _are_unique(found: Sequence[Any]) -> bool:
    return len({str(value) for value in found}) == len(found)
