"""Statistics as pure functions over small arrays, each with its source."""
