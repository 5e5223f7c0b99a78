"""The three reports on usage-based revenue, as the scripts that a user types."""
