"""Prices, plans and thresholds: TOML files and the frozen dataclasses they become."""

from foundation import environment

environment.prefer()
