"""The three reports on usage-based revenue."""
