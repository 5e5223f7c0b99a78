"""What a provider billed: an amount, or a cost report of a provider read by its own column names.

Dollars by day and model where the report says so. Rows without a model (web search, storage) keep ''.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from dateutil.parser import isoparse

from foundation.outcome import Misuse
from foundation.places import text_of

DAY_FIELDS = (
    "start_time_iso",
    "usage_date_utc",
    "chargeperiodstart",
    "starting_at",
    "start_time",
    "date",
    "day",
    "timestamp",
)
MODEL_FIELDS = (
    "x_model",
    "model",
    "model_permaslug",
    "slug",
    "model_version",
    "line_item",
    "skumeter",
    "skuid",
    "description",
)
AMOUNT_FIELDS = ("billedcost", "amount_value", "cost_usd", "amount", "usage", "total_cost", "cost")
CURRENCY_FIELDS = ("billingcurrency", "amount_currency", "currency")


@dataclass(frozen=True)
class BillLine:
    """Dollars of one day and model; the day is None and the model '' where the bill does not say."""

    day: date | None
    model: str
    usd: Decimal


def read_bill(text: str) -> list[BillLine]:
    """The lines of a bill: `text` is an amount in dollars or the path of a report (CSV or JSON).

    Raises:
        Misuse: neither an amount nor a readable report in dollars.
    """
    amount = _decimal(text.strip().removeprefix("$").replace(",", ""))
    if amount is not None:
        return [BillLine(None, "", amount)]
    content = text_of(Path(text), f"--bill {text} is no amount in dollars such as 1234.56, and as a file it")
    records = list(_records(content, text))
    lines = [line for record in records if (line := _line(record, text)) is not None]
    if not lines:
        raise Misuse(f"{text} has no amounts; a bill needs one of the columns {', '.join(AMOUNT_FIELDS)}.")
    return lines


def _records(content: str, name: str) -> Iterator[dict[str, Any]]:
    if content.lstrip()[:1] not in ("{", "["):
        yield from csv.DictReader(io.StringIO(content, newline=None))
        return
    try:
        yield from _flat(json.loads(content))
    except (ValueError, RecursionError) as error:
        raise Misuse(f"{name} is not valid JSON ({error}); download it again.") from None


def _flat(value: Any, outer: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """Results of pages and buckets, each with the times of the bucket around it."""
    if isinstance(value, list):
        for entry in value:
            yield from _flat(entry, outer)
    elif isinstance(value, dict):
        inner = next((value[key] for key in ("data", "results") if isinstance(value.get(key), list)), None)
        around = {**(outer or {}), **{k: v for k, v in value.items() if not isinstance(v, list)}}
        if inner is None:
            yield around
        else:
            yield from _flat(inner, around)


def _line(record: Mapping[str, Any], name: str) -> BillLine | None:
    fields = {
        str(key).strip().lower().replace(" ", "_"): value for key, value in record.items() if key is not None
    }
    in_cents = "starting_at" in fields and isinstance(fields.get("amount"), str)
    amount = _amount(fields)
    if amount is None:
        return None
    currency = str(_first(fields, CURRENCY_FIELDS) or _nested(fields.get("amount"), "currency") or "usd")
    if currency.lower() != "usd":
        raise Misuse(f"{name} is in {currency}; a bill must be in US dollars.")
    usd = amount / 100 if in_cents else amount
    if "byok_usage" in fields or "byok_usage_inference" in fields:
        usd += _decimal(str(fields.get("byok_usage", fields.get("byok_usage_inference")) or "0")) or Decimal(
            0
        )
    return BillLine(_day(_first(fields, DAY_FIELDS)), _model(fields), usd)


def _amount(fields: Mapping[str, Any]) -> Decimal | None:
    for field in AMOUNT_FIELDS:
        value = fields.get(field)
        value = _nested(value, "value") if isinstance(value, dict) else value
        if value not in (None, ""):
            return _decimal(str(value))
    return None


def _model(fields: Mapping[str, Any]) -> str:
    text = str(_first(fields, MODEL_FIELDS) or "")
    # OpenAI's line items say "gpt-5-nano, input_tokens".
    return text.partition(",")[0].strip()


def _first(fields: Mapping[str, Any], names: Iterable[str]) -> Any:
    return next((fields[name] for name in names if fields.get(name) not in (None, "")), None)


def _nested(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _day(value: Any) -> date | None:
    if value is None:
        return None
    number = _decimal(str(value))
    try:
        if number is not None and number > 10**8:
            return datetime.fromtimestamp(int(number), UTC).date()
        return isoparse(str(value).strip().replace(" UTC", "").replace(" ", "T", 1)).date()
    except (ValueError, OverflowError, OSError):
        return None
