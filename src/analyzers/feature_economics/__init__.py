"""Feature economics: its figures, tables, charts, words and methods."""
