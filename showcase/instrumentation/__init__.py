"""Ways to meter a call."""
