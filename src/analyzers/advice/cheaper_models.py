"""Cheaper models: which work one could do, at the tier and speed of the calls, and what that would cost.

Work is the same where task type and length band of the input agree. A target must already do that work in
these data often enough, and stand at most one grade below the model it replaces. The tokens that move are
priced at the ratio of both models' list prices for the tier and speed of the calls (a batch is compared with a
batch), or, where one of them has none, at what the target's calls of that tier and speed cost per token in the same
work. Quality is not in the data: a saving is a reason to test.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from analyzers.usage.sums import MEASURES, Usage, cached_per_calls, total_usage, usage_of
from calls.engine import Calls
from settings.pricing import Pricing
from settings.rates import Rate, cost
from settings.terms import Terms, service_tier_of

BANDS = ("under 1,000", "1,000 to 9,999", "10,000 and more")
"""Input tokens of a call, by band."""

GRADES = ("economy", "standard", "premium")
DEFERRED_TIERS = ("batch", "flex")
"""Tiers whose calls wait, for a lower price."""
LEAST_SAVING = Decimal("0.1")
"""A switch that saves less than this share is not worth a test."""

NO_USAGE = Usage()
WORK_ROLLUPS = ("work",)
"""What the queries here are asked of; with what it is made of, the most expensive rollup that all reports share."""

WORK = f"""
select task_type, length_band, provider, model, service_tier, speed,
       {MEASURES}
from work
where is_priced
group by task_type, length_band, provider, model, service_tier, speed
order by task_type, length_band, provider, model, service_tier, speed
"""

WORK_OF_CUSTOMERS = f"""
select customer_id, task_type, length_band, provider, model, service_tier, speed,
       {MEASURES}
from customer_work
where is_priced and customer_id in ({{customers}})
group by customer_id, task_type, length_band, provider, model, service_tier, speed
"""


@dataclass(frozen=True)
class Work:
    """The priced calls of one model, tier and speed for one task and length band."""

    task: str
    band: int
    provider: str
    model: str
    usage: Usage
    service_tier: str = ""
    """The canonical tier that served; "" is the standard one."""
    speed: str = ""

    @property
    def band_name(self) -> str:
        """The band in words: input tokens per call."""
        return BANDS[self.band]

    @property
    def variant(self) -> str:
        """Its tier and speed in words; "" where both are the standard ones."""
        return " ".join(filter(None, (self.service_tier, self.speed)))

    @property
    def is_deferred(self) -> bool:
        """Whether it is bought at the price of work that can wait already."""
        return self.service_tier in DEFERRED_TIERS

    @property
    def named(self) -> str:
        """The model, with its tier and speed where these are not the standard ones."""
        return f"{self.model} ({self.variant})" if self.variant else self.model


@dataclass(frozen=True)
class Switch:
    """The same work on another model. `usd_after` is what all its calls would have cost there."""

    work: Work
    provider: str
    model: str
    usd_after: Decimal
    grade_steps: int
    """How many grades the target stands below; 0 is the same grade or a better one."""

    @property
    def saving_usd(self) -> Decimal:
        """Saved over the period if every call moved."""
        return self.work.usage.cost_usd - self.usd_after


@cached_per_calls
def work(calls: Calls) -> tuple[Work, ...]:
    """The priced calls by task, length band and model."""
    return tuple(_together(_work(row) for row in calls.sql(WORK)))


def work_of(calls: Calls, customers: Sequence[str]) -> dict[str, list[Work]]:
    """The same for some customers, each by itself."""
    found: dict[str, list[Work]] = {customer: [] for customer in customers}
    if customers:
        names = {f"customer_{place}": customer for place, customer in enumerate(customers)}
        query = WORK_OF_CUSTOMERS.format(customers=", ".join(f"${name}" for name in names))
        for row in calls.sql(query, **names):
            found[row.customer_id].append(_work(row))
    return {customer: list(_together(lines)) for customer, lines in found.items()}


def _work(row: Any) -> Work:
    speed = row.speed.strip().lower()
    return Work(
        task=row.task_type,
        band=row.length_band,
        provider=row.provider,
        model=row.model,
        usage=usage_of(row),
        service_tier=service_tier_of(row.service_tier),
        speed="" if speed == "standard" else speed,
    )


def _together(lines: Iterable[Work]) -> Iterator[Work]:
    """The lines, those added up whose tier the calls only name in other words."""
    found: dict[Work, list[Work]] = defaultdict(list)
    for line in lines:
        found[replace(line, usage=NO_USAGE)].append(line)
    for line, same in found.items():
        yield replace(line, usage=total_usage(each.usage for each in same))


@dataclass(frozen=True)
class Target:
    """A model that already does some work, its list prices there, and how many grades it stands below."""

    work: Work
    rate: Rate | None
    grade_steps: int


@dataclass(frozen=True)
class Alternatives:
    """The list prices of work where it is done now, and where else it could be done.

    `contenders` are those of `all` one of which is the cheapest where the list price of the work is known.
    """

    rate: Rate | None
    all: Sequence[Target]
    contenders: Sequence[Target]


@dataclass(frozen=True)
class Targets:
    """Where work can move to, at the list prices of a day.

    `cells` are, by task and length band, the work that each model already does there, with the model's grade.
    """

    cells: Mapping[tuple[str, int], Sequence[tuple[Work, int]]]
    pricing: Pricing
    day: date
    _alternatives: dict[tuple[str | int, ...], Alternatives] = field(default_factory=dict)

    def of(self, line: Work) -> Alternatives:
        """What holds for a line of work: the same for lines of one task, band, model and class of sizes."""
        size = _size(line.usage)
        terms = line.service_tier, line.speed
        kind = (line.task, line.band, line.provider, line.model, *terms, self.pricing.size_class(size))
        if kind not in self._alternatives:
            self._alternatives[kind] = self._found(line, size)
        return self._alternatives[kind]

    def _found(self, line: Work, size: int) -> Alternatives:
        """Contenders are those that no tokens make cheaper than another, or than the line's own model."""
        grade, rate = _grade(line, self.pricing), _rate(self.pricing, line, line, self.day, size)
        near = [
            Target(peer, _rate(self.pricing, peer, line, self.day, size), grade - peer_grade)
            for peer, peer_grade in self.cells.get((line.task, line.band), ())
            if grade - peer_grade <= 1 and (peer.model != line.model or peer.provider != line.provider)
        ]
        rivals = [known for known in (rate, *(target.rate for target in near)) if known is not None]
        near = [target for target in near if _comparable(line, rate, target.work, target.rate)]
        contenders = [
            target
            for target in near
            if target.rate is None or not any(rival.undercuts(target.rate) for rival in rivals)
        ]
        return Alternatives(rate, near, contenders)


def _rate(pricing: Pricing, model: Work, line: Work, day: date, size: int) -> Rate | None:
    """The list prices of a model for the tier and speed of a line of work."""
    if not line.variant:
        return pricing.rate(model.provider, model.model, day, size)
    return pricing.variant_rate(Terms(model.provider, model.model, line.service_tier, line.speed), day, size)


def _comparable(line: Work, here: Rate | None, target: Work, there: Rate | None) -> bool:
    """Whether both have a list price for the line's tier and speed, or do their work at the same ones."""
    return (here is not None and there is not None) or line.variant == target.variant


def targets(peers: Iterable[Work], pricing: Pricing, day: date, calls_needed: int) -> Targets:
    """Where work can move to: models that have at least `calls_needed` calls of the same work."""
    cells: dict[tuple[str, int], list[tuple[Work, int]]] = defaultdict(list)
    for peer in peers:
        if peer.usage.calls >= calls_needed:
            cells[peer.task, peer.band].append((peer, _grade(peer, pricing)))
    return Targets(cells, pricing, day)


def switches(lines: Sequence[Work], pricing: Pricing, day: date, calls_needed: int) -> tuple[Switch, ...]:
    """The cheapest allowed target of each line of work that has one, the largest saving first.

    Args:
        lines: all work of a period.
        pricing: list prices and grades.
        day: whose list prices count.
        calls_needed: calls that a target must already have in the same work.
    """
    return switches_to(targets(lines, pricing, day, calls_needed), lines)


def switches_to(places: Targets, lines: Iterable[Work]) -> tuple[Switch, ...]:
    """The same for work that is a part of the period's, such as a customer's."""
    found = [best for best in (_best(line, places) for line in lines) if best]
    return tuple(sorted(found, key=_largest_first))


def _largest_first(switch: Switch) -> tuple[Decimal, str, int, str, str]:
    work = switch.work
    return -switch.saving_usd, work.task, work.band, work.model, work.provider


def _best(line: Work, places: Targets) -> Switch | None:
    """The cheapest target, if it saves enough."""
    usage, known = line.usage, places.of(line)
    here = _list_cost(usage, known.rate)
    most = usage.cost_usd * (1 - LEAST_SAVING)
    options = [
        (after, target.work.provider, target.work.model, target.grade_steps)
        for target in (known.contenders if here else known.all)
        if (after := _moved(usage, here, target.work.usage, target.rate)) is not None and after <= most
    ]
    if not options:
        return None
    after, provider, model, steps = min(options)
    return Switch(line, provider, model, after, max(steps, 0))


def _grade(line: Work, pricing: Pricing) -> int:
    """The place of a model among the grades; an unknown model counts as standard."""
    found = pricing.find(line.provider, line.model)
    return GRADES.index(found.grade) if found and found.grade in GRADES else 1


def repriced(line: Work, target: Work, pricing: Pricing, day: date) -> Decimal | None:
    """What the calls of `line` would cost on the model of `target`; None where nothing tells."""
    size = _size(line.usage)
    here, there = (_rate(pricing, model, line, day, size) for model in (line, target))
    if not _comparable(line, here, target, there):
        return None
    return _moved(line.usage, _list_cost(line.usage, here), target.usage, there)


def _moved(usage: Usage, here: Decimal | None, target: Usage, rate: Rate | None) -> Decimal | None:
    """What this usage would cost at that rate, or as the target's does; `here` is its list price where it is now."""
    there = _list_cost(usage, rate) if here else None
    if here and there is not None:
        return usage.cost_usd * there / here
    per_token = target.cost_per_1k_tokens_usd
    return None if per_token is None else per_token * usage.priced_tokens / 1000


def _list_cost(usage: Usage, rate: Rate | None) -> Decimal | None:
    return cost(
        rate, usage.input_tokens, usage.output_tokens, usage.cached_input_tokens, usage.cache_write_tokens
    )


def _size(usage: Usage) -> int:
    """Input tokens of a mean call: they decide which rates hold."""
    return usage.input_tokens // usage.calls
