"""Pricing strategy: its figures, tables, charts, words and methods."""
