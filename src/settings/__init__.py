"""Prices, plans and thresholds: TOML files and the frozen dataclasses they become."""
