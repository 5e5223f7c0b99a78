"""Who is served: customers with their archetype, plan, organization, appetite and the features they use."""

from dataclasses import dataclass

import numpy as np

from simulator.models import GRADES, ROSTER
from simulator.sampling import TABLE_SIZE, Codes, Floats, Integers, apportion, code_table
from simulator.workload import FEATURES, REGIONS, TASK_CODE, TASKS


@dataclass(frozen=True)
class Archetype:
    """A kind of customer: its share of all, its plan, and its appetite relative to a light one's."""

    name: str
    share: float
    plan: str
    appetite: float


ARCHETYPES: tuple[Archetype, ...] = (
    Archetype("light", 0.70, "starter", 1.0),
    Archetype("power", 0.20, "pro", 3.4),
    Archetype("heavy", 0.10, "enterprise", 10.0),
)

OUTGROWN_SHARE = 0.10
"""Customers that use several times what their plan is made for; a heavy one has no larger plan to grow into."""
OUTGROWN_FACTORS = (3.8, 5.2)
ORGANIZATIONS = (8, 10)
HABITS = 48
"""Different sets of features in use; each customer has one."""
OUTPUT_WEIGHT = 5
"""An output token costs about five times an input token, so a call's size counts it five times."""


@dataclass(frozen=True)
class Population:
    """The customers of a pattern, one entry each, and the tables their calls are drawn from.

    Attributes:
        archetype, organization, habit: codes.
        outgrown: whether the customer has outgrown its plan.
        appetite: relative share of the calls.
        call_size: expected size of a call, in tokens of a standard model's input.
        organizations: how many there are.
        region: region code by organization.
        features: table of feature codes by habit.
        models: table of model codes by organization and task.
    """

    archetype: Codes
    organization: Codes
    habit: Codes
    outgrown: np.ndarray[tuple[int], np.dtype[np.bool_]]
    appetite: Floats
    call_size: float
    organizations: int
    region: Codes
    features: Codes
    models: Codes

    @property
    def size(self) -> int:
        """How many customers there are."""
        return len(self.archetype)


def populate(size: int, rng: np.random.Generator) -> Population:
    """Draws `size` customers; shares of archetypes and of outgrown plans are exact but for rounding."""
    archetype = _archetypes(size, rng)
    outgrown = _outgrown(archetype, rng)
    habits = _habits(rng)
    habit = rng.integers(0, HABITS, size).astype(np.uint8)
    organizations = min(size, int(rng.integers(ORGANIZATIONS[0], ORGANIZATIONS[1] + 1)))
    organization = _memberships(size, organizations, rng)
    models = _model_shares(organizations, rng)
    spending = _spending(archetype, outgrown, rng)
    appetite = spending / _call_sizes(habits, models)[organization, habit]
    return Population(
        archetype=archetype,
        organization=organization,
        habit=habit,
        outgrown=outgrown,
        appetite=appetite,
        call_size=float(spending.sum() / appetite.sum()),
        organizations=organizations,
        region=rng.integers(0, len(REGIONS), organizations).astype(np.uint8),
        features=code_table(habits),
        models=code_table(models).reshape(-1, TABLE_SIZE),
    )


def _archetypes(size: int, rng: np.random.Generator) -> Codes:
    counts = apportion(size, np.array([archetype.share for archetype in ARCHETYPES]))
    return rng.permutation(np.repeat(np.arange(len(ARCHETYPES), dtype=np.uint8), counts))


def _outgrown(archetype: Codes, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    can_grow = np.flatnonzero(archetype < len(ARCHETYPES) - 1)
    chosen = rng.permutation(can_grow)[: round(OUTGROWN_SHARE * len(archetype))]
    outgrown = np.zeros(len(archetype), dtype=np.bool_)
    outgrown[chosen] = True
    return outgrown


def _spending(
    archetype: Codes, outgrown: np.ndarray[tuple[int], np.dtype[np.bool_]], rng: np.random.Generator
) -> Floats:
    """What customers spend, relative to a light one."""
    typical = np.array([archetype.appetite for archetype in ARCHETYPES])[archetype]
    own = np.exp(np.clip(rng.normal(0.0, 0.25, len(archetype)), -0.5, 0.5))
    growth = np.where(outgrown, rng.uniform(*OUTGROWN_FACTORS, len(archetype)), 1.0)
    spending: Floats = typical * np.where(outgrown, 1.0, own) * growth
    return spending


def _memberships(size: int, organizations: int, rng: np.random.Generator) -> Codes:
    """An organization for each customer, none of them empty, some larger than others."""
    sizes = rng.dirichlet(np.full(organizations, 4.0))
    drawn = rng.choice(organizations, size, p=sizes)
    drawn[rng.permutation(size)[:organizations]] = np.arange(organizations)
    return drawn.astype(np.uint8)


def _habits(rng: np.random.Generator) -> Floats:
    """Feature shares by habit, shape (`HABITS`, features); adoption says how many habits have a feature."""
    adopted = np.zeros((HABITS, len(FEATURES)))
    for column, feature in enumerate(FEATURES):
        adopted[rng.permutation(HABITS)[: round(feature.adoption * HABITS)], column] = feature.popularity
    adopted[~adopted.any(axis=1), 0] = 1.0
    shares: Floats = adopted * rng.gamma(3.0, size=adopted.shape)
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def _model_shares(organizations: int, rng: np.random.Generator) -> Floats:
    """Model shares, shape (organizations, tasks, models): tasks ask for a grade, organizations have favourites."""
    grade = np.array([GRADES.index(model.grade) for model in ROSTER])
    taste = np.array([model.popularity for model in ROSTER]) * rng.gamma(
        2.0, size=(organizations, len(ROSTER))
    )
    of_grade = np.stack([taste[:, grade == code].sum(axis=1) for code in range(len(GRADES))], axis=1)
    wanted: Floats = np.array([task.grades for task in TASKS])[:, grade]
    shares: Floats = wanted[None] * (taste / of_grade[:, grade])[:, None]
    return shares


def _call_sizes(habits: Floats, models: Floats) -> Floats:
    """Expected size of a call by organization and habit, in tokens of a standard model's input."""
    tokens = np.array([task.input_tokens + OUTPUT_WEIGHT * task.output_tokens for task in TASKS])
    by_task = tokens * (models @ np.array([model.relative_cost for model in ROSTER]))
    task_of_feature = [TASK_CODE[feature.task] for feature in FEATURES]
    sizes: Floats = by_task[:, task_of_feature] @ habits.T
    return sizes


def active_mass(appetite: Floats, first_day: Integers, end_day: Integers, days: int) -> Floats:
    """The appetite of the customers active on each day; a customer is active from first to end, exclusive."""
    change = np.zeros(days + 1)
    np.add.at(change, first_day, appetite)
    np.subtract.at(change, end_day, appetite)
    present = np.bincount(first_day, minlength=days + 1) - np.bincount(end_day, minlength=days + 1)
    mass: Floats = np.where(np.cumsum(present) > 0, np.cumsum(change), 0.0)[:days]
    return mass
