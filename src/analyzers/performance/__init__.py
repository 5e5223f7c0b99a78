"""Performance tracking: its figures, tables, charts, words and methods."""
