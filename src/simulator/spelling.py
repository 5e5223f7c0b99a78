"""How the codes of a batch are spelled out: one SQL expression a line of the CSV, made of parts.

A part is one column, or a run of neighbouring columns that one code decides: these are looked up together, quoted
beforehand, so that DuckDB joins two dozen texts a call and need not look for signs to quote.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from calls.file.printing import csv_line
from foundation.sql_text import literal
from simulator.models import ROSTER
from simulator.workload import ENVIRONMENTS, FEATURES, REGIONS

TIMESTAMP_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
USER_AGENTS: dict[str, str] = {
    "support_desk": "support-desk/4.2 python-httpx/0.28",
    "document_hub": "document-hub/2.9 okhttp/4.12",
    "writing_studio": "writing-studio/7.0 node-fetch/3.3",
    "insight_lab": "insight-lab/1.8 python-httpx/0.28",
    "code_pilot": "code-pilot/3.5 vscode/1.106",
}
"""The client by product."""


@dataclass(frozen=True)
class Spelling:
    """How the codes of one pattern are written out: `plans` are (plan, monthly USD) by archetype code."""

    pattern: str
    customers: int
    organizations: int
    plans: tuple[tuple[str, Decimal], ...]

    @property
    def header(self) -> str:
        """The header line, without its end."""
        return csv_line(list(chain.from_iterable(self._expressions())), "")

    @property
    def line_sql(self) -> str:
        """A line of the CSV, without its end, over the arrays of a `Batch`."""
        return f"concat_ws(',', {', '.join(self._expressions().values())})"

    def _expressions(self) -> dict[tuple[str, ...], str]:
        """The SQL text of each part, never NULL, by the columns that it fills."""
        pattern = self.pattern
        organizations = [(f"org-{pattern}-{number + 1:02d}",) for number in range(self.organizations)]
        return {
            ("timestamp",): f"strftime(time_us, '{TIMESTAMP_FORMAT}')",
            ("call_id",): f"'call_' || {_hex('call_key')}",
            ("provider", "model"): _listed("model", [model.name for model in ROSTER]),
            ("input_tokens",): "input_tokens",
            ("output_tokens",): "output_tokens",
            ("cost_usd",): "cast(cost_nano_usd AS DECIMAL(18,0)) * cast('0.000000001' AS DECIMAL(9,9))",
            ("latency_ms",): "latency_ms",
            ("customer_id",): f"'{pattern}-' || (customer + {_customer_base(self.customers)})",
            ("subscription_tier",): _listed("archetype", [(plan,) for plan, _ in self.plans]),
            ("organization_id",): _listed("organization", organizations),
            ("product_id", "feature_id", "task_type"): _listed(
                "feature", [(feature.product, feature.name, feature.task) for feature in FEATURES]
            ),
            ("environment",): _listed("environment", [(name,) for name, _ in ENVIRONMENTS]),
            # A call is one request, so both ids are made of the same number.
            ("request_id",): f"'req_' || {_hex('call_key')}",
            ("trace_id",): f"{_hex('trace_key')} || {_hex('session_key')}",
            ("session_id",): f"'sess_' || {_hex('session_key')}",
            ("user_agent",): _listed("feature", [(USER_AGENTS[feature.product],) for feature in FEATURES]),
            ("cached_input_tokens",): "cached_tokens",
            ("cache_write_tokens",): "cache_write_tokens",
            ("reasoning_tokens",): "reasoning_tokens",
            ("status",): "CASE WHEN failed THEN 'error' ELSE 'success' END",
            ("region",): _listed("region", [(region,) for region in REGIONS]),
            ("tier_price_usd", "cost_source"): _listed(
                "archetype", [(f"{price:f}", "computed") for _, price in self.plans]
            ),
            ("time_to_first_token_ms",): "CASE WHEN first_token_ms < 0 THEN '' ELSE first_token_ms || '' END",
        }


def _customer_base(customers: int) -> int:
    """Where customer numbers start, so that all have the same length: 1001, 1002, ..."""
    return int(max(1_000, 10 ** len(str(customers)))) + 1


def _hex(key: str) -> str:
    return f"lower(hex({key}))"


def _listed(code: str, rows: Iterable[Sequence[str]]) -> str:
    """A look-up in a list of texts, which DuckDB does much faster than a join or a CASE."""
    return "[" + ", ".join(literal(csv_line(row, "")) for row in rows) + f"][{code} + 1]"
