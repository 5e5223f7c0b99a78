"""The seven models that simulated customers call: how fast they answer, how often they fail, how they cache.

Speeds and shares are plausible round figures for a simulation, not measurements; what a model costs stands in
settings/pricing.toml alone.
"""

from dataclasses import dataclass
from enum import Enum


class Caching(Enum):
    """Who decides which part of a prompt is cached."""

    AUTOMATIC = "the provider reads repeated prefixes from its cache; writing is free"
    EXPLICIT = "the caller marks a prefix; writing it has its own rate"
    NONE = "every prompt is read afresh"


@dataclass(frozen=True)
class SimulatedModel:
    """The character of a model.

    `first_token_ms` and `ms_per_token` are medians; `reasoning_share` is the mean share of the output tokens
    that is reasoning; `error_share` is the share of calls that fail; `popularity` is relative to other
    models of its grade. `relative_cost` says roughly what a token costs relative to a standard model's: it decides how
    often customers call, and is no price, so that other prices in pricing.toml leave the calls as they are.
    """

    provider: str
    model: str
    grade: str
    popularity: float
    relative_cost: float
    first_token_ms: float
    ms_per_token: float
    error_share: float
    caching: Caching
    reasoning_share: float = 0.0

    @property
    def name(self) -> tuple[str, str]:
        """Provider and model."""
        return self.provider, self.model


GRADES: tuple[str, ...] = ("premium", "standard", "economy")

ROSTER: tuple[SimulatedModel, ...] = (
    SimulatedModel("openai", "gpt-6-astra", "premium", 0.5, 5.0, 950, 13.0, 0.012, Caching.AUTOMATIC, 0.45),
    SimulatedModel("openai", "gpt-6.1-sol", "standard", 1.0, 1.0, 560, 9.0, 0.010, Caching.AUTOMATIC, 0.25),
    SimulatedModel("openai", "gpt-6-luna", "economy", 1.2, 0.05, 330, 5.0, 0.009, Caching.AUTOMATIC),
    SimulatedModel(
        "anthropic", "claude-opus-5-5", "premium", 1.0, 2.0, 1100, 17.0, 0.015, Caching.EXPLICIT, 0.30
    ),
    SimulatedModel(
        "anthropic", "claude-sonnet-5-5", "standard", 1.2, 1.0, 700, 12.0, 0.012, Caching.EXPLICIT
    ),
    SimulatedModel(
        "bedrock", "anthropic.claude-sonnet-5-5", "standard", 0.6, 1.0, 860, 13.0, 0.019, Caching.EXPLICIT
    ),
    SimulatedModel("bedrock", "amazon.nova-pro", "economy", 0.8, 0.35, 430, 8.0, 0.021, Caching.AUTOMATIC),
)
"""The models, in the order of their codes."""
