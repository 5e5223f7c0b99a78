"""Everything about a batch of calls, as arrays of codes and numbers: drawn here, spelled out by `spelling`."""

from dataclasses import dataclass

import numpy as np

from simulator.costs import RateTable, Usage
from simulator.models import ROSTER, Caching
from simulator.population import Population
from simulator.sampling import Codes, Floats, Integers, Keys, Uniforms, code_table, draw, scrambled
from simulator.traffic import HOUR_US, Slots
from simulator.workload import ENVIRONMENTS, FEATURES, TASK_CODE, TASKS

INPUT_MAX = 180_000
OUTPUT_MAX = 32_000
CACHE_STEP = 128
CACHE_MINIMUM = 1_024
"""Shorter prompts are not cached."""
CACHE_SHARES = (0.35, 0.90)
CACHE_WRITE_RATIO = 0.22
"""Prompts written to a cache for each prompt read from one."""

REJECTED_SHARE = 0.7
"""Failed calls that the provider turns away: no tokens, no cost. The others time out after their input was read."""
TIMEOUT_MS = 60_000
SLOW_SHARE = 0.02
SLOW_FACTORS = (2.0, 7.0)
PREFILL_MS_PER_TOKEN = 0.012

SESSION_US = 3 * HOUR_US
TRACE_US = HOUR_US // 6
_TASK_OF_FEATURE = np.array([TASK_CODE[feature.task] for feature in FEATURES], dtype=np.uint8)
_INPUT = np.log([task.input_tokens for task in TASKS])
_OUTPUT = np.log([task.output_tokens for task in TASKS])
_SPREAD = np.array([task.spread for task in TASKS])
_CACHEABLE = np.array([task.cacheable for task in TASKS], dtype=np.float32)
_REASONING = np.array([model.reasoning_share for model in ROSTER])
_ERRORS = np.array([model.error_share for model in ROSTER], dtype=np.float32)
_FIRST_TOKEN = np.array([model.first_token_ms for model in ROSTER])
_PER_TOKEN = np.array([model.ms_per_token for model in ROSTER])
_CACHES = np.array([model.caching is not Caching.NONE for model in ROSTER])
_WRITES = np.array([model.caching is Caching.EXPLICIT for model in ROSTER])
_ENVIRONMENTS = code_table(np.array([[share for _, share in ENVIRONMENTS]]))

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Batch:
    """A run of calls in order of time, one entry of each array a call.

    Codes index the lists of `models`, `workload` and `population`; keys are 16 hex digits that identify a
    call, a session, ...; money is whole nano-dollars; a time to first token of -1 means unknown.
    """

    time_us: Integers
    call_key: Keys
    trace_key: Keys
    session_key: Keys
    customer: Integers
    organization: Codes
    region: Codes
    archetype: Codes
    feature: Codes
    model: Codes
    environment: Codes
    input_tokens: Integers
    output_tokens: Integers
    cached_tokens: Integers
    cache_write_tokens: Integers
    reasoning_tokens: Integers
    cost_nano_usd: Integers
    latency_ms: Integers
    first_token_ms: Integers
    failed: Flags

    @property
    def size(self) -> int:
        """How many calls there are."""
        return len(self.time_us)


@dataclass(frozen=True)
class Recipe:
    """What all batches of a simulation share.

    `call_size` scales the tokens of every call; `identity` keeps the keys of two simulations apart.
    """

    population: Population
    rates: RateTable
    call_size: float
    identity: int
    slot_us: int


@dataclass(frozen=True)
class _Tokens:
    input: Integers
    output: Integers
    cached: Integers
    written: Integers
    reasoning: Integers


def draw_batch(recipe: Recipe, slots: Slots, customer: Integers, rng: np.random.Generator) -> Batch:
    """Draws everything else about calls whose slot and customer are known."""
    people, size = recipe.population, len(customer)
    organization = people.organization[customer]
    feature = draw(people.features, people.habit[customer], _uniform(rng, size))
    task = _TASK_OF_FEATURE[feature]
    model = draw(people.models, organization.astype(np.int64) * len(TASKS) + task, _uniform(rng, size))
    failed, rejected = _failures(model, rng)
    tokens = _tokens(recipe.call_size, task, model, failed, rejected, rng)
    latency, first_token = _latencies(model, tokens, failed, rejected, rng)
    time_us = _times(slots, recipe.slot_us, rng)
    day = np.repeat(slots.day, slots.calls)
    usage = Usage(tokens.input, tokens.output, tokens.cached, tokens.written)
    number = np.arange(slots.first, slots.first + size, dtype=np.uint64) + np.uint64(recipe.identity)
    return Batch(
        time_us=time_us,
        call_key=scrambled(number),
        trace_key=_visit_key(recipe, customer, time_us // TRACE_US, _TRACE),
        session_key=_visit_key(recipe, customer, time_us // SESSION_US, _SESSION),
        customer=customer,
        organization=organization,
        region=people.region[organization],
        archetype=people.archetype[customer],
        feature=feature,
        model=model,
        environment=draw(_ENVIRONMENTS, np.zeros(size, dtype=np.uint8), _uniform(rng, size)),
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cached_tokens=tokens.cached,
        cache_write_tokens=tokens.written,
        reasoning_tokens=tokens.reasoning,
        cost_nano_usd=recipe.rates.nano_usd(day, model, usage),
        latency_ms=latency,
        first_token_ms=first_token,
        failed=failed,
    )


_TRACE, _SESSION = (np.uint64(number << 56) for number in (2, 3))


def _uniform(rng: np.random.Generator, size: int) -> Uniforms:
    return rng.random(size, dtype=np.float32)


def _times(slots: Slots, slot_us: int, rng: np.random.Generator) -> Integers:
    times = np.repeat(slots.start_us, slots.calls)
    times += rng.integers(0, slot_us, len(times))
    times.sort()
    return times


def _visit_key(recipe: Recipe, customer: Integers, interval: Integers, kind: np.uint64) -> Keys:
    """One key for all calls of a customer in the same interval of time."""
    visit = (customer.astype(np.uint64) << np.uint64(24)) + (interval % (1 << 24)).astype(np.uint64)
    return scrambled((visit + np.uint64(recipe.identity)) ^ kind)


def _failures(model: Codes, rng: np.random.Generator) -> tuple[Flags, Flags]:
    """Which calls fail, and which of these the provider rejects outright."""
    chance, share = _uniform(rng, len(model)), _ERRORS[model]
    return chance < share, chance < share * np.float32(REJECTED_SHARE)


def _tokens(
    call_size: float, task: Codes, model: Codes, failed: Flags, rejected: Flags, rng: np.random.Generator
) -> _Tokens:
    size, spread = len(task), _SPREAD[task]
    first, second = rng.standard_normal(size), rng.standard_normal(size)
    reasoning_share = _REASONING[model] * (0.5 + _uniform(rng, size))
    prompt = _counts(_INPUT[task] + spread * first, call_size, INPUT_MAX)
    answer = _counts(
        _OUTPUT[task] + spread * (0.4 * first + 0.8 * second), call_size / (1.0 - reasoning_share), OUTPUT_MAX
    )
    prompt[rejected] = 0
    answer[failed] = 0
    cached, written = _cache(task, model, prompt, rng)
    return _Tokens(prompt, answer, cached, written, (answer * reasoning_share).astype(np.int64))


def _counts(logarithm: Floats, scale: float | Floats, maximum: int) -> Integers:
    return np.clip(np.exp(logarithm) * scale, 1, maximum).astype(np.int64)


def _cache(
    task: Codes, model: Codes, prompt: Integers, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Tokens read from and written to a cache, in whole steps; a call does one or the other."""
    chance, share = _uniform(rng, len(task)), _uniform(rng, len(task))
    low, high = CACHE_SHARES
    prefix = (prompt * (low + (high - low) * share)).astype(np.int64) // CACHE_STEP * CACHE_STEP
    prefix[prompt < CACHE_MINIMUM] = 0
    hit = _CACHEABLE[task]
    read = (chance < hit) & _CACHES[model]
    write = (chance >= hit) & (chance < hit * np.float32(1 + CACHE_WRITE_RATIO)) & _WRITES[model]
    return prefix * read, prefix * write


def _latencies(
    model: Codes, tokens: _Tokens, failed: Flags, rejected: Flags, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Latency and time to first token in ms: log-normal waiting and writing, and now and then a slow call."""
    size = len(model)
    waiting = np.exp(0.38 * rng.standard_normal(size))
    slow = _uniform(rng, size)
    low, high = SLOW_FACTORS
    slowness = np.where(slow < SLOW_SHARE, low + (high - low) * slow / SLOW_SHARE, 1.0)
    uncached = tokens.input - tokens.cached
    first_token = (_FIRST_TOKEN[model] + PREFILL_MS_PER_TOKEN * uncached) * waiting * slowness
    writing = tokens.output * _PER_TOKEN[model] * (0.75 + 0.5 * _uniform(rng, size)) * slowness
    latency = (first_token + writing).astype(np.int64)
    first = first_token.astype(np.int64)
    latency[failed] += TIMEOUT_MS
    latency[rejected] = first[rejected] // 4
    first[failed] = -1
    return latency, first
