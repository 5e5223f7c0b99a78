"""Rate optimization: its figures, tables, charts, words and methods."""
