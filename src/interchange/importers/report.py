"""What an import found and did: every record accounted for by reason, cost, and what is unknown of it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from calls.cost_gaps import Gap
from interchange.importers.convergence import COMPLETED, LESS, SAME, Convergence
from interchange.importers.foreign_costs import Converted
from interchange.importers.nesting import NESTED_THERE
from interchange.importers.token_semantics import Semantics
from interchange.importers.unused_fields import Unused

DOUBLE_COUNTS = ("nested", NESTED_THERE, "same_answer", "repeated_in_file", SAME, LESS, COMPLETED)
LOST = (
    "not_json", "too_deep", "not_an_object", "bad_line", "no_timestamp", "bad_timestamp", "bad_number", "negative_cost",
    "bad_charge_category", "field_too_large", "total_only",
)  # fmt: skip
"""Reasons that leave out a call which its writer meant to be one."""


@dataclass(frozen=True)
class FileResult:
    """One file: the format found in it and what became of its records."""

    name: str
    format: str
    rows_read: int
    calls: int
    remark: str = ""
    """What the numbers of this source do not say."""


@dataclass(frozen=True)
class PassedOver:
    """A file of a folder that is no export of calls, and the sentence that says so."""

    name: str
    reason: str


@dataclass(frozen=True)
class CostResult:
    """Calls and dollars by where the cost comes from; unknown cost has no dollars, partial cost is a lower bound."""

    reported_calls: int
    reported_usd: Decimal
    computed_calls: int
    computed_usd: Decimal
    partial_calls: int
    partial_usd: Decimal
    unknown_calls: int


@dataclass(frozen=True)
class UnpricedModel:
    """A model that has no rate on the days of its calls, or none for one of their terms: `gap` names these."""

    provider: str
    model: str
    gap: str
    calls: int
    is_partial: bool


@dataclass(frozen=True)
class Totals:
    """Sums over the imported calls, as they stand in the CSV."""

    calls: int
    errors: int
    input_tokens: int
    output_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int


@dataclass(frozen=True)
class ImportReport:
    """All that an import found and did. `rows_read` = `added` + the calls replaced + the sum of `skipped`."""

    target: str
    written: bool
    files: tuple[FileResult, ...]
    rows_read: int
    skipped: dict[str, int]
    totals: Totals
    cost: CostResult
    unpriced: tuple[UnpricedModel, ...]
    token_semantics: tuple[Semantics, ...]
    first: datetime | None
    last: datetime | None
    lost_columns: tuple[str, ...]
    """Optional columns with values that the target file has no room for."""
    cost_words: dict[str, int] = field(default_factory=dict)
    """Calls by what stands in their cell of cost and is no amount: their cost is not reported."""
    status_words: dict[str, int] = field(default_factory=dict)
    """Calls by what stands in their cell of status and means neither error nor success here."""
    convergence: Convergence = field(default_factory=Convergence)
    """What became of records whose call the target holds, or seems to hold."""
    converted: tuple[Converted, ...] = ()
    """Costs that were not in dollars."""
    timezone: str = "UTC"
    """The zone of times that name none."""
    unzoned: dict[str, int] = field(default_factory=dict)
    """Calls by what there is to say of a time without a zone."""
    unused: tuple[Unused, ...] = ()
    """What mappings leave unused of their files."""
    passed_over: tuple[PassedOver, ...] = ()
    """Files of folders that are no exports of calls."""

    @property
    def calls(self) -> int:
        """Calls written: those added, and those that take the place of a lesser record."""
        return self.totals.calls

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The calls whose cost lacks something, the most first; their dollars stand in `cost`."""
        calls: Counter[tuple[str, bool]] = Counter()
        for entry in self.unpriced:
            calls[entry.gap, entry.is_partial] += entry.calls
        return tuple(
            Gap(gap, is_partial, count, Decimal(0)) for (gap, is_partial), count in calls.most_common() if gap
        )

    @property
    def added(self) -> int:
        """Calls that the target did not hold."""
        return self.calls - self.convergence.replaced.calls

    @property
    def same(self) -> int:
        """Records of calls that the target holds just so."""
        return self.skipped.get(SAME, 0)

    @property
    def double_counts_avoided(self) -> int:
        """Records that repeat a call counted elsewhere."""
        return sum(count for reason, count in self.skipped.items() if reason in DOUBLE_COUNTS)

    @property
    def lost(self) -> dict[str, int]:
        """Records that could not be used, by reason."""
        return {reason: count for reason, count in self.skipped.items() if reason in LOST}
