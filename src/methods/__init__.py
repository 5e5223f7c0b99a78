"""Statistics as pure functions over small arrays, each with its source."""

from foundation import environment

environment.prefer()
