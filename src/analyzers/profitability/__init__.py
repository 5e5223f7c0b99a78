"""Customer profitability: its figures, tables, charts, words and methods."""
