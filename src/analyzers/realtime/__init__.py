"""Real-time decision making: its figures, tables, charts, words and methods."""

COLUMNS = frozenset({"call_id", "session_id"})
"""It names single calls and follows them through a session."""
