"""Organizational alignment: its figures, tables, charts, words and methods."""
