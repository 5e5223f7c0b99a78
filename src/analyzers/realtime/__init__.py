"""Real-time decision making, part by part."""
