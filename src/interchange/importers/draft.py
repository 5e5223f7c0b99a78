"""What every importer delivers: one SQL expression a column, all of type VARCHAR, before any is judged.

A format says where a value stands; what a value must look like is said once, in `staging`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from interchange.importers.fields import Record, RecordFields
from interchange.sql_text import NULL


@dataclass
class Draft:
    """SQL expressions for one record. NULL or blank means: not known.

    Tokens are as the source counts them; `convention` says whether its input includes cached tokens: it does by
    our definition ('own'), by its documentation it does ('inclusive') or does not ('exclusive'), it should
    ('assumed'), or nothing is known ('unknown').
    """

    timestamp: str = NULL
    ended: str = NULL
    latency_ms: str = NULL
    """Preferred over `ended` minus `timestamp`."""
    latency_guess_ms: str = NULL
    """Used where `ended` is not known either."""
    call_id: str = NULL
    request_id: str = NULL
    provider: str = NULL
    model: str = NULL
    input: str = NULL
    output: str = NULL
    cached: str = NULL
    write: str = NULL
    write_1h: str = NULL
    reasoning: str = NULL
    total: str = NULL
    convention: str = "'inclusive'"
    reasoning_convention: str = "'inclusive'"
    service_tier: str = NULL
    """'batch' or 'flex' where the call was served later for half the price."""
    cost: str = NULL
    customer_id: str = NULL
    subscription_tier: str = NULL
    organization_id: str = NULL
    product_id: str = NULL
    feature_id: str = NULL
    task_type: str = NULL
    environment: str = NULL
    trace_id: str = NULL
    session_id: str = NULL
    user_agent: str = NULL
    status: str = NULL
    region: str = NULL
    tier_price_usd: str = NULL
    cost_source: str = NULL
    """'computed' where the source itself computed the cost; else a known cost is reported."""
    time_to_first_token_ms: str = NULL
    first_token_at: str = NULL
    """When the first token came, where no duration says it."""
    skip: str = NULL
    """Why a record is not a call; blank if it is one."""
    span: str = NULL
    """Names the record among those it may be nested with; `parent` names the one around it."""
    parent: str = NULL
    answer: str = NULL
    """Names the provider's answer: two records with the same one are one call."""

    def items(self) -> Iterator[tuple[str, str]]:
        """(name, SQL) of each column."""
        for entry in fields(self):
            yield entry.name, getattr(self, entry.name)


Sample = list[dict[str, Any]]
"""The first records of a file, parsed."""


@dataclass(frozen=True)
class Format:
    """A source format: how it is recognised, and where its records hold what a call needs.

    `recognise` judges the first records. Where a file nests records, `shapes` says which keys of its lines are
    read, as types of the engine, `relation` turns the relation `{records}` of these into one row a record with what
    it has in common with others, `{shared}`, and `fields` and `draft` map such a row.
    """

    name: str
    title: str
    recognise: Callable[[Sample], bool]
    draft: Callable[[Record], Draft]
    shapes: Mapping[str, str] = field(default_factory=dict)
    relation: str = ""
    fields: Callable[[], Record] = RecordFields
    nested: bool = False
    """Whether records can be nested, so that parents may repeat what their children count."""
    provider_doubtful: bool = False
    """Whether the provider named may be wrong, so that the model decides."""
    tags: tuple[str, ...] = ("tags",)
    """The path of a list of tags such as `feature:search`."""
    precedence: int = 80
    """Where the first records look like several formats, the one with the lowest is taken."""
