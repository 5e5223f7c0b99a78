"""Real-time decision making, part by part."""

COLUMNS = frozenset({"call_id", "session_id"})
"""It names single calls and follows them through a session."""
